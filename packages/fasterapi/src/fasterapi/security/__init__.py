"""Security schemes: dependencies that take credentials from a request, and say so in the OpenAPI document.

Knows: FastAPI's names. Does not know: how credentials are checked: that is the application's.
"""

from typing import TYPE_CHECKING

from fasterapi._lazy import lazy_names

if TYPE_CHECKING:
    from fasterapi.security.api_key import APIKeyCookie, APIKeyHeader, APIKeyQuery
    from fasterapi.security.http import (
        HTTPAuthorizationCredentials,
        HTTPBasic,
        HTTPBasicCredentials,
        HTTPBearer,
        HTTPDigest,
    )
    from fasterapi.security.oauth2 import (
        OAuth2,
        OAuth2AuthorizationCodeBearer,
        OAuth2PasswordBearer,
        OAuth2PasswordRequestForm,
        OAuth2PasswordRequestFormStrict,
        SecurityScopes,
    )
    from fasterapi.security.open_id_connect_url import OpenIdConnect
    from fasterapi.security.utils import compare_secrets
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi.security.api_key": ("APIKeyCookie", "APIKeyHeader", "APIKeyQuery"),
            "fasterapi.security.http": (
                "HTTPAuthorizationCredentials",
                "HTTPBasic",
                "HTTPBasicCredentials",
                "HTTPBearer",
                "HTTPDigest",
            ),
            "fasterapi.security.oauth2": (
                "OAuth2",
                "OAuth2AuthorizationCodeBearer",
                "OAuth2PasswordBearer",
                "OAuth2PasswordRequestForm",
                "OAuth2PasswordRequestFormStrict",
                "SecurityScopes",
            ),
            "fasterapi.security.open_id_connect_url": ("OpenIdConnect",),
            "fasterapi.security.utils": ("compare_secrets",),
        },
    )

__all__ = [
    "APIKeyCookie",
    "APIKeyHeader",
    "APIKeyQuery",
    "HTTPAuthorizationCredentials",
    "HTTPBasic",
    "HTTPBasicCredentials",
    "HTTPBearer",
    "HTTPDigest",
    "OAuth2",
    "OAuth2AuthorizationCodeBearer",
    "OAuth2PasswordBearer",
    "OAuth2PasswordRequestForm",
    "OAuth2PasswordRequestFormStrict",
    "OpenIdConnect",
    "SecurityScopes",
    "compare_secrets",
]
