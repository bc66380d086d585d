"""One WebSocket connection, from the handshake to the close.

Knows: ASGI's websocket messages and which of them may follow which. Does not know: routes, dependencies.
Invariant: a message that the state does not allow is never sent; the error says what would be.
"""

import enum
from collections.abc import AsyncIterator, Collection, Iterable
from typing import Any, Literal, TypeVar, overload

import msgspec

from fasterapi.datastructures._headers import encode_header
from fasterapi.exceptions import WebSocketException
from fasterapi.requests import HTTPConnection
from fasterapi.requests._json import decode_json
from fasterapi.responses import Response, encode_json
from fasterapi.types import Message, Receive, Scope, Send

T = TypeVar("T")
Mode = Literal["text", "binary"]

# RFC 6455, section 7.4.1.
_UNSUPPORTED_DATA = 1003
_INVALID_PAYLOAD = 1007
_POLICY_VIOLATION = 1008
_MESSAGE_TOO_BIG = 1009
_ABNORMAL_CLOSURE = 1006

# RFC 6455, section 5.5: a close frame has 125 bytes, two of them for the code.
_MAX_REASON_SIZE = 123


class WebSocketState(enum.Enum):
    """How far one side of a connection is."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3


class WebSocketDisconnect(Exception):  # noqa: N818 - Starlette's name
    """The client closed the connection, with this code and reason."""

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason or ""


class WebSocketDisconnected(RuntimeError):  # noqa: N818 - Starlette's name
    """A connection is used that is closed, or not accepted yet."""


class WebSocket(HTTPConnection):
    """One WebSocket: `accept()` it, then receive and send until one side closes.

    `max_message_size` limits what is received, in bytes (in characters for text); `None` leaves it to the
    server. Methods that receive raise `WebSocketDisconnect` when the client has closed, and
    `WebSocketException` for a message of the wrong kind (1003), content (1007) or size (1009): left to the
    framework, it closes the connection with that code.
    """

    __slots__ = ("_receive", "_send", "application_state", "client_state", "max_message_size")

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, max_message_size: int | None = None
    ) -> None:
        super().__init__(scope)
        if scope["type"] != "websocket":
            raise RuntimeError(f'a WebSocket is made of a scope of type "websocket", not {scope["type"]!r}')
        self._receive = receive
        self._send = send
        self.max_message_size = max_message_size
        self.client_state = WebSocketState.CONNECTING
        self.application_state = WebSocketState.CONNECTING

    async def receive(self) -> Message:
        """The next ASGI message. `WebSocketDisconnected` after the last one."""
        if self.client_state is WebSocketState.CONNECTED:
            return self._checked(await self._receive())
        if self.client_state is WebSocketState.CONNECTING:
            message = await self._receive()
            if message["type"] != "websocket.connect":
                raise _unexpected(message["type"], "websocket.connect")
            self.client_state = WebSocketState.CONNECTED
            return message
        raise WebSocketDisconnected('Cannot call "receive" once a disconnect message has been received.')

    def _checked(self, message: Message) -> Message:
        """A message of a connection that is open, once it is known to be allowed."""
        kind = message["type"]
        if kind == "websocket.receive":
            if self.max_message_size is not None:
                _check_size(message, self.max_message_size)
        elif kind == "websocket.disconnect":
            self.client_state = WebSocketState.DISCONNECTED
        else:
            raise _unexpected(kind, "websocket.receive", "websocket.disconnect")
        return message

    async def send(self, message: Message) -> None:
        """Send an ASGI message. `WebSocketDisconnected` after the close, `WebSocketDisconnect` on failure."""
        kind = message["type"]
        if self.application_state is WebSocketState.CONNECTED:
            if kind == "websocket.close":
                self.application_state = WebSocketState.DISCONNECTED
            elif kind != "websocket.send":
                raise _unexpected(kind, "websocket.send", "websocket.close")
            try:
                await self._send(message)
            except OSError as error:
                self.application_state = WebSocketState.DISCONNECTED
                raise WebSocketDisconnect(_ABNORMAL_CLOSURE) from error
        elif self.application_state is WebSocketState.CONNECTING:
            following = {
                "websocket.accept": WebSocketState.CONNECTED,
                "websocket.close": WebSocketState.DISCONNECTED,
                "websocket.http.response.start": WebSocketState.RESPONSE,
            }
            if kind not in following:
                raise _unexpected(kind, *following)
            self.application_state = following[kind]
            await self._send(message)
        elif self.application_state is WebSocketState.RESPONSE:
            if kind != "websocket.http.response.body":
                raise _unexpected(kind, "websocket.http.response.body")
            if not message.get("more_body", False):
                self.application_state = WebSocketState.DISCONNECTED
            await self._send(message)
        else:
            raise WebSocketDisconnected('Cannot call "send" once a close message has been sent.')

    def is_from(self, origins: Collection[str]) -> bool:
        """Whether the page that opened the connection is of one of `origins` (`"https://example.org"`).

        `"same-origin"` among them stands for this host. Clients that are no browsers send no origin, and need
        none: only a browser adds its user's cookies to a stranger's request (CWE-1385).

        >>> scope = {"type": "websocket", "headers": [(b"host", b"a.example"), (b"origin", b"https://evil")]}
        >>> WebSocket(scope, None, None).is_from(["same-origin", "https://b.example"])
        False
        """
        origin = self.headers.get("origin")
        if origin is None or origin in origins:
            return True
        host = origin.partition("://")[2]
        return "same-origin" in origins and host.lower() == self.headers.get("host", "").lower()

    async def accept(
        self,
        subprotocol: str | None = None,
        headers: Iterable[tuple[bytes, bytes]] | None = None,
        *,
        allowed_origins: Collection[str] | None = None,
    ) -> None:
        """Complete the handshake. `ValueError` for a header with a line break.

        `WebSocketException` 1008, which the framework makes a 403 of, unless the page that asks is from one of
        `allowed_origins` (see `is_from`).
        """
        if allowed_origins is not None and not self.is_from(allowed_origins):
            raise WebSocketException(_POLICY_VIOLATION, "this origin is not allowed")
        checked = [encode_header(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers or ()]
        if self.client_state is WebSocketState.CONNECTING:
            await self.receive()
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": checked})

    async def _receive_data(self) -> Message:
        if self.application_state is not WebSocketState.CONNECTED:
            raise WebSocketDisconnected('WebSocket is not connected. Need to call "accept" first.')
        message = await self.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
        return message

    async def receive_text(self) -> str:
        """The next message, which must be text."""
        # Every coroutine between the server and the handler costs a fifth of an echo: this and `send_text` have none.
        if self.application_state is WebSocketState.CONNECTED is self.client_state:
            message = self._checked(await self._receive())
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005), message.get("reason"))
        else:
            message = await self._receive_data()
        text: str | None = message.get("text")
        if text is None:
            raise WebSocketException(_UNSUPPORTED_DATA, "expected text, got bytes")
        return text

    async def receive_bytes(self) -> bytes:
        """The next message, which must be bytes."""
        message = await self._receive_data()
        data: bytes | None = message.get("bytes")
        if data is None:
            raise WebSocketException(_UNSUPPORTED_DATA, "expected bytes, got text")
        return data

    @overload
    async def receive_json(self, mode: Mode = "text") -> Any: ...
    @overload
    async def receive_json(self, mode: Mode = "text", *, type: type[T]) -> T: ...
    async def receive_json(self, mode: Mode = "text", *, type: Any = None) -> Any:
        """The next message as JSON, of any type that msgspec decodes if `type` is given.

        `MalformedJSON` for text that is no JSON; with `type`, `WebSocketException` 1007 for that and for a
        value of another type.
        """
        _check_mode(mode)
        data = await (self.receive_text() if mode == "text" else self.receive_bytes())
        return decode_json(data) if type is None else _decode_typed(data, type)

    async def receive_struct(self, type: type[T]) -> T:
        """The next message, text or bytes, as JSON of `type`. `WebSocketException` 1007 when it is none."""
        message = await self._receive_data()
        text = message.get("text")
        decoded: T = _decode_typed(message["bytes"] if text is None else text, type)
        return decoded

    async def iter_text(self) -> AsyncIterator[str]:
        """Text messages until the client closes."""
        try:
            while True:
                yield await self.receive_text()
        except WebSocketDisconnect:
            return

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Messages of bytes until the client closes."""
        try:
            while True:
                yield await self.receive_bytes()
        except WebSocketDisconnect:
            return

    async def iter_json(self, mode: Mode = "text", *, type: Any = None) -> AsyncIterator[Any]:
        """Messages as JSON until the client closes; arguments as those of `receive_json`."""
        try:
            while True:
                yield await self.receive_json(mode, type=type)
        except WebSocketDisconnect:
            return

    async def iter_struct(self, type: type[T]) -> AsyncIterator[T]:
        """Messages of `type` until the client closes."""
        try:
            while True:
                yield await self.receive_struct(type)
        except WebSocketDisconnect:
            return

    async def send_text(self, data: str) -> None:
        """Send text."""
        if self.application_state is not WebSocketState.CONNECTED:
            await self.send({"type": "websocket.send", "text": data})
            return
        try:
            await self._send({"type": "websocket.send", "text": data})
        except OSError as error:
            self.application_state = WebSocketState.DISCONNECTED
            raise WebSocketDisconnect(_ABNORMAL_CLOSURE) from error

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        await self.send({"type": "websocket.send", "bytes": data})

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send anything that encodes as JSON, Structs as well."""
        _check_mode(mode)
        encoded = encode_json(data)
        if mode == "text":
            await self.send({"type": "websocket.send", "text": encoded.decode()})
        else:
            await self.send({"type": "websocket.send", "bytes": encoded})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection, or refuse it before `accept` (the client sees 403).

        The first 123 bytes of `reason` are sent.
        """
        await self.send(_close_message(code, reason))

    async def send_denial_response(self, response: Response) -> None:
        """Refuse the handshake with an HTTP response. `RuntimeError` where the server can't."""
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            raise RuntimeError("The server doesn't support the Websocket Denial Response extension.")
        await response(self.scope, self.receive, self.send)


