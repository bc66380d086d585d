"""Whole ASGI applications under a path or a host, and handlers that take a Request and return a Response.

Knows: Starlette's `Mount`, `Host`, `Route` and `WebSocketRoute`. Does not know: how paths are looked up.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from fasterapi.exceptions import FasterAPIError
from fasterapi.types import ASGIApp

__all__ = ["Host", "Mount", "Route", "WebSocketRoute"]


class Mount:
    """`app` answers everything below `path`; it sees the rest of the path after its `root_path`.

    `routes` instead of `app` makes a router of them. `middleware` wraps the application.
    """

    def __init__(
        self,
        path: str,
        app: ASGIApp | None = None,
        routes: Sequence[Any] | None = None,
        name: str | None = None,
        *,
        middleware: Sequence[Any] | None = None,
    ) -> None:
        if path and not path.startswith("/"):
            message = f"a mount's path must be empty or start with '/': {path!r}"
            raise FasterAPIError(message)
        self.path = path.rstrip("/")
        self.name = name or ""
        self.base_app = app if app is not None else _router_of(routes)
        self.app = _wrapped(self.base_app, middleware)

    @property
    def routes(self) -> list[Any]:
        """The routes below, when the mounted application tells."""
        return list(getattr(self.base_app, "routes", None) or [])

    def within(self, prefix: str) -> "Mount":
        """The same mount as part of a router that is included under `prefix`."""
        mount = Mount(prefix + self.path, self.app, name=self.name)
        mount.base_app = self.base_app
        return mount

    def __repr__(self) -> str:
        return f"Mount({self.path or '/'} -> {self.base_app!r})"


class Host:
    """`app` answers everything for a host, which may have parameters: `{tenant}.example.com`."""

    def __init__(self, host: str, app: ASGIApp, name: str | None = None) -> None:
        if host.startswith("/"):
            message = f"a host must not start with '/': {host!r}"
            raise FasterAPIError(message)
        self.host = host
        self.app = app
        self.name = name or ""

    @property
    def routes(self) -> list[Any]:
        """The routes below, when the application tells."""
        return list(getattr(self.app, "routes", None) or [])

    def __repr__(self) -> str:
        return f"Host({self.host} -> {self.app!r})"


class Route:
    """A handler as Starlette has it: `handler(request) -> Response`, an ASGI class, or an ASGI application."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> None:
        self.path = path
        self.endpoint = endpoint
        self.serve: Callable[..., Any] = endpoint  # replaced when an application takes the route
        self.name = name or getattr(endpoint, "__name__", type(endpoint).__name__)
        self.include_in_schema = include_in_schema
        self.is_asgi_class = isinstance(endpoint, type)
        given = methods or (() if self.is_asgi_class else ("GET",))
        self.methods = {method.upper() for method in given}

    def within(self, prefix: str) -> "Route":
        """The same route as part of a router that is included under `prefix`."""
        return Route(
            prefix + self.path,
            self.endpoint,
            methods=self.methods,
            name=self.name,
            include_in_schema=self.include_in_schema,
        )

    def __repr__(self) -> str:
        return f"Route({self.path} -> {self.name})"


class WebSocketRoute:
    """A WebSocket handler as Starlette has it: `handler(websocket)`, or an ASGI class."""

    def __init__(self, path: str, endpoint: Callable[..., Any], *, name: str | None = None) -> None:
        self.path = path
        self.endpoint = endpoint
        self.serve: Callable[..., Any] = endpoint  # replaced when an application takes the route
        self.name = name or getattr(endpoint, "__name__", type(endpoint).__name__)
        self.is_asgi_class = isinstance(endpoint, type)

    def within(self, prefix: str) -> "WebSocketRoute":
        """The same route as part of a router that is included under `prefix`."""
        return WebSocketRoute(prefix + self.path, self.endpoint, name=self.name)

    def __repr__(self) -> str:
        return f"WebSocketRoute({self.path} -> {self.name})"


def _router_of(routes: Sequence[Any] | None) -> ASGIApp:
    from fasterapi.routing.router import FasterRouter  # noqa: PLC0415 - a router holds mounts

    return FasterRouter(routes=routes or [])


def _wrapped(app: ASGIApp, middleware: Sequence[Any] | None) -> ASGIApp:
    for cls, args, kwargs in reversed(middleware or []):
        app = cls(app, *args, **kwargs)
    return app
