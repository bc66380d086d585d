"""Handlers without declared parameters: `handler(request) -> Response`, and ASGI classes.

Knows: how Starlette serves its `Route` and `WebSocketRoute`. Does not know: paths, dependencies.
"""

import inspect
from collections.abc import Callable
from typing import Any

from fasterapi._origins import origin_check
from fasterapi._tracking import TrackedSend
from fasterapi.compilation.application import Application
from fasterapi.concurrency import is_coroutine, run_in_threadpool
from fasterapi.requests import Request
from fasterapi.routing.mounts import Route, WebSocketRoute
from fasterapi.routing.options import Inherited
from fasterapi.types import Receive, Scope, Send
from fasterapi.websockets import WebSocket
from fasterapi.websockets._connection import LIMITS_KEY

__all__ = ["serve_plain"]


def serve_plain(route: Route | WebSocketRoute, application: Application) -> Callable[..., Any]:
    """The function `(scope, receive, send, path_params)` of a route without declared parameters."""
    handle = application.exception_handling(None)
    run = _runner(route)
    if isinstance(route, WebSocketRoute):
        run = _guarded(run, application.app.inherited)

    async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
        scope["app"] = application.app
        scope["path_params"] = {**scope.get("path_params", {}), **path_params}
        scope["endpoint"] = route.endpoint
        scope["route"] = route
        tracked = TrackedSend(send)
        try:
            await run(scope, receive, tracked)
        except Exception as error:
            if not await handle(error, scope, receive, tracked, path_params):
                raise

    return serve


def _guarded(run: Callable[..., Any], options: Inherited) -> Callable[..., Any]:
    """`run` for the WebSockets that the application's options allow."""
    check = origin_check(options.allowed_origins)
    limits = (options.max_message_size, options.idle_timeout)

    async def run_guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if check is not None:
            check(scope)
        scope[LIMITS_KEY] = limits
        await run(scope, receive, send)

    return run_guarded


def _runner(route: Route | WebSocketRoute) -> Callable[[Scope, Receive, Send], Any]:
    endpoint = route.endpoint
    if route.is_asgi_class:
        return endpoint
    if isinstance(route, WebSocketRoute):

        async def run_websocket(scope: Scope, receive: Receive, send: Send) -> None:
            await endpoint(WebSocket(scope, receive, send))

        return run_websocket
    is_async = is_coroutine(inspect.unwrap(endpoint))

    async def run_http(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await endpoint(request) if is_async else await run_in_threadpool(endpoint, request)
        await response(scope, receive, send)

    return run_http
