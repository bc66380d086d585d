"""An application as it was declared → what the server calls.

Knows: the order of things around a request: `root_path`, telemetry, middleware, the dispatcher. Does not know: what any
of them does. Runs at the first request, and again after a route was added.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fasterapi._collector import collector_paused
from fasterapi.lifespan import run_lifespan
from fasterapi.routing.dispatch import Dispatcher
from fasterapi.routing.entries import Entry, note_routes, with_app, with_root_path
from fasterapi.routing.table import Table
from fasterapi.types import ASGIApp

if TYPE_CHECKING:
    from fasterapi.app import Faster
    from fasterapi.compilation.application import Application

__all__ = ["build_entry", "stack_around"]


def build_entry(app: "Faster", application: "Application") -> Entry:
    """The function `(scope, receive, send)` → the coroutine that answers."""
    routes = app.routes
    with collector_paused():
        table = Table(routes, strict=app.strict_routes)
    dispatcher = _dispatcher_class(app)(
        app,
        table,
        redirect_slashes=app.router.redirect_slashes,
        automatic_options=app.automatic_options,
        fallback=app.router.default,
        lifespan=run_lifespan,
        handle_exception=application.exception_handling(None),
    )
    entry = dispatcher.entry()
    if app.notes_routes:
        note_routes(routes)
    if app.has_middleware:
        stack: Any = app.build_middleware_stack(entry)
        entry = with_app(app, stack.__call__) if app.telemetry is None else app.telemetry.around(app, stack)
    return with_root_path(entry, app.root_path) if app.root_path else entry


def _dispatcher_class(app: "Faster") -> type[Dispatcher]:
    if not app.encoded_slashes:
        return Dispatcher
    from fasterapi.routing.slashes import SlashDispatcher  # noqa: PLC0415 - few applications ask for it

    return SlashDispatcher


def stack_around(app: "Faster", inner: ASGIApp) -> ASGIApp:
    """`inner` inside the middleware of `app`, the one that was added last outermost."""
    from fasterapi.middleware.stack import build_stack  # noqa: PLC0415 - most have none

    handlers = app.exception_handlers
    return build_stack(
        inner,
        app.user_middleware,
        error_handler=handlers.get(500) or handlers.get(Exception) or _default_error_handler(app),
        debug=app.debug,
        inside_errors=() if app.telemetry is None else (app.telemetry.middleware,),
    )


def _default_error_handler(app: "Faster") -> Callable[..., Any] | None:
    """What answers 500 where the user has said nothing; None for a line of text."""
    default = bool(app.inherited.problem_details)
    if not default and not any(
        route.inherited.problem_details for route in app.routes if hasattr(route, "inherited")
    ):
        return None
    from fasterapi.problems import server_handler_by_route  # noqa: PLC0415 - problems are asked for

    return server_handler_by_route(default)
