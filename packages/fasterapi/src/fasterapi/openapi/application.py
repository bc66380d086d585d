"""The routes that serve an application's document and its pages: `/openapi.json`, `/docs`, `/redoc`.

Knows: addresses, caching, `root_path`. Does not know: how the document or the pages are made.
The document is built when it is first asked for and kept as bytes; new routes make it be built again. What is served
is encoded as it was built: the dict that `app.openapi()` gives is made of the bytes, for those who ask for one.
"""

from collections.abc import Callable
from typing import Any

from msgspec.json import decode, encode

from fasterapi.exceptions import HTTPException
from fasterapi.requests import Request
from fasterapi.responses import Response

__all__ = ["Documentation"]

_ASSETS = "/_assets"
_DAY = "public, max-age=86400"


class Documentation:
    """Serves the document and the pages of `app`, wherever its attributes say (`app.docs_url` …).

    `usual` is the method `openapi` of applications that have no other one.
    """

    def __init__(self, app: Any, usual: Callable[[Any], dict[str, Any]]) -> None:
        self._app = app
        self._usual = usual
        self._schema: dict[str, Any] | None = None
        self._content: bytes | None = None
        self._encoded: dict[str, tuple[Any, bytes, str]] = {}

    def add_routes(self) -> None:
        """Add the routes; `None` for an address leaves that page out, for the document's all of them."""
        app = self._app
        if not app.openapi_url:
            return
        app.add_route(app.openapi_url, self._document, include_in_schema=False)
        if app.docs_url:
            app.add_route(app.docs_url, self._swagger_ui, include_in_schema=False)
            if app.swagger_ui_oauth2_redirect_url:
                app.add_route(
                    app.swagger_ui_oauth2_redirect_url, self._oauth2_redirect, include_in_schema=False
                )
        if app.redoc_url:
            app.add_route(app.redoc_url, self._redoc, include_in_schema=False)
        if app.scalar_url:
            app.add_route(app.scalar_url, self._scalar, include_in_schema=False)
        if app.docs_url or app.redoc_url or app.scalar_url:
            app.add_route(f"{self._assets_path}/{{name}}", self._asset, include_in_schema=False)

    @property
    def schema(self) -> dict[str, Any] | None:
        """The document as a dict; None while none was made, or since something has changed."""
        if self._schema is None and self._content is not None:
            self._schema, self._content = decode(self._content), None
        return self._schema

    @schema.setter
    def schema(self, schema: dict[str, Any] | None) -> None:
        self._schema, self._content = schema, None

    def build(self) -> dict[str, Any]:
        """Make the document of the application as it is now."""
        from fasterapi.openapi.utils import get_openapi  # noqa: PLC0415 - nothing of it at start-up

        return get_openapi(**self._arguments())

    def _arguments(self) -> dict[str, Any]:
        app = self._app
        return {
            "title": app.title,
            "version": app.version,
            "openapi_version": app.openapi_version,
            "summary": app.summary,
            "description": app.description,
            "routes": app.routes,
            "webhooks": app.webhooks.routes,
            "tags": app.openapi_tags,
            "servers": app.servers,
            "terms_of_service": app.terms_of_service,
            "contact": app.contact,
            "license_info": app.license_info,
            "separate_input_output_schemas": app.separate_input_output_schemas,
            "external_docs": app.openapi_external_docs,
        }

    @property
    def _assets_path(self) -> str:
        app = self._app
        page: str = app.docs_url or app.redoc_url or app.scalar_url
        return page.rstrip("/") + _ASSETS

    async def _document(self, request: Request) -> Response:
        root_path = request.scope.get("root_path", "").rstrip("/")
        content, etag = self._bytes(root_path)
        headers = {"etag": etag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    def _bytes(self, root_path: str) -> tuple[bytes, str]:
        made = self._made(root_path)
        known = self._encoded.get(root_path)
        if known is not None and known[0] is made:
            return known[1], known[2]
        content = made if isinstance(made, bytes) else encode(self._at(root_path, made), enc_hook=str)
        from hashlib import sha256  # noqa: PLC0415 - the document may never be asked for

        etag = f'"{sha256(content).hexdigest()[:32]}"'
        if len(self._encoded) >= _MOST_ROOT_PATHS:
            self._encoded.clear()  # root paths may come from a proxy's header
        self._encoded[root_path] = (made, content, etag)
        return content, etag

    def _made(self, root_path: str) -> bytes | dict[str, Any]:
        """The document: bytes, as long as nobody has asked for the dict or makes another one."""
        app = self._app
        if root_path or self._schema is not None or getattr(app.openapi, "__func__", None) is not self._usual:
            schema: dict[str, Any] = app.openapi()
            return schema
        if self._content is None:
            from fasterapi.openapi.utils import build_openapi  # noqa: PLC0415 - nothing of it at start-up

            self._content = encode(build_openapi(**self._arguments()))
        return self._content

    def _at(self, root_path: str, schema: dict[str, Any]) -> dict[str, Any]:
        servers = schema.get("servers", [])
        is_known = not root_path or root_path in {item.get("url") for item in servers}
        if is_known or not self._app.root_path_in_servers:
            return schema
        return {**schema, "servers": [{"url": root_path}, *servers]}

    async def _swagger_ui(self, request: Request) -> Response:
        from fasterapi.openapi.docs import get_swagger_ui_html  # noqa: PLC0415 - pages are rarely asked for

        app, root = self._app, _root(request)
        redirect = app.swagger_ui_oauth2_redirect_url
        return get_swagger_ui_html(
            openapi_url=root + app.openapi_url,
            title=f"{app.title} - Swagger UI",
            oauth2_redirect_url=root + redirect if redirect else None,
            init_oauth=app.swagger_ui_init_oauth,
            swagger_ui_parameters=app.swagger_ui_parameters,
            servers=[str(server.get("url", "")) for server in app.servers],
            assets_url=root + self._assets_path,
        )

    async def _oauth2_redirect(self, request: Request) -> Response:
        from fasterapi.openapi.docs import get_swagger_ui_oauth2_redirect_html  # noqa: PLC0415

        return get_swagger_ui_oauth2_redirect_html(assets_url=_root(request) + self._assets_path)

    async def _redoc(self, request: Request) -> Response:
        from fasterapi.openapi.docs import get_redoc_html  # noqa: PLC0415

        app, root = self._app, _root(request)
        return get_redoc_html(
            openapi_url=root + app.openapi_url,
            title=f"{app.title} - ReDoc",
            assets_url=root + self._assets_path,
        )

    async def _scalar(self, request: Request) -> Response:
        from fasterapi.openapi.docs import get_scalar_html  # noqa: PLC0415

        app, root = self._app, _root(request)
        return get_scalar_html(
            openapi_url=root + app.openapi_url,
            title=f"{app.title} - Scalar",
            assets_url=root + self._assets_path,
        )

    async def _asset(self, request: Request) -> Response:
        from fasterapi_openapi import ASSET_NAMES, asset  # noqa: PLC0415 - nothing of it at start-up

        name = request.path_params["name"]
        if name not in ASSET_NAMES:
            raise HTTPException(404)
        found = asset(name)
        headers = {"etag": found.etag, "cache-control": _DAY, "vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == found.etag:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            return Response(found.gzip_bytes, media_type=found.media_type, headers=headers)
        return Response(found.plain, media_type=found.media_type, headers=headers)


_MOST_ROOT_PATHS = 8


def _root(request: Request) -> str:
    root_path: str = request.scope.get("root_path", "")
    return root_path.rstrip("/")
