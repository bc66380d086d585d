"""What a server calls, and what is put around it before the path is looked at.

Knows: how servers tell an ASGI 3 application, `root_path`, `scope["app"]`. Does not know: routes' methods and paths.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from fasterapi.routing.mounts import Host, Mount
from fasterapi.routing.route import APIRoute
from fasterapi.types import Receive, Scope, Send

__all__ = ["Entry", "as_asgi3", "note_routes", "route_path", "with_app", "with_root_path"]

Entry = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]
E = TypeVar("E", bound=Callable[..., Any])


def as_asgi3(entry: E) -> E:
    """Mark a function that returns a coroutine as a coroutine function, by which servers detect ASGI 3."""
    if sys.version_info >= (3, 12):
        return inspect.markcoroutinefunction(entry)
    entry._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]  # as asyncio marks its own
    return entry


def with_root_path(app: Any, root_path: str) -> Entry:
    """`app` for a server that does not know below which path it stands."""

    @as_asgi3
    def entry(scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        if scope["type"] != "lifespan":
            scope["root_path"] = root_path
        return app(scope, receive, send)  # type: ignore[no-any-return]  # an ASGI application's coroutine

    return entry


def note_routes(routes: Iterable[Any]) -> None:
    """Tell `routes`, and the applications mounted in them, that somebody outside reads which route was found."""
    for route in routes:
        if isinstance(route, APIRoute):
            route.handler.note_route()
        elif isinstance(route, Mount | Host):
            app = getattr(route, "base_app", route.app)
            if callable(note := getattr(app, "note_routes", None)):
                note()


def with_app(app: Any, entry: Entry) -> Entry:
    """`entry` with `scope["app"]`, for middleware that asks for the application before a route is found."""

    @as_asgi3
    def named(scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        scope["app"] = app
        return entry(scope, receive, send)

    return named


def route_path(scope: Scope) -> str:
    """The path below the application: `scope["path"]` without `scope["root_path"]`."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "").rstrip("/")
    if not root_path or not path.startswith(root_path):
        return path
    below = path[len(root_path) :]
    return below if not below or below.startswith("/") else path
