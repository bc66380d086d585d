"""HTML of the documentation pages: pure functions from addresses and options to text.

Knows: the viewers' configuration and how to escape. Does not know: HTTP, the document, where files come from.
A page holds no script: its configuration is data in an attribute, and a small shipped file reads it. So it
works under a Content-Security-Policy without `unsafe-inline` for scripts, and no text can break out of it.
Addresses are relative to the page by default, which keeps them right behind any prefix or proxy. Every page
must be served as `text/html; charset=utf-8`.
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

SWAGGER_UI_DEFAULT_PARAMETERS: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
ASSETS_URL = "docs-assets"
SCALAR_CDN_URL = "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1.46.4/dist/browser/standalone.js"
_GOOGLE_FONTS_URL = "https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700"


def swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str | None = None,
    swagger_css_url: str | None = None,
    swagger_favicon_url: str | None = None,
    oauth2_redirect_url: str | None = None,
    init_oauth: Mapping[str, Any] | None = None,
    swagger_ui_parameters: Mapping[str, Any] | None = None,
    assets_url: str = ASSETS_URL,
) -> str:
    """The page of Swagger UI; arguments as in FastAPI's `get_swagger_ui_html`.

    `assets_url` is the folder under which the package's assets are served. An address that is not given is
    that of the shipped file in there. Raises `TypeError` for parameters that JSON cannot hold.

    >>> "swagger-ui-bundle.js" in swagger_ui_html(openapi_url="openapi.json", title="Shop")
    True
    """
    parameters = {**SWAGGER_UI_DEFAULT_PARAMETERS, **(swagger_ui_parameters or {})}
    configuration = {
        "openapiUrl": openapi_url,
        "oauth2RedirectUrl": oauth2_redirect_url,
        "initOAuth": init_oauth,
        "parameters": parameters,
    }
    return _page(
        title=title,
        favicon_url=swagger_favicon_url or f"{assets_url}/favicon.svg",
        styles=[swagger_css_url or f"{assets_url}/swagger-ui.css", f"{assets_url}/page.css"],
        root="swagger-ui",
        configuration=configuration,
        scripts=[swagger_js_url or f"{assets_url}/swagger-ui-bundle.js", f"{assets_url}/swagger-init.js"],
    )


def redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str | None = None,
    redoc_favicon_url: str | None = None,
    with_google_fonts: bool = False,
    redoc_parameters: Mapping[str, Any] | None = None,
    assets_url: str = ASSETS_URL,
) -> str:
    """The page of ReDoc; arguments as in FastAPI's `get_redoc_html`, without fonts from outside by default.

    `redoc_parameters` are ReDoc's own options (`hideDownloadButton`, `theme`, …).

    >>> "googleapis" in redoc_html(openapi_url="openapi.json", title="Shop")
    False
    """
    styles = [f"{assets_url}/page.css"]
    if with_google_fonts:
        styles.insert(0, _GOOGLE_FONTS_URL)
    return _page(
        title=title,
        favicon_url=redoc_favicon_url or f"{assets_url}/favicon.svg",
        styles=styles,
        root="redoc",
        configuration={"openapiUrl": openapi_url, "parameters": redoc_parameters or {}},
        scripts=[redoc_js_url or f"{assets_url}/redoc.standalone.js", f"{assets_url}/redoc-init.js"],
    )


def scalar_html(
    *,
    openapi_url: str,
    title: str,
    scalar_js_url: str = SCALAR_CDN_URL,
    scalar_favicon_url: str | None = None,
    scalar_parameters: Mapping[str, Any] | None = None,
    assets_url: str = ASSETS_URL,
) -> str:
    """The page of Scalar, which is not shipped: it is large and talks to hosts of its own.

    `scalar_js_url`: a CDN by default; give your own copy's address for use without internet.
    `scalar_parameters` are Scalar's own options. Its fonts, which come from its own host, are off by default.

    >>> "cdn.jsdelivr.net" in scalar_html(openapi_url="openapi.json", title="Shop")
    True
    """
    return _page(
        title=title,
        favicon_url=scalar_favicon_url or f"{assets_url}/favicon.svg",
        styles=[f"{assets_url}/page.css"],
        root="scalar",
        configuration={
            "openapiUrl": openapi_url,
            "parameters": {"withDefaultFonts": False, **(scalar_parameters or {})},
        },
        scripts=[scalar_js_url, f"{assets_url}/scalar-init.js"],
    )


def oauth2_redirect_html(*, assets_url: str = f"../{ASSETS_URL}") -> str:
    """The page to which an authorization server sends the browser back (RFC 6749, section 4.1.2).

    It hands the answer to the Swagger UI that opened it, and closes.

    >>> oauth2_redirect_html().count("<script")
    1
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<title>Swagger UI: OAuth2 Redirect</title>\n</head>\n<body>\n"
        f'<script src="{html.escape(assets_url)}/oauth2-redirect.js"></script>\n</body>\n</html>\n'
    )


def _page(
    *,
    title: str,
    favicon_url: str,
    styles: Sequence[str],
    root: str,
    configuration: Mapping[str, Any],
    scripts: Sequence[str],
) -> str:
    data = html.escape(msgspec.json.encode(configuration).decode())
    links = "\n".join(f'<link rel="stylesheet" href="{html.escape(url)}">' for url in styles)
    loads = "\n".join(f'<script src="{html.escape(url)}"></script>' for url in scripts)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title>
<link rel="icon" href="{html.escape(favicon_url)}">
{links}
</head>
<body>
<noscript>This documentation needs JavaScript.</noscript>
<div id="{root}" data-configuration="{data}"></div>
{loads}
</body>
</html>
"""
