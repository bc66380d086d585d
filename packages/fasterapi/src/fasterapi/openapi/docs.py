"""The documentation pages as responses, under FastAPI's names.

Knows: responses. Does not know: the pages' text (`fasterapi_openapi.pages`), routes.
"""

from collections.abc import Iterable
from typing import Any

import fasterapi_openapi
from fasterapi.responses import HTMLResponse
from fasterapi_openapi import SWAGGER_UI_DEFAULT_PARAMETERS, content_security_policy

__all__ = [
    "get_redoc_html",
    "get_scalar_html",
    "get_swagger_ui_html",
    "get_swagger_ui_oauth2_redirect_html",
    "swagger_ui_default_parameters",
]

swagger_ui_default_parameters = SWAGGER_UI_DEFAULT_PARAMETERS


def get_swagger_ui_html(*, servers: Iterable[str] = (), **options: Any) -> HTMLResponse:
    """Swagger UI; arguments as `fasterapi_openapi.swagger_ui_html` takes them.

    `servers` are addresses on other hosts that "Try it out" may call.
    """
    resources = [
        options.get(name) or "" for name in ("swagger_js_url", "swagger_css_url", "swagger_favicon_url")
    ]
    policy = content_security_policy("swagger", resources=resources, connect=servers)
    return _page(fasterapi_openapi.swagger_ui_html(**options), policy)


def get_redoc_html(**options: Any) -> HTMLResponse:
    """ReDoc; arguments as `fasterapi_openapi.redoc_html` takes them."""
    resources = [options.get(name) or "" for name in ("redoc_js_url", "redoc_favicon_url")]
    if options.get("with_google_fonts"):
        resources += ["https://fonts.googleapis.com", "https://fonts.gstatic.com"]
    return _page(
        fasterapi_openapi.redoc_html(**options), content_security_policy("redoc", resources=resources)
    )


def get_scalar_html(**options: Any) -> HTMLResponse:
    """Scalar, from a CDN or from `scalar_js_url`."""
    url = options.get("scalar_js_url", "https://cdn.jsdelivr.net")
    return _page(fasterapi_openapi.scalar_html(**options), content_security_policy("scalar", resources=[url]))


def get_swagger_ui_oauth2_redirect_html(**options: Any) -> HTMLResponse:
    """The page that an authorization server sends the browser back to."""
    return _page(
        fasterapi_openapi.oauth2_redirect_html(**options), content_security_policy("oauth2-redirect")
    )


def _page(html: str, policy: str) -> HTMLResponse:
    return HTMLResponse(html, headers={"content-security-policy": policy})
