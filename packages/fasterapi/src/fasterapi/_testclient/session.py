"""WebSocket sessions as tests use them: one for threads, one for event loops.

Knows: JSON and text in messages. Does not know: how messages travel (`WebSocketExchange`).
"""

import json
from types import TracebackType
from typing import Any, Literal, Self

from fasterapi._testclient.loopthread import LoopThread
from fasterapi._testclient.websocket import WebSocketExchange
from fasterapi.types import Message, Scope

Mode = Literal["text", "binary"]
Headers = list[tuple[bytes, bytes]]


class _Accepted:
    """What the application's `websocket.accept` said."""

    accepted_subprotocol: str | None = None
    extra_headers: Headers | None = None

    def _accept(self, message: Message) -> None:
        self.accepted_subprotocol = message.get("subprotocol")
        self.extra_headers = message.get("headers")


class WebSocketTestSession(_Accepted):
    """A client's side of one WebSocket; a context manager whose block is the connection's life.

    Entering raises `WebSocketDisconnect` or `WebSocketDenialResponse` when the application refuses; every
    `receive_*` raises `WebSocketDisconnect` when it closes, and its own exception when it fails. Leaving
    disconnects with 1000 and waits for the application's end.
    """

    def __init__(self, exchange: WebSocketExchange, loop: LoopThread) -> None:
        self._exchange = exchange
        self._loop = loop

    @property
    def scope(self) -> Scope:
        """The ASGI scope of this connection."""
        return self._exchange.scope

    def __enter__(self) -> Self:
        self._accept(self._loop.call(self._exchange.open))
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._loop.call(self._exchange.close)

    def send(self, message: Message) -> None:
        """Hand a raw ASGI message, for instance `websocket.receive`, to the application."""
        self._loop.call(self._exchange.put, message)

    def send_text(self, data: str) -> None:
        """Send one text message."""
        self.send({"type": "websocket.receive", "text": data})

    def send_bytes(self, data: bytes) -> None:
        """Send one binary message."""
        self.send({"type": "websocket.receive", "bytes": data})

    def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send `data` as JSON in one text or binary message."""
        self.send(_json_message(data, mode))

    def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Disconnect with a close code (RFC 6455, section 7.4.1)."""
        self.send({"type": "websocket.disconnect", "code": code, "reason": reason})

    def receive(self) -> Message:
        """The application's next raw ASGI message, whatever it is."""
        return self._loop.call(self._exchange.get)

    def receive_text(self) -> str:
        """The next message, which must be text."""
        return _text(self._loop.call(self._exchange.get_unless_closed))

    def receive_bytes(self) -> bytes:
        """The next message, which must be binary."""
        return _bytes(self._loop.call(self._exchange.get_unless_closed))

    def receive_json(self, mode: Mode = "text") -> Any:
        """The next message, decoded from JSON."""
        message = self._loop.call(self._exchange.get_unless_closed)
        return json.loads(_text(message) if mode == "text" else _bytes(message))


class AsyncWebSocketTestSession(_Accepted):
    """As `WebSocketTestSession`, in the event loop of the test: an asynchronous context manager."""

    def __init__(self, exchange: WebSocketExchange) -> None:
        self._exchange = exchange

    @property
    def scope(self) -> Scope:
        """The ASGI scope of this connection."""
        return self._exchange.scope

    async def __aenter__(self) -> Self:
        self._accept(await self._exchange.open())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._exchange.close()

    async def send(self, message: Message) -> None:
        """Hand a raw ASGI message, for instance `websocket.receive`, to the application."""
        self._exchange.put(message)

    async def send_text(self, data: str) -> None:
        """Send one text message."""
        self._exchange.put({"type": "websocket.receive", "text": data})

    async def send_bytes(self, data: bytes) -> None:
        """Send one binary message."""
        self._exchange.put({"type": "websocket.receive", "bytes": data})

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send `data` as JSON in one text or binary message."""
        self._exchange.put(_json_message(data, mode))

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Disconnect with a close code (RFC 6455, section 7.4.1)."""
        self._exchange.put({"type": "websocket.disconnect", "code": code, "reason": reason})

    async def receive(self) -> Message:
        """The application's next raw ASGI message, whatever it is."""
        return await self._exchange.get()

    async def receive_text(self) -> str:
        """The next message, which must be text."""
        return _text(await self._exchange.get_unless_closed())

    async def receive_bytes(self) -> bytes:
        """The next message, which must be binary."""
        return _bytes(await self._exchange.get_unless_closed())

    async def receive_json(self, mode: Mode = "text") -> Any:
        """The next message, decoded from JSON."""
        message = await self._exchange.get_unless_closed()
        return json.loads(_text(message) if mode == "text" else _bytes(message))


def _json_message(data: Any, mode: Mode) -> Message:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    if mode == "text":
        return {"type": "websocket.receive", "text": text}
    return {"type": "websocket.receive", "bytes": text.encode()}


def _text(message: Message) -> str:
    text = message.get("text")
    if not isinstance(text, str):
        raise _unexpected("text", message)
    return text


def _bytes(message: Message) -> bytes:
    data = message.get("bytes")
    if not isinstance(data, bytes):
        raise _unexpected("bytes", message)
    return data


def _unexpected(wanted: str, message: Message) -> AssertionError:
    return AssertionError(f"expected a message of {wanted} from the application, got {message!r}")
