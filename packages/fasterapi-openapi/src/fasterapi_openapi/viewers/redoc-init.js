// Starts ReDoc with the configuration that the page carries as data, so that no script stands in the page.
"use strict";
(function () {
  const root = document.getElementById("redoc");
  const page = JSON.parse(root.dataset.configuration);
  Redoc.init(page.openapiUrl, page.parameters, root);
})();
