"""Room three of a request: its method and path → the function that answers it.

Knows: lookup order, HEAD by GET, 404, 405 with `Allow`, slash redirects, mounts, hosts, fallbacks.
Does not know: parameters or responses of a handler; `route.call` is one call away from here.
"""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from fasterapi._tracking import TrackedSend
from fasterapi.datastructures._url import encode_path
from fasterapi.exceptions import HTTPException
from fasterapi.requests._connection import OUTER_PARAMS_KEY
from fasterapi.requests._pathparams import typed_values
from fasterapi.responses import Response
from fasterapi.routing.entries import Entry, as_asgi3, route_path
from fasterapi.routing.misses import not_found, redirect, with_head, without_body
from fasterapi.routing.mounts import Host, Mount
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.routing.table import ANY_METHOD, WEBSOCKET, Table
from fasterapi.routing.template import MOUNTED_AT
from fasterapi.types import ASGIApp, Receive, Scope, Send
from fasterapi.websockets import WebSocketClose

__all__ = ["Dispatcher"]


class Dispatcher:
    """Finds the route and hands its coroutine to the caller; there is no layer in between.

    `entry` is what the application calls. It is a closure, not a method: every name that it uses is one lookup
    away, which is worth a tenth of the simplest request.
    """

    _path_of = staticmethod(route_path)  # what is looked up
    _encoded = staticmethod(encode_path)  # the same for a URL

    def __init__(
        self,
        app: Any,
        table: Table,
        *,
        redirect_slashes: bool,
        automatic_options: bool,
        fallback: ASGIApp | None,
        lifespan: Callable[..., Coroutine[Any, Any, None]],
        handle_exception: Callable[..., Awaitable[Any]],
    ) -> None:
        self._app = app
        self._table = table
        self._resolve = table.http.resolve
        self._resolve_websocket = table.websockets.resolve
        self._redirect_slashes = redirect_slashes
        self._automatic_options = automatic_options
        self._fallback = fallback
        self._lifespan = lifespan
        self._handle_exception = handle_exception
        inherited = app.inherited
        self._answers_plainly = not inherited.problem_details and inherited.codecs is None

    def entry(self) -> Entry:
        """Return the function `(scope, receive, send)` → the coroutine that answers."""
        overrides, tables = self._app.dependency_overrides, self._table.http.tables
        slow, overridden = self._other, self._with_overrides
        refuse, without_route = self._refuse, self._without_route
        # Whatever begins in another way is a 404, unless somebody takes all that is left.
        beginnings = self._table.beginnings if self._fallback is None else ("",)
        if self._table.hosts is not None:
            return slow

        @as_asgi3
        def dispatch(scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
            if scope["type"] != "http":
                return slow(scope, receive, send)
            if overrides:
                return overridden(scope, receive, send)
            path = route_path(scope) if scope.get("root_path") else scope["path"]
            table = tables.get(scope["method"])
            if table is not None:
                # `router.resolve`, written out: its call would cost more than what it does.
                static, prefixes, plans, last = table
                fixed = static.get(path)
                if fixed is not None:
                    return fixed[0].serve(scope, receive, send, {})  # type: ignore[no-any-return]
                head, _, value = path.rpartition("/")
                entry = prefixes.get(head)
                if entry is not None and value:
                    route, _, name = entry
                    return route.serve(scope, receive, send, {name: value})  # type: ignore[no-any-return]
                slashes = path.count("/")
                plan = plans[slashes if slashes < last else last]  # noqa: FURB136 - a call
                if plan is not None:
                    parts = path.split("/")
                    found = None if parts[0] else plan(parts)
                    if found is not None:
                        return found[0].serve(scope, receive, send, found[1])  # type: ignore[no-any-return]
            if not (path + "/").startswith(beginnings):
                return refuse(scope, receive, send)
            return without_route(path, scope, receive, send)

        return dispatch

    def _with_overrides(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """A request while dependencies are overridden: the variant of the route's function, without a layer too."""
        path = self._path_of(scope)
        found = self._resolve(scope["method"], path)
        if found is None:
            return self._without_route(path, scope, receive, send)
        scope["route"] = found[0]
        return self._call_of(found[0])(scope, receive, send, found[1])

    @as_asgi3
    def _other(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """The lifespan, WebSocket connections, and everything of an application that looks at hosts.

        Without a layer too: one around a WebSocket would be passed by every message of it.
        """
        if scope["type"] == "lifespan":
            return self._lifespan(self._app, scope, receive, send)
        if self._table.hosts is not None:
            return self._by_host(scope, receive, send)
        return self._by_path(scope, receive, send)

    async def _by_host(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not await self._served_by_host(scope, receive, send):
            await self._by_path(scope, receive, send)

    def _by_path(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        if scope["type"] == "websocket":
            return self._websocket(self._path_of(scope), scope, receive, send)
        return self._with_overrides(scope, receive, send)

    def _call_of(self, route: Any) -> Callable[..., Coroutine[Any, Any, None]]:
        """The route's function, with the dependencies replaced that are overridden now."""
        overrides = self._app.dependency_overrides
        if overrides and isinstance(route, APIRoute | APIWebSocketRoute):
            return route.handler.variant(overrides)
        return route.serve  # type: ignore[no-any-return]  # set when the route was attached

    def _websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        found = self._resolve_websocket(WEBSOCKET, path)
        if found is None:
            return self._mounted_websocket(path, scope, receive, send)
        scope["route"] = found[0]
        return self._call_of(found[0])(scope, receive, send, found[1])

    async def _mounted_websocket(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        mounted = self._mounted(path, scope)
        if mounted is not None:
            await mounted.app(scope, receive, send)
            return
        await WebSocketClose()(scope, receive, send)

    async def _without_route(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """The slow way. Who answers here may have answered its own error before it raises that."""
        scope.setdefault("app", self._app)
        send = TrackedSend(send)
        try:
            refusal = await self._answer_without_route(path, scope, receive, send)
        except Exception as exc:
            if not await self._handle_exception(exc, scope, receive, send):
                raise
        else:
            if refusal is not None and not await self._handle_exception(refusal, scope, receive, send):
                raise refusal

    async def _answer_without_route(
        self, path: str, scope: Scope, receive: Receive, send: Send
    ) -> HTTPException | None:
        """Answer, or return what is to be answered: a 404 is frequent, and raising it would cost more."""
        table = self._table
        if scope["method"] == "HEAD":
            found = self._resolve("GET", path)
            if found is not None:
                scope["route"] = found[0]
                await self._call_of(found[0])(scope, receive, without_body(send), found[1])
                return None
        found = self._resolve(ANY_METHOD, path) if table.has_any_method else None
        if found is not None:
            scope["route"] = found[0]
            await self._call_of(found[0])(scope, receive, send, found[1])
            return None
        mounted = self._mounted(path, scope) if table.has_mounts else None
        if mounted is not None:
            await mounted.app(scope, receive, send)
            return None
        known = table.paths.lookup(ANY_METHOD, path)
        if known is not None:
            scope["route"] = known[0]
            allowed = with_head(table.http.allowed_methods(path))
            if self._automatic_options:
                allowed.add("OPTIONS")
            headers = {"Allow": ", ".join(sorted(allowed))}
            if self._automatic_options and scope["method"] == "OPTIONS":
                await Response(status_code=204, headers=headers)(scope, receive, send)
                return None
            return HTTPException(405, headers=headers)
        target = self._redirect_target(path) if self._redirect_slashes else None
        if target is not None:
            if (known := table.paths.lookup(ANY_METHOD, target)) is not None:
                scope["route"] = known[0]
            await redirect(self._encoded(target), scope)(scope, receive, send)
            return None
        frontend = self._frontend(path)
        if frontend is not None:
            scope["route"] = frontend[0]
            await self._call_of(frontend[0])(scope, receive, send, frontend[1])
            return None
        if self._fallback is not None:
            await self._fallback(scope, receive, send)
            return None
        await self._refuse(scope, receive, send)
        return None

    def _frontend(self, path: str) -> tuple[Any, Any] | None:
        for frontend in self._table.frontends:
            params = frontend.match(path)
            if params is not None:
                return frontend, params
        return None

    def _refuse(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer 404, without asking for a handler where there is none but the default one."""
        if self._app.exception_handlers or not self._answers_plainly:
            return self._refuse_by_handler(scope, receive, send)
        return not_found(send)

    async def _refuse_by_handler(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = HTTPException(404)
        if not await self._handle_exception(refusal, scope, receive, send):
            raise refusal

    def _mounted(self, path: str, scope: Scope) -> Mount | None:
        found = self._table.mounts.resolve(ANY_METHOD, path)
        if found is None:
            return None
        mount, params = found[0], dict(found[1])
        below = params.pop("_below")
        prefix = path[: len(path) - len(below) - 1]
        if params:
            _note_outer_params(scope, typed_values(params, mount.path))
        else:
            scope.setdefault("path_params", {})
        scope["app_root_path"] = scope.get("app_root_path", scope.get("root_path", ""))
        scope["root_path"] = scope.get("root_path", "").rstrip("/") + prefix
        scope["endpoint"] = mount.app
        scope[MOUNTED_AT] = scope.get(MOUNTED_AT, "") + mount.path
        scope.setdefault("router", self._app)  # the outermost one: below it, names of all routes can be found
        return mount

    def _redirect_target(self, path: str) -> str | None:
        table = self._table
        target = table.paths.slash_redirect(path)
        if target is None and table.has_mounts and not path.endswith("/"):
            found = table.mounts.resolve(ANY_METHOD, path + "/")
            # A mount at the root would take every path; only one whose own path this is redirects.
            if found is not None and found[1]["_below"] == "":
                target = path + "/"
        return target

    async def _served_by_host(self, scope: Scope, receive: Receive, send: Send) -> bool:
        assert self._table.hosts is not None
        host = next((value for name, value in scope.get("headers", ()) if name == b"host"), b"").decode(
            "latin-1"
        )
        found = self._table.hosts.match(host.rsplit(":", 1)[0] if not host.endswith("]") else host)
        if found is None:
            return False
        entry: Host = found[0]
        _note_outer_params(scope, found[1])
        await entry.app(scope, receive, send)
        return True


def _note_outer_params(scope: Scope, params: Mapping[str, Any]) -> None:
    """Keep the parameters of a mount or a host for the requests of the application there, whatever its routes have."""
    scope["path_params"] = scope[OUTER_PARAMS_KEY] = {**scope.get("path_params", {}), **params}
