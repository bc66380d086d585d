"""The decorators and `add_...` methods that applications and routers share.

Knows: FastAPI's spelling. Does not know: what becomes of an entry; that is `_add`'s business.
"""

import os
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack

from fasterapi.datastructures import URLPath
from fasterapi.params import Depends
from fasterapi.routing.mounts import Host, Mount, Route, WebSocketRoute
from fasterapi.routing.options import Inherited, RouteOptions, RouterOptions
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.types import ASGIApp, DecoratedCallable

if TYPE_CHECKING:
    from fasterapi.controllers import Controller
    from fasterapi.frontend import Fallback
    from fasterapi.routing.router import FasterRouter

__all__ = ["Registration"]

Decorator = Callable[[DecoratedCallable], DecoratedCallable]


class Registration:
    """Declares routes; a subclass keeps what it is given by `_add`."""

    inherited: Inherited
    exception_handlers: dict[Any, Callable[..., Any]]
    route_class: type[APIRoute] = APIRoute

    def _add(self, entry: Any) -> None:
        raise NotImplementedError

    @property
    def routes(self) -> list[Any]:
        """All routes, those of included routers too, with their whole paths and options."""
        raise NotImplementedError

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call `func` at "startup" or "shutdown"."""
        raise NotImplementedError

    def get(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer GET requests (RFC 9110, section 9.3.1); HEAD is answered from it too, without the body."""
        return self.api_route(path, methods=["GET"], **options)

    def put(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer PUT requests (RFC 9110, section 9.3.4)."""
        return self.api_route(path, methods=["PUT"], **options)

    def post(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer POST requests (RFC 9110, section 9.3.3)."""
        return self.api_route(path, methods=["POST"], **options)

    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer DELETE requests (RFC 9110, section 9.3.5)."""
        return self.api_route(path, methods=["DELETE"], **options)

    def options(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer OPTIONS requests (RFC 9110, section 9.3.7)."""
        return self.api_route(path, methods=["OPTIONS"], **options)

    def head(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer HEAD requests (RFC 9110, section 9.3.2) by a handler of their own."""
        return self.api_route(path, methods=["HEAD"], **options)

    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer PATCH requests (RFC 5789)."""
        return self.api_route(path, methods=["PATCH"], **options)

    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer TRACE requests (RFC 9110, section 9.3.8)."""
        return self.api_route(path, methods=["TRACE"], **options)

    def query(self, path: str, **options: Unpack[RouteOptions]) -> Decorator[Any]:
        """Answer QUERY requests: safe and idempotent like GET, with a body like POST."""
        return self.api_route(path, methods=["QUERY"], **options)

    def api_route(
        self, path: str, *, methods: Collection[str] | None = None, **options: Unpack[RouteOptions]
    ) -> Decorator[Any]:
        """Answer several methods by one handler."""

        def decorate(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_api_route(path, endpoint, methods=methods, **options)
            return endpoint

        return decorate

    def add_api_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Unpack[RouteOptions],
    ) -> None:
        """`api_route` without a decorator.

        Raises FasterAPIError, naming file and line, when a parameter cannot be bound.
        """
        self._add(self.route_class(path, endpoint, methods=methods, inherited=self.inherited, **options))

    def websocket(
        self,
        path: str,
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        **options: Any,
    ) -> Decorator[Any]:
        """Answer WebSocket connections (RFC 6455)."""

        def decorate(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_api_websocket_route(path, endpoint, name, dependencies=dependencies, **options)
            return endpoint

        return decorate

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
        **options: Any,
    ) -> None:
        """`websocket` without a decorator."""
        self._add(
            APIWebSocketRoute(
                path, endpoint, name=name, inherited=self.inherited, dependencies=dependencies, **options
            )
        )

    def include_router(
        self,
        router: "FasterRouter",
        *,
        prefix: str = "",
        default_response_class: Any = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Take in all routes of `router`, also those that are added to it later, under `prefix`."""
        from fasterapi.routing.router import Included  # noqa: PLC0415 - a router is a registration

        self._add(Included(router, Inherited.of(prefix, default_response_class, **options)))

    def add_controller(
        self,
        controller: "type[Controller]",
        *,
        prefix: str = "",
        default_response_class: Any = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        """Take in the routes of a class of handlers; as `include_router` does its router."""
        self.include_router(
            controller.router, prefix=prefix, default_response_class=default_response_class, **options
        )

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Hand everything below `path` to another ASGI application. Its lifespan runs inside this one's."""
        self._add(Mount(path, app, name=name))

    def host(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        """Hand everything for `host` to another ASGI application."""
        self._add(Host(host, app, name))

    def add_exception_handler(self, exc_class_or_status_code: Any, handler: Callable[..., Any]) -> None:
        """Answer exceptions of a class, or HTTPExceptions with a status code, by `handler(request, exc)`.

        Nearer routers go first, the application last.
        """
        self.exception_handlers[exc_class_or_status_code] = handler

    def exception_handler(self, exc_class_or_status_code: Any) -> Decorator[Any]:
        """`add_exception_handler` as a decorator."""

        def decorate(function: Any) -> Any:
            self.add_exception_handler(exc_class_or_status_code, function)
            return function

        return decorate

    def frontend(
        self,
        path: str,
        *,
        directory: "str | os.PathLike[str]",
        fallback: "Fallback | None" = "auto",
        check_dir: bool | Literal["auto"] = "auto",
    ) -> None:
        """Serve the files of a built single-page application where no route answers.

        `fallback` answers paths without a file: "index.html" for navigation, "404.html", "auto" for whichever
        exists. Raises FasterAPIError when the directory or an explicit fallback is missing.
        """
        from fasterapi.routing.frontends import FrontendRoute  # noqa: PLC0415 - files are rarely served

        self._add(
            FrontendRoute(
                path, directory=directory, fallback=fallback, check_dir=check_dir, inherited=self.inherited
            )
        )

    def add_route(
        self,
        path: str,
        route: Callable[..., Any],
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        """Add a handler that takes a Request and returns a Response; it is in no document."""
        self._add(Route(path, route, methods=methods, name=name, include_in_schema=include_in_schema))

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Decorator[Any]:
        """`add_route` as a decorator."""

        def decorate(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_route(path, endpoint, methods, name, include_in_schema)
            return endpoint

        return decorate

    def add_websocket_route(self, path: str, route: Callable[..., Any], name: str | None = None) -> None:
        """Add a handler that takes only a WebSocket."""
        self._add(WebSocketRoute(path, route, name=name))

    def websocket_route(self, path: str, name: str | None = None) -> Decorator[Any]:
        """`add_websocket_route` as a decorator."""

        def decorate(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_websocket_route(path, endpoint, name)
            return endpoint

        return decorate

    def on_event(self, event_type: str) -> Decorator[Any]:
        """`add_event_handler` as a decorator."""

        def decorate(function: DecoratedCallable) -> DecoratedCallable:
            self.add_event_handler(event_type, function)
            return function

        return decorate

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of the route called `name`. Raises NoMatchFound."""
        from fasterapi.routing.urls import find_path  # noqa: PLC0415 - urls knows every kind of entry

        return find_path(self.routes, name, path_params)
