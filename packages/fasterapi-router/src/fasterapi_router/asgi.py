"""`ASGIRouter`: an ASGI application that hands requests to other ASGI applications.

Knows: ASGI scopes, `Allow`, redirects, mounts. Does not know: requests, frameworks, bodies but its own few.
Follows ASGI 3.0 (HTTP and WebSocket messages 2.5), where `path` is the whole path and a mount only makes
`root_path` longer, and RFC 9110 for 404, 405 with `Allow`, and HEAD.
"""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from fasterapi_router import lifespan
from fasterapi_router.converter import Converter
from fasterapi_router.host import HostRouter
from fasterapi_router.lifespan import ASGIApp, Message, Receive, Scope, Send
from fasterapi_router.result import Route
from fasterapi_router.router import RadixRouter
from fasterapi_router.table import ANY_METHOD

_AppT = TypeVar("_AppT", bound=ASGIApp)
_WEBSOCKET = "WEBSOCKET"
# A name that no one writes into a template: it carries what stands behind a mount's own path.
_BELOW = "_below_the_mount"
_UNENCODED = "!$&'()*+,;=:@-._~"


class Target(NamedTuple):
    """What a route of an `ASGIRouter` leads to."""

    app: ASGIApp
    method: str
    is_mount: bool = False


class ASGIRouter:
    """Routes `http`, `websocket` and `lifespan` to ASGI applications; itself one, so routers nest.

    `redirect_slashes`: a path that is routed with a slash more or less at its end gets a 307 to that, relative.
    `answer_options`: OPTIONS without a route of its own gets a 204 with `Allow`.
    `not_found`: the application for paths that lead nowhere, instead of 404 and a closed WebSocket.
    `converters`, `convert`: as for `RadixRouter`. HEAD is answered by GET's application without the body.

    Applications find the parameters in `scope["path_params"]`, with those of the routers around this one.

    >>> async def show(scope, receive, send):
    ...     body = f"user {scope['path_params']['id']}".encode()
    ...     await send({"type": "http.response.start", "status": 200, "headers": []})
    ...     await send({"type": "http.response.body", "body": body})
    >>> app = ASGIRouter()
    >>> app.add_route("/users/{id}", show)
    """

    def __init__(
        self,
        *,
        redirect_slashes: bool = True,
        answer_options: bool = False,
        not_found: ASGIApp | None = None,
        converters: Mapping[str, Converter] | None = None,
        convert: bool = False,
    ) -> None:
        self._redirect_slashes = redirect_slashes
        self._answer_options = answer_options
        self._not_found = not_found
        self._http: RadixRouter[Target] = RadixRouter(
            converters=converters, convert=convert, head_as_get=True
        )
        self._websockets: RadixRouter[Target] = RadixRouter(converters=converters, convert=convert)
        self._hosts: HostRouter[ASGIApp] = HostRouter()
        self._with_lifespan: list[ASGIApp] = []

    def add_route(
        self, path: str, app: ASGIApp, *, methods: Iterable[str] = ("GET",), name: str | None = None
    ) -> None:
        """Hand requests for `path` with one of `methods` to `app`. Raises as `RadixRouter.add_route` does."""
        for method in methods:
            self._http.add_route(method, path, Target(app, method.upper()), name=_name(name, app))

    def add_websocket(self, path: str, app: ASGIApp, *, name: str | None = None) -> None:
        """Hand WebSocket connections for `path` to `app`."""
        self._websockets.add_route(_WEBSOCKET, path, Target(app, _WEBSOCKET), name=_name(name, app))

    def route(
        self, path: str, *, methods: Iterable[str] = ("GET",), name: str | None = None
    ) -> Callable[[_AppT], _AppT]:
        """`add_route` as a decorator.

        >>> app = ASGIRouter()
        >>> @app.route("/ping", methods=["GET", "POST"])
        ... async def ping(scope, receive, send): ...
        >>> [str(route) for route in app.routes]
        ['GET /ping', 'POST /ping']
        """

        def register(app: _AppT) -> _AppT:
            self.add_route(path, app, methods=methods, name=name)
            return app

        return register

    def websocket(self, path: str, *, name: str | None = None) -> Callable[[_AppT], _AppT]:
        """`add_websocket` as a decorator."""

        def register(app: _AppT) -> _AppT:
            self.add_websocket(path, app, name=name)
            return app

        return register

    def mount(self, path: str, app: ASGIApp, *, name: str | None = None) -> None:
        """Hand everything below `path` to `app`, whatever its method, WebSockets and the lifespan too.

        `app` sees the same `path` and a `root_path` that ends with the mount's own part of it. More specific
        routes of this router come first. `path` may have parameters and may be "" for everything.
        """
        template = f"{path.rstrip('/')}/{{{_BELOW}:path}}"
        target = Target(app, ANY_METHOD, is_mount=True)
        self._http.add_route(ANY_METHOD, template, target, name=_name(name, app))
        self._websockets.add_route(ANY_METHOD, template, target, name=_name(name, app))
        self._join_lifespan(app)

    def host(self, pattern: str, app: ASGIApp) -> None:
        """Hand everything for hosts like `pattern` (`{tenant}.example.com`) to `app`, whatever the path.

        Labels become `path_params`. Raises as `HostRouter.add` does.
        """
        self._hosts.add(pattern, app)
        self._join_lifespan(app)

    def _join_lifespan(self, app: ASGIApp) -> None:
        if not any(app is other for other in self._with_lifespan):
            self._with_lifespan.append(app)

    def url_path_for(self, name: str, /, **params: Any) -> str:
        """The path of the HTTP route with this name, below this router; see `RadixRouter.url_path_for`."""
        return self._http.url_path_for(name, **params)

    @property
    def routes(self) -> tuple[Route[Target], ...]:
        """HTTP routes, WebSocket routes and mounts, each in the order of registration."""
        websockets = [route for route in self._websockets if not route.handler.is_mount]
        return (*self._http.routes, *websockets)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope of type `http`, `websocket` or `lifespan`; any other raises NotImplementedError."""
        kind = scope["type"]
        if kind == "lifespan":
            await lifespan.run(self._with_lifespan, scope, receive, send)
        elif kind not in ("http", "websocket"):
            raise NotImplementedError(f"ASGIRouter does not serve scopes of type {kind!r}")
        elif not (self._hosts and await self._serve_host(scope, receive, send)):
            await (self._serve_http if kind == "http" else self._serve_websocket)(scope, receive, send)

    async def _serve_host(self, scope: Scope, receive: Receive, send: Send) -> bool:
        header = next((value for name, value in scope["headers"] if name == b"host"), b"")
        found = self._hosts.match(header.decode("latin-1"))
        if found is None:
            return False
        app, params = found
        await app(_with_params(scope, params), receive, send)
        return True

    async def _serve_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = route_path(scope)
        method = scope["method"]
        found = self._http.resolve(method, path)
        if found is not None:
            target, params, _ = found
            if method == "HEAD" and target.method == "GET":
                send = _without_body(send)
            await target.app(_below(scope, path, target, params), receive, send)
            return
        allowed = self._http.allowed_methods(path)
        if allowed:
            answers = method == "OPTIONS" and self._answer_options
            allow = (b"allow", ", ".join(allowed).encode("latin-1"))
            await _respond(scope, send, 204 if answers else 405, allow)
            return
        location = _redirect(self._http, path, scope) if self._redirect_slashes else None
        if location is not None:
            await _respond(scope, send, 307, (b"location", location))
        elif self._not_found is not None:
            await self._not_found(scope, receive, send)
        else:
            await _respond(scope, send, 404)

    async def _serve_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = route_path(scope)
        found = self._websockets.resolve(_WEBSOCKET, path)
        if found is not None:
            target, params, _ = found
            await target.app(_below(scope, path, target, params), receive, send)
        elif self._not_found is not None:
            await self._not_found(scope, receive, send)
        elif "websocket.http.response" in (scope.get("extensions") or {}):
            await _respond(scope, send, 404, prefix="websocket.http.response")
        else:
            # before it is accepted, a server turns this into a 403
            await send({"type": "websocket.close", "code": 1000})


def route_path(scope: Scope) -> str:
    """The part of `scope["path"]` below `scope["root_path"]`, from its slash on.

    >>> (
    ...     route_path({"path": "/api/users", "root_path": "/api"}),
    ...     route_path({"path": "/apix", "root_path": "/api"}),
    ... )
    ('/users', '/apix')
    """
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if len(path) > 1 and path[-1] == "/" and _is_slash_added(scope):
        path = path[:-1]
    if not root:
        return path
    if path == root:
        return "/"
    # some servers and mounts hand on the path without its root
    return path[len(root) :] if path.startswith(root) and path[len(root)] == "/" else path


def _is_slash_added(scope: Scope) -> bool:
    """Whether the client sent no slash at the end: Litestar gives one to every path below its mounts."""
    raw: bytes = scope.get("raw_path") or b"/"
    return not raw.endswith((b"/", b"%2F", b"%2f"))


def _name(name: str | None, app: ASGIApp) -> str | None:
    return name if name is not None else getattr(app, "__name__", None)


def _with_params(scope: Scope, params: Mapping[str, Any]) -> Scope:
    return {**scope, "path_params": {**(scope.get("path_params") or {}), **params}}


def _below(scope: Scope, path: str, target: Target, params: dict[str, Any]) -> Scope:
    if not target.is_mount:
        return _with_params(scope, params)
    below = params.pop(_BELOW)
    child = _with_params(scope, params)
    own = path[: len(path) - len(below)].rstrip("/")
    root = scope.get("root_path", "")
    child["root_path"] = root + own
    if not scope["path"].startswith(root):  # see `route_path`: from here on the path has its root
        child["path"] = root + path
    return child


def _redirect(router: RadixRouter[Target], path: str, scope: Scope) -> bytes | None:
    """A reference relative to the request's own URL (RFC 3986 section 4.2): no host can come into it."""
    if router.slash_redirect(path) is None:
        return None
    raw = scope.get("raw_path") or quote(path, safe="/" + _UNENCODED, errors="surrogatepass").encode()
    stem = raw.rstrip(b"/")
    extra = len(raw) - len(stem)
    if bool(extra) != path.endswith("/"):  # the slash at the end was written "%2F"
        return None
    last = quote(stem.rpartition(b"/")[2], safe=_UNENCODED + "%")
    location = "../" * extra + last if extra else f"./{last}/"
    query = quote(scope.get("query_string", b""), safe=_UNENCODED + "%/?")
    return f"{location}?{query}".encode() if query else location.encode()


async def _respond(
    scope: Scope, send: Send, status: int, *headers: tuple[bytes, bytes], prefix: str = "http.response"
) -> None:
    body = b"" if status == HTTPStatus.NO_CONTENT else HTTPStatus(status).phrase.encode()
    described = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send(
        {"type": f"{prefix}.start", "status": status, "headers": [*(described if body else ()), *headers]}
    )
    await send({"type": f"{prefix}.body", "body": b"" if scope.get("method") == "HEAD" else body})


def _without_body(send: Send) -> Send:
    """RFC 9110 section 9.3.2: the answer to HEAD has GET's headers and no content."""

    async def send_without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_without_body
