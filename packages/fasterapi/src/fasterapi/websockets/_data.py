"""What the messages of a WebSocket carry: text, bytes, JSON and typed values.

Knows: how each is read and written. Does not know: when a message may be sent or received.
While a connection is open, `_take` and `_give` are the server's own `receive` and `send`; before and after, functions
that raise. So a message passes without being asked anything, through one coroutine: each more would cost a tenth.
"""

from collections.abc import AsyncIterator
from typing import Any, Final, Literal, NoReturn, TypeVar, overload

import msgspec

from fasterapi.exceptions import WebSocketException
from fasterapi.requests import HTTPConnection
from fasterapi.requests._json import decode_json
from fasterapi.responses import encode_json
from fasterapi.types import Message, Receive, Send
from fasterapi.websockets import _messages as messages
from fasterapi.websockets._messages import WebSocketDisconnect

T = TypeVar("T")
Mode = Literal["text", "binary"]


class DataMessages(HTTPConnection):
    """A connection's messages as data; `WebSocket` says when they may pass."""

    __slots__ = ("_give", "_in_hand", "_take")

    _give: Send
    _take: Receive
    _in_hand: bool  # whether a message is being handled

    def _refusal(self, message: Message, wanted: str, given: str) -> Exception:
        """What is raised for a message that has no `wanted` data."""
        raise NotImplementedError

    def _lost(self) -> WebSocketDisconnect:
        """What is raised when the server cannot send any more."""
        raise NotImplementedError

    async def receive_text(self) -> str:
        """The next message, which must be text."""
        self._in_hand = False
        message = await self._take()
        self._in_hand = True
        text: str | None = message.get("text")
        if text is None:
            raise self._refusal(message, "text", "bytes")
        return text

    async def receive_bytes(self) -> bytes:
        """The next message, which must be bytes."""
        self._in_hand = False
        message = await self._take()
        self._in_hand = True
        data: bytes | None = message.get("bytes")
        if data is None:
            raise self._refusal(message, "bytes", "text")
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
        key, other = _KEYS.get(mode) or _refuse_mode()
        self._in_hand = False
        message = await self._take()
        self._in_hand = True
        data: str | bytes | None = message.get(key)
        if data is None:
            raise self._refusal(message, key, other)
        return decode_json(data) if type is None else _decode_typed(data, type)

    async def receive_struct(self, type: type[T]) -> T:
        """The next message, text or bytes, as JSON of `type`. `WebSocketException` 1007 when it is none."""
        self._in_hand = False
        message = await self._take()
        self._in_hand = True
        data: str | bytes | None = message.get("text")
        if data is None:
            data = message.get("bytes")
        if data is None:
            raise self._refusal(message, "text or bytes", "neither")
        decoded: T = _decode_typed(data, type)
        return decoded

    async def iter_text(self) -> AsyncIterator[str]:
        """Text messages until the client closes."""
        try:
            while True:
                # As in `receive_text`, without its coroutine.
                self._in_hand = False
                message = await self._take()
                self._in_hand = True
                text: str | None = message.get("text")
                if text is None:
                    raise self._refusal(message, "text", "bytes")
                yield text
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
        try:
            await self._give({"type": "websocket.send", "text": data})
        except OSError as error:
            raise self._lost() from error

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        try:
            await self._give({"type": "websocket.send", "bytes": data})
        except OSError as error:
            raise self._lost() from error

    async def send_json(self, data: Any, mode: Mode = "text") -> None:
        """Send anything that encodes as JSON, Structs as well."""
        key, _ = _KEYS.get(mode) or _refuse_mode()
        encoded = encode_json(data)
        try:
            await self._give({"type": "websocket.send", key: encoded.decode() if key == "text" else encoded})
        except OSError as error:
            raise self._lost() from error


# Where the text of a mode stands in a message, and what else might be there.
_KEYS: Final = {"text": ("text", "bytes"), "binary": ("bytes", "text")}


def _refuse_mode() -> NoReturn:
    raise RuntimeError('The "mode" argument should be "text" or "binary".')


def _decode_typed(data: str | bytes, type: Any) -> Any:
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise WebSocketException(messages.INVALID_PAYLOAD, messages.fit_reason(str(error))) from error
