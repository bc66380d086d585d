"""Exceptions → responses: FastAPI's default handlers, and which handler answers which exception.

Knows: handlers by status code and by class (MRO), nearer routers first. Does not know: who raised.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from msgspec.json import Encoder

from fasterapi._tracking import TrackedSend
from fasterapi.concurrency import is_coroutine, run_in_threadpool
from fasterapi.exceptions import (
    ClientDisconnect,
    HTTPException,
    ProblemException,
    RequestValidationError,
    WebSocketException,
    WebSocketRequestValidationError,
)
from fasterapi.requests import Request
from fasterapi.responses import JSONResponse, PlainTextResponse, Response
from fasterapi.responses._lengths import CONTENT_LENGTHS
from fasterapi.types import Receive, Scope, Send
from fasterapi.websockets import WebSocket, WebSocketDisconnect

__all__ = [
    "DEFAULT_HANDLERS",
    "ExceptionHandling",
    "http_exception_handler",
    "problem_exception_handler",
    "request_validation_exception_handler",
    "websocket_exception_handler",
    "websocket_request_validation_exception_handler",
]

Handlers = Mapping[Any, Callable[..., Any]]

_log = logging.getLogger("fasterapi.error")
_WITHOUT_BODY: Final = frozenset({204, 205, 304})
_encode: Final = Encoder().encode


async def http_exception_handler(request: Request, exc: HTTPException) -> Response:  # noqa: ARG001 - FastAPI's signature
    """Answer `{"detail": ...}` with the exception's status and headers."""
    if exc.status_code < 200 or exc.status_code in _WITHOUT_BODY:
        return Response(status_code=exc.status_code, headers=exc.headers)
    return JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=exc.headers)


async def request_validation_exception_handler(request: Request, exc: RequestValidationError) -> Response:  # noqa: ARG001
    """Answer 422 with all errors."""
    return JSONResponse({"detail": _jsonable(exc)}, status_code=422)


async def problem_exception_handler(request: Request, exc: ProblemException) -> Response:
    """Answer `application/problem+json`, which the exception asks for by its class."""
    from fasterapi.problems import http_problem_handler  # noqa: PLC0415 - problems are asked for

    return await http_problem_handler(request, exc)


async def websocket_exception_handler(websocket: WebSocket, exc: WebSocketException) -> None:
    """Close with the exception's code and reason."""
    await websocket.close(code=exc.code, reason=exc.reason)


async def websocket_request_validation_exception_handler(
    websocket: WebSocket, exc: WebSocketRequestValidationError
) -> None:
    """Close with 1008, policy violation (RFC 6455, section 7.4.1)."""
    errors = _jsonable(exc)
    await websocket.close(code=1008, reason=str(errors)[:_MAX_REASON])


# A close frame has room for 123 bytes of UTF-8 (RFC 6455, section 5.5); 4 bytes are the most a character takes.
_MAX_REASON: Final = 30

DEFAULT_HANDLERS: Final[Handlers] = {
    HTTPException: http_exception_handler,
    ProblemException: problem_exception_handler,
    RequestValidationError: request_validation_exception_handler,
    WebSocketException: websocket_exception_handler,
    WebSocketRequestValidationError: websocket_request_validation_exception_handler,
}

# Who handles one of these answers a request that does not fit; an application's handler for `Exception` does not.
_VALIDATION: Final = frozenset(RequestValidationError.__mro__)
_VALIDATION_IN_APP: Final = _VALIDATION - {Exception}


def _jsonable(exc: RequestValidationError | WebSocketRequestValidationError) -> Any:
    from fasterapi.encoders import jsonable_encoder  # noqa: PLC0415 - it knows many types

    return jsonable_encoder(exc.errors())


def find_handler(handlers: Handlers, exc: Exception, *, is_app: bool) -> Callable[..., Any] | None:
    """The handler for `exc` in one mapping: by status code, then by class along the MRO.

    An application's handlers for 500 and `Exception` answer what nobody else handles; they are no part of this.
    """
    if isinstance(exc, HTTPException):
        found = handlers.get(exc.status_code)
        if found is not None and not (is_app and exc.status_code == 500):
            return found
    for cls in type(exc).__mro__:
        if cls in handlers and not (is_app and cls is Exception):
            return handlers[cls]
    return None


