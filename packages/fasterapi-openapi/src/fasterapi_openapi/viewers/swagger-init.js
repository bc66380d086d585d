// Starts Swagger UI with the configuration that the page carries as data, so that no script stands in the page.
"use strict";
(function () {
  const root = document.getElementById("swagger-ui");
  const page = JSON.parse(root.dataset.configuration);
  const configuration = {
    validatorUrl: null, // the default asks a public service about every document
    presets: [SwaggerUIBundle.presets.apis],
    ...page.parameters,
    url: page.openapiUrl,
  };
  if (page.oauth2RedirectUrl) {
    configuration.oauth2RedirectUrl = new URL(page.oauth2RedirectUrl, window.location.href).href;
  }
  const ui = SwaggerUIBundle(configuration);
  if (page.initOAuth) {
    ui.initOAuth(page.initOAuth);
  }
})();