class WebSocketClose:
    """An ASGI application that closes the connection.

    >>> WebSocketClose(1008, "no").code
    1008
    """

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send(_close_message(self.code, self.reason))


def _close_message(code: int, reason: str | None) -> Message:
    return {"type": "websocket.close", "code": code, "reason": _fit_reason(reason or "")}


def _fit_reason(reason: str) -> str:
    """As much of `reason` as a close frame has room for: one that is too long would lose its code as well."""
    return reason.encode(errors="replace")[:_MAX_REASON_SIZE].decode(errors="ignore")


def _unexpected(kind: str, *allowed: str) -> RuntimeError:
    *others, last = (f'"{name}"' for name in allowed)
    names = f"{', '.join(others)} or {last}" if others else last
    return RuntimeError(f"Expected ASGI message {names}, but got {kind!r}")


def _check_mode(mode: str) -> None:
    if mode not in {"text", "binary"}:
        raise RuntimeError('The "mode" argument should be "text" or "binary".')


def _check_size(message: Message, limit: int) -> None:
    if len(message.get("text") or message.get("bytes") or b"") > limit:
        raise WebSocketException(_MESSAGE_TOO_BIG, f"a message has at most {limit} bytes")


def _decode_typed(data: str | bytes, type: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise WebSocketException(_INVALID_PAYLOAD, _fit_reason(str(error))) from error
