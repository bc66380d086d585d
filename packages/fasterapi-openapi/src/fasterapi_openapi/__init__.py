"""OpenAPI 3.1 documents from msgspec types, and documentation pages that work offline."""

from typing import TYPE_CHECKING

from fasterapi_openapi._lazy import lazy_names
from fasterapi_openapi._version import __version__
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

if TYPE_CHECKING:
    from fasterapi_openapi.assets import ASSET_NAMES, Asset, asset
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
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi_openapi.assets": ("ASSET_NAMES", "Asset", "asset"),
            "fasterapi_openapi.pages": (
                "SWAGGER_UI_DEFAULT_PARAMETERS",
                "oauth2_redirect_html",
                "redoc_html",
                "scalar_html",
                "swagger_ui_html",
            ),
            "fasterapi_openapi.policy": ("content_security_policy",),
            "fasterapi_openapi.security": (
                "ApiKeyScheme",
                "HttpScheme",
                "MutualTLSScheme",
                "OAuth2Scheme",
                "OAuthFlow",
                "OAuthFlows",
                "OpenIdConnectScheme",
                "SecurityScheme",
            ),
        },
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
