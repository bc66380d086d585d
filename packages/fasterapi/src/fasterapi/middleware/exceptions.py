"""Exceptions that have handlers → their responses.

Knows: handlers by status code and by class. Does not know: the handlers that the framework brings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fasterapi._tracking import TrackedSend
from fasterapi.exceptions import HTTPException, WebSocketException
from fasterapi.middleware._calls import call_handler
from fasterapi.requests import Request
from fasterapi.responses import PlainTextResponse, Response
from fasterapi.types import ASGIApp, ExceptionHandler, Receive, Scope, Send
from fasterapi.websockets import WebSocket


def lookup_handler(handlers: Mapping[Any, ExceptionHandler], error: Exception) -> ExceptionHandler | None:
    """The handler for `error`: of its status code if it is an `HTTPException`, else of its nearest class.

    >>> handlers = {404: "gone", LookupError: "lookup", Exception: "any"}
    >>> [lookup_handler(handlers, e) for e in (HTTPException(404), HTTPException(400), KeyError())]
    ['gone', 'any', 'lookup']
    """
    if isinstance(error, HTTPException):
        handler = handlers.get(error.status_code)
        if handler is not None:
            return handler
    for cls in type(error).__mro__:
        if cls in handlers:
            return handlers[cls]
    return None


class ExceptionMiddleware:
    """Answer exceptions by their handlers; what has none goes on outwards.

    `handlers` maps status codes and exception classes to `handler(connection, exception)`. Without handlers
    of their own, `HTTPException` is answered by its detail as text, and `WebSocketException` closes the
    WebSocket.
    """

    def __init__(
        self,
        app: ASGIApp,
        handlers: Mapping[Any, ExceptionHandler] | None = None,
        debug: bool = False,
    ) -> None:
        self.app = app
        self.debug = debug
        self.handlers: dict[Any, ExceptionHandler] = {
            HTTPException: http_exception,
            WebSocketException: websocket_exception,
        }
        self.handlers.update(handlers or {})

    def add_exception_handler(
        self, exc_class_or_status_code: int | type[Exception], handler: ExceptionHandler
    ) -> None:
        """Use `handler` from the next exception on."""
        self.handlers[exc_class_or_status_code] = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        tracked = TrackedSend(send)
        try:
            await self.app(scope, receive, tracked)
        except Exception as error:
            handler = lookup_handler(self.handlers, error)
            if handler is None:
                raise
            if tracked.started:
                raise RuntimeError(
                    f"{type(error).__name__} has a handler, but the response has already begun"
                ) from error
            kind = Request if scope["type"] == "http" else WebSocket
            response = await call_handler(handler, kind(scope, receive, send), error)
            if response is not None:
                await response(scope, receive, tracked)


async def http_exception(request: Request, error: HTTPException) -> Response:  # noqa: ARG001 - a handler's form
    """The detail as text, with the exception's headers; no body where none may be (RFC 9110, section 15)."""
    if error.status_code in {204, 304}:
        return Response(status_code=error.status_code, headers=error.headers)
    return PlainTextResponse(str(error.detail), status_code=error.status_code, headers=error.headers)


async def websocket_exception(websocket: WebSocket, error: WebSocketException) -> None:
    """Close with the exception's code and reason."""
    await websocket.close(code=error.code, reason=error.reason)
