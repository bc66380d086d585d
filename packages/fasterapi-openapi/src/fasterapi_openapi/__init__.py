"""OpenAPI 3.1 documents from msgspec types, and documentation pages that work offline."""

from fasterapi_openapi._version import __version__
from fasterapi_openapi.assets import ASSET_NAMES, Asset, asset
from fasterapi_openapi.build import build_document
from fasterapi_openapi.describe import (
    BodySpec,
    DocumentSpec,
    FieldSpec,
    HeaderSpec,
    MediaSpec,
    OperationSpec,
    ParameterSpec,
    ResponseSpec,
)
from fasterapi_openapi.document import Document, encode, to_builtins
from fasterapi_openapi.errors import (
    AssetNotFound,
    DuplicateOperation,
    DuplicateOperationId,
    InvalidSpec,
    OpenAPIError,
    OpenAPIWarning,
    UnsupportedType,
)
from fasterapi_openapi.pages import (
    SWAGGER_UI_DEFAULT_PARAMETERS,
    oauth2_redirect_html,
    redoc_html,
    scalar_html,
    swagger_ui_html,
)
from fasterapi_openapi.policy import content_security_policy
from fasterapi_openapi.security import (
    ApiKeyScheme,
    HttpScheme,
    MutualTLSScheme,
    OAuth2Scheme,
    OAuthFlow,
    OAuthFlows,
    OpenIdConnectScheme,
    SecurityScheme,
)

__all__ = [
    "ASSET_NAMES",
    "SWAGGER_UI_DEFAULT_PARAMETERS",
    "ApiKeyScheme",
    "Asset",
    "AssetNotFound",
    "BodySpec",
    "Document",
    "DocumentSpec",
    "DuplicateOperation",
    "DuplicateOperationId",
    "FieldSpec",
    "HeaderSpec",
    "HttpScheme",
    "InvalidSpec",
    "MediaSpec",
    "MutualTLSScheme",
    "OAuth2Scheme",
    "OAuthFlow",
    "OAuthFlows",
    "OpenAPIError",
    "OpenAPIWarning",
    "OpenIdConnectScheme",
    "OperationSpec",
    "ParameterSpec",
    "ResponseSpec",
    "SecurityScheme",
    "UnsupportedType",
    "__version__",
    "asset",
    "build_document",
    "content_security_policy",
    "encode",
    "oauth2_redirect_html",
    "redoc_html",
    "scalar_html",
    "swagger_ui_html",
    "to_builtins",
]
