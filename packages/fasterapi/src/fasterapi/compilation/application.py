"""What the handlers of one application share while they are compiled and run.

Knows: the application's limits, its exception handlers, middleware of routes. Does not know: paths, parameters.
"""

import threading
from collections.abc import Callable
from typing import Any

from fasterapi._limits import DEFAULT_LIMITS, BodyLimits
from fasterapi.compilation.binder import Binder
from fasterapi.exception_handlers import ExceptionHandling
from fasterapi.types import ASGIApp, Receive, Scope, Send

__all__ = ["Application"]


class Application:
    """Stands for the application in its routes."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.binder = Binder()
        # Held by whoever compiles a route, so that two first requests compile it once.
        self.compiling = threading.RLock()

    @property
    def notes_routes(self) -> bool:
        """Whether somebody outside of the generated functions reads in the scope which of them was called."""
        return bool(self.app.notes_routes)

    @property
    def operations(self) -> Any:
        """The module that generated functions call around their steps; None without telemetry."""
        if self.app.telemetry is None:
            return None
        from fasterapi.telemetry import operations  # noqa: PLC0415 - needs OpenTelemetry

        return operations

    def exception_handling(self, route: Any) -> ExceptionHandling:
        """What answers the exceptions of `route`: its routers' handlers, then the application's."""
        inherited = self.app.inherited if route is None else route.inherited
        return ExceptionHandling(
            self.app,
            inherited.exception_handlers if route is not None else (),
            is_outermost=lambda: not self.app.has_middleware,
            problems=bool(inherited.problem_details),
            codecs=inherited.codecs,
        )

    def limits_for(self, route: Any) -> BodyLimits | None:
        """The sizes that `route` accepts, None when they are the defaults."""
        inherited = route.inherited
        limits = DEFAULT_LIMITS.with_form_limits(inherited.form_limits)
        if inherited.max_body_size is not None:
            limits = limits.with_max_body_size(inherited.max_body_size)
        return None if limits == DEFAULT_LIMITS else limits

    def body_limit_for(self, route: Any) -> int | None:
        """The bytes that a body in memory may have."""
        limits = self.limits_for(route) or DEFAULT_LIMITS
        return limits.max_body_size

    def wrapped(self, route: Any, call: Callable[..., Any]) -> Callable[..., Any]:
        """`call` inside the middleware of the route and its routers; `call` itself where there is none."""
        middleware = route.inherited.middleware
        if not middleware:
            return call

        async def innermost(scope: Scope, receive: Receive, send: Send) -> None:
            await call(scope, receive, send, scope["path_params"])

        stack: ASGIApp = innermost
        for cls, args, kwargs in reversed(middleware):
            stack = cls(stack, *args, **kwargs)

        async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
            scope["app"] = self.app
            scope["path_params"] = path_params
            scope["route"] = route
            scope["endpoint"] = route.endpoint
            await stack(scope, receive, send)

        return serve
