"""Middleware records and an application → one ASGI application.

Knows: the order. Does not know: what any middleware does.
Invariant: the first record is the outermost one, and unhandled errors are caught outside of all of them, but for
those at the front whose class has `outside_errors = True`: these raise nothing of their own, and want the 500 too.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from fasterapi.middleware._record import Middleware
from fasterapi.middleware.errors import ServerErrorMiddleware
from fasterapi.types import ASGIApp, ExceptionHandler


def build_stack(
    app: ASGIApp,
    middleware: Iterable[Middleware],
    *,
    error_handler: ExceptionHandler | None = None,
    debug: bool = False,
    inside_errors: Sequence[Middleware] = (),
) -> ASGIApp:
    """`app` inside all of `middleware`, inside `ServerErrorMiddleware(handler=error_handler, debug=debug)`.

    Records at the front with `outside_errors` stand around that; `inside_errors` stand directly inside of it.
    A middleware that cannot be built raises its own exception, with a note that names its record.

    >>> async def app(scope, receive, send): ...
    >>> build_stack(app, []).app is app
    True
    """
    records = list(middleware)
    outside = list(takewhile(lambda record: getattr(record.cls, "outside_errors", False), records))
    inner = wrap(app, [*inside_errors, *records[len(outside) :]])
    return wrap(ServerErrorMiddleware(inner, handler=error_handler, debug=debug), outside)


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
