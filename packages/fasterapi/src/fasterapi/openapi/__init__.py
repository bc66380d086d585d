"""The framework's side of OpenAPI: routes → `fasterapi_openapi`'s neutral specifications, and the pages' routes."""
