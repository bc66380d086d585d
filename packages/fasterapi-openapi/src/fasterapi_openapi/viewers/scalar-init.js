// Starts Scalar with the configuration that the page carries as data, so that no script stands in the page.
"use strict";
(function () {
  const root = document.getElementById("scalar");
  const page = JSON.parse(root.dataset.configuration);
  Scalar.createApiReference(root, { ...page.parameters, url: page.openapiUrl });
})();
