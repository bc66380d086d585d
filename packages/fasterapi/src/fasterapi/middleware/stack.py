"""Middleware records and an application → one ASGI application.

Knows: the order. Does not know: what any middleware does.
Invariant: the first record is the outermost one, and unhandled errors are caught outside of all of them.
"""

from collections.abc import Iterable

from fasterapi.middleware._record import Middleware
from fasterapi.middleware.errors import ServerErrorMiddleware
from fasterapi.types import ASGIApp, ExceptionHandler


def build_stack(
    app: ASGIApp,
    middleware: Iterable[Middleware],
    *,
    error_handler: ExceptionHandler | None = None,
    debug: bool = False,
) -> ASGIApp:
    """`app` inside all of `middleware`, inside `ServerErrorMiddleware(handler=error_handler, debug=debug)`.

    A middleware that cannot be built raises its own exception, with a note that names its record.

    >>> async def app(scope, receive, send): ...
    >>> build_stack(app, []).app is app
    True
    """
    return ServerErrorMiddleware(wrap(app, middleware), handler=error_handler, debug=debug)


def wrap(app: ASGIApp, middleware: Iterable[Middleware]) -> ASGIApp:
    """`app` inside all of `middleware` and nothing else: for one route, or one router."""
    for record in reversed(list(middleware)):
        cls, args, kwargs = record
        try:
            app = cls(app, *args, **kwargs)
        except Exception as error:
            error.add_note(f"while building {record!r}")
            raise
    return app