class ExceptionHandling:
    """Answers the exceptions of one route: `await handling(exc, scope, receive, send)` says whether it did.

    `layers` are the handlers of the routers around the route, nearest first; `app` is asked for its own at the
    time of the exception, so that handlers may be registered at any time. `is_outermost`: there is no middleware
    to answer what nobody handles. `problems`: the default answers are problem details (RFC 9457). `codecs`: they are
    in the form of one of these that the client accepts.
    """

    def __init__(
        self,
        app: Any,
        layers: Sequence[Handlers],
        *,
        is_outermost: Callable[[], bool],
        problems: bool = False,
        codecs: Sequence[Any] | None = None,
    ) -> None:
        self._app = app
        self._layers = tuple(layers)
        self._is_outermost = is_outermost
        self._problems = problems
        self._defaults = _defaults(problems, codecs)

    def refusal(self, errors: list[Any]) -> bytes | None:
        """The default answer to errors in a request; None where a handler of the user's must be asked."""
        if self._defaults is not DEFAULT_HANDLERS:
            return None
        own = self._app.exception_handlers
        if own and not own.keys().isdisjoint(_VALIDATION_IN_APP):
            return None
        for layer in self._layers:
            if not layer.keys().isdisjoint(_VALIDATION):
                return None
        try:
            return _encode({"detail": errors})
        except (TypeError, ValueError, NotImplementedError):
            return None

    async def __call__(  # noqa: PLR0917 - called by generated code only
        self,
        exc: Exception,
        scope: Scope,
        receive: Receive,
        send: Send,
        path_params: Mapping[str, Any] | None = None,
        started: bool = False,
    ) -> bool:
        """Answer `exc`. False when it was not handled, or the response had begun: then the caller re-raises."""
        if started or getattr(send, "started", False):
            _log.error("%s: %r after the response had begun", _place(scope), exc)
            return False
        scope.setdefault("app", self._app)
        if path_params is not None:
            scope["path_params"] = path_params
        handler = self._find(exc)
        content = _content_of(handler, exc) if scope["type"] == "http" else None
        if content is not None:
            await _send_json(exc, content, send)
            return True
        if handler is None and isinstance(exc, ClientDisconnect):
            _log.info("%s: the client went away in mid-body", _place(scope))
            return True
        if handler is None and isinstance(exc, WebSocketDisconnect) and self._app.is_shutting_down:
            _log.info("%s: closed, as the server is going down", _place(scope))
            return True
        if handler is None:
            if self._is_outermost() and scope["type"] == "http":
                await self._answer_unhandled(exc, scope, receive, send)
            return False
        await self._run_handler(handler, exc, scope, receive, send)
        return True

    async def _run_handler(
        self, handler: Callable[..., Any], exc: Exception, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Let `handler` answer. An exception of its own is answered like one that has no handler, and raised."""
        tracked = TrackedSend(send)
        try:
            await _run(handler, exc, scope, receive, tracked)
        except Exception as error:
            if self._is_outermost() and scope["type"] == "http" and not tracked.started:
                await self._answer_unhandled(error, scope, receive, send)
            raise

    def _find(self, exc: Exception) -> Callable[..., Any] | None:
        for layer in self._layers:
            found = find_handler(layer, exc, is_app=False)
            if found is not None:
                return found
        # One mapping over the other, so that a handler for a base class does not hide a default one.
        own = self._app.exception_handlers
        return find_handler({**self._defaults, **own} if own else self._defaults, exc, is_app=True)

    async def _answer_unhandled(self, exc: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        _log.error("%s: unhandled %r", _place(scope), exc, exc_info=exc)
        handlers = self._app.exception_handlers
        handler = (
            handlers.get(500) or handlers.get(Exception) or server_error_handler(problems=self._problems)
        )
        if handler is not None:
            await _run(handler, exc, scope, receive, send)
        else:
            await PlainTextResponse("Internal Server Error", status_code=500)(scope, receive, send)


def _defaults(problems: bool, codecs: Sequence[Any] | None) -> Handlers:
    handlers = DEFAULT_HANDLERS
    if problems:
        from fasterapi.problems import PROBLEM_HANDLERS  # noqa: PLC0415 - problems are asked for

        handlers = {**DEFAULT_HANDLERS, **PROBLEM_HANDLERS}
    if codecs is not None:
        from fasterapi._errorforms import in_accepted_form  # noqa: PLC0415 - other forms are asked for

        handlers = in_accepted_form(handlers, codecs)
    return handlers


def server_error_handler(*, problems: bool) -> Callable[..., Any] | None:
    """What answers an exception that has no handler; None where a line of text does."""
    if not problems:
        return None
    from fasterapi.problems import server_problem_handler  # noqa: PLC0415 - problems are asked for

    return server_problem_handler


def _content_of(handler: Callable[..., Any] | None, exc: Any) -> bytes | None:
    """What the two frequent default handlers would answer, as bytes; None where a handler has to be called."""
    detail: Any
    if handler is http_exception_handler and not exc.headers and exc.status_code not in _WITHOUT_BODY:
        detail = exc.detail
    elif handler is request_validation_exception_handler:
        detail = exc.errors()
    else:
        return None
    try:
        return _encode({"detail": detail})
    except (TypeError, ValueError, NotImplementedError):
        return None


async def _send_json(exc: Any, content: bytes, send: Send) -> None:
    headers = [CONTENT_LENGTHS[len(content)], (b"content-type", b"application/json")]
    await send(
        {"type": "http.response.start", "status": getattr(exc, "status_code", 422), "headers": headers}
    )
    await send({"type": "http.response.body", "body": content})


def _place(scope: Scope) -> str:
    # Control bytes of a path must not reach the log as they are.
    return f"{scope.get('method', scope['type'])} {scope['path']!r}"


async def _run(
    handler: Callable[..., Any], exc: Exception, scope: Scope, receive: Receive, send: Send
) -> None:
    connection = (WebSocket if scope["type"] == "websocket" else Request)(scope, receive, send)
    if is_coroutine(handler):
        response = await handler(connection, exc)
    else:
        response = await run_in_threadpool(handler, connection, exc)
    if response is not None:
        await response(scope, receive, send)
