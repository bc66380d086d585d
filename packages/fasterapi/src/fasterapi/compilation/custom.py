"""A `route_class` that overrides `get_route_handler`, FastAPI's way to wrap one route's work.

Knows: FastAPI's contract, `handler(request) -> Response`, and how the generated function fulfils it.
Does not know: what the user's class does. Responses are collected here before they are sent, streams too.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fasterapi.compilation.runtime import TrackedSend
from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.types import Message, Receive, Scope, Send

__all__ = ["route_handler", "serve_custom"]

RouteHandler = Callable[[Request], Coroutine[Any, Any, Response]]


def route_handler(call: Callable[..., Any]) -> RouteHandler:
    """What `APIRoute.get_route_handler` gives: run `call`, a function that raises, and return its response."""

    async def handler(request: Request) -> Response:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await call(request.scope, request.receive, collect, request.scope["path_params"])
        start, *bodies = messages
        response = Response(b"".join(body.get("body", b"") for body in bodies), status_code=start["status"])
        response.raw_headers[:] = list(start["headers"])
        return response

    return handler


def serve_custom(route: Any, app: Any, handle: Callable[..., Any]) -> Callable[..., Any]:
    """The function `(scope, receive, send, path_params)` around the handler that the user's class returns."""
    run = route.get_route_handler()

    async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
        scope.update(app=app, route=route, endpoint=route.endpoint, path_params=path_params)
        tracked = TrackedSend(send)
        try:
            response = await run(Request(scope, receive, tracked))
            await response(scope, receive, tracked)
        except Exception as error:
            if not await handle(error, scope, receive, tracked, path_params):
                raise

    return serve
