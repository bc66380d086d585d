"""Handlers written as classes, one method per HTTP method or per event.

Knows: which method of a class answers. Does not know: parameters, dependencies.
Invariant: only the methods of `_METHODS` are looked up by name (CVE-2026-48817).
"""

from collections.abc import Callable, Generator
from typing import Any, Final, Literal

from fasterapi import status
from fasterapi.concurrency import is_coroutine, run_in_threadpool
from fasterapi.exceptions import HTTPException
from fasterapi.requests import MalformedJSON, Request
from fasterapi.requests._json import decode_json
from fasterapi.responses import PlainTextResponse, Response
from fasterapi.types import Message, Receive, Scope, Send
from fasterapi.websockets import WebSocket

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")


class HTTPEndpoint:
    """Answers a request by the method of its name: `get`, `post`, ...; `get` answers HEAD too.

    An ASGI application in the form `await Endpoint(scope, receive, send)`.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f'an HTTPEndpoint takes a scope of type "http", not {scope["type"]!r}')
        self.scope = scope
        self.receive = receive
        self.send = send
        self._allowed_methods = [method for method in _METHODS if self._handler(method) is not None]

    def _handler(self, method: str) -> Callable[[Request], Any] | None:
        if method not in _METHODS:
            return None
        handler: Callable[[Request], Any] | None = getattr(self, method.lower(), None)
        if handler is None and method == "HEAD":
            handler = getattr(self, "get", None)
        return handler

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Call the method's handler, a plain `def` one in a worker thread, and send what it returns."""
        request = Request(self.scope, self.receive, self.send)
        handler = self._handler(request.method) or self.method_not_allowed
        is_async = is_coroutine(handler)
        response = await (handler(request) if is_async else run_in_threadpool(handler, request))
        await response(self.scope, self.receive, self.send)

    async def method_not_allowed(self, request: Request) -> Response:  # noqa: ARG002 - a handler's signature
        """Answer 405: as an `HTTPException` inside an application, whose handlers decide then."""
        headers = {"Allow": ", ".join(self._allowed_methods)}
        if "app" in self.scope:
            raise HTTPException(status_code=405, headers=headers)
        return PlainTextResponse("Method Not Allowed", status_code=405, headers=headers)


class WebSocketEndpoint:
    """Answers a WebSocket by `on_connect`, `on_receive` and `on_disconnect`.

    `encoding` says what `on_receive` is given; without one, text or bytes as they come.
    """

    encoding: Literal["text", "bytes", "json"] | None = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise RuntimeError(
                f'a WebSocketEndpoint takes a scope of type "websocket", not {scope["type"]!r}'
            )
        self.scope = scope
        self.receive = receive
        self.send = send

    def __await__(self) -> Generator[Any, None, None]:
        return self.dispatch().__await__()

    async def dispatch(self) -> None:
        """Run the connection from its handshake to its end."""
        websocket = WebSocket(self.scope, self.receive, self.send)
        await self.on_connect(websocket)
        close_code = status.WS_1000_NORMAL_CLOSURE
        try:
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    close_code = int(message.get("code") or status.WS_1000_NORMAL_CLOSURE)
                    break
                await self.on_receive(websocket, await self.decode(websocket, message))
        except Exception:
            close_code = status.WS_1011_INTERNAL_ERROR
            raise
        finally:
            await self.on_disconnect(websocket, close_code)

    async def decode(self, websocket: WebSocket, message: Message) -> Any:
        """What a message says. Closes with 1003 and raises `RuntimeError` when it is not of `encoding`."""
        text, data = message.get("text"), message.get("bytes")
        if self.encoding == "text" and text is None:
            await websocket.close(code=status.WS_1003_UNSUPPORTED_DATA)
            raise RuntimeError("Expected text websocket messages, but got bytes")
        if self.encoding == "bytes" and data is None:
            await websocket.close(code=status.WS_1003_UNSUPPORTED_DATA)
            raise RuntimeError("Expected bytes websocket messages, but got text")
        if self.encoding == "json":
            try:
                return decode_json(text or data or b"")
            except MalformedJSON as error:
                await websocket.close(code=status.WS_1003_UNSUPPORTED_DATA)
                raise RuntimeError("Malformed JSON data received.") from error
        if self.encoding not in {"text", "bytes", None}:
            raise RuntimeError(
                f'{type(self).__name__}.encoding must be "text", "bytes", "json" or None,'
                f" not {self.encoding!r}"
            )
        return data if self.encoding == "bytes" or text is None else text

    async def on_connect(self, websocket: WebSocket) -> None:
        """Accept the connection; override to look at it first."""
        await websocket.accept()

    async def on_receive(self, websocket: WebSocket, data: Any) -> None:
        """Do nothing; override to handle a message."""

    async def on_disconnect(self, websocket: WebSocket, close_code: int) -> None:
        """Do nothing; override to clean up."""
