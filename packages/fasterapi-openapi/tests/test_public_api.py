"""The public names, and what importing them costs."""

import subprocess
import sys

import fasterapi_openapi

PUBLIC = [
    "ASSET_NAMES", "ApiKeyScheme", "Asset", "AssetNotFound", "BodySpec", "Document", "DocumentSpec",
    "DuplicateOperation", "DuplicateOperationId", "FieldSpec", "HeaderSpec", "HttpScheme", "InvalidSpec",
    "MediaSpec", "MutualTLSScheme", "OAuth2Scheme", "OAuthFlow", "OAuthFlows", "OpenAPIError", "OpenAPIWarning",
    "OpenIdConnectScheme", "OperationSpec", "ParameterSpec", "ResponseSpec", "SWAGGER_UI_DEFAULT_PARAMETERS",
    "SecurityScheme", "UnsupportedType", "__version__", "asset", "build_document", "content_security_policy",
    "encode", "oauth2_redirect_html", "redoc_html", "scalar_html", "swagger_ui_html", "to_builtins",
]  # fmt: skip
SUBMODULES = {
    "annotation", "assets", "build", "collect", "components", "constraint", "describe", "docstring", "document",
    "errors", "fields", "naming", "operation", "pages", "policy", "scalar", "schema", "security", "validation", "values",
}  # fmt: skip


def test_public_names_are_exactly_these() -> None:
    assert sorted(fasterapi_openapi.__all__) == sorted(PUBLIC)
    public = {name for name in dir(fasterapi_openapi) if not name.startswith("_")} - SUBMODULES
    assert public - {"TYPE_CHECKING", "lazy_names"} == set(PUBLIC) - {"__version__"}
    assert [name for name in PUBLIC if not hasattr(fasterapi_openapi, name)] == []


def test_importing_loads_no_framework_no_files_and_no_heavy_modules() -> None:
    heavy = [
        "asyncio",
        "importlib.resources",
        "http.client",
        "email",
        "logging",
        "dataclasses",
        "fasterapi",
        "json",
        "gzip",
        "hashlib",
        "html",
        "http",
    ]
    code = (
        "import sys, msgspec; before = set(sys.modules); import fasterapi_openapi;"
        f"print([name for name in {heavy} if name in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
