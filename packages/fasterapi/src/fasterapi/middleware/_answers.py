"""An answer on its way to the client, and the same answer kept as bytes.

Knows: ASGI's response messages. Does not know: which answers are kept, where, how long.
Invariant: what passes is not held back, but for `http.response.start` until the first piece of the body is there; and
an answer that is not whole, or not made of bytes alone, is not kept.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from fasterapi.middleware._headers import Headers, find
from fasterapi.types import Message, Scope, Send

# Hop-by-hop (RFC 9110, section 7.6.1), the server's own for each answer, or true of one client at one moment.
_NOT_KEPT = frozenset(
    {
        b"connection",
        b"date",
        b"keep-alive",
        b"ratelimit",
        b"ratelimit-remaining",
        b"ratelimit-reset",
        b"server",
        b"transfer-encoding",
        b"upgrade",
    }
)


class Answer(msgspec.Struct, array_like=True, frozen=True):
    """A whole response. `note` is whatever its keeper wants to find beside it."""

    status: int
    headers: Headers
    body: bytes
    note: bytes = b""

    def encode(self) -> bytes:
        """As bytes for a store."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def decode(cls, data: bytes) -> "Answer":
        """Read what `encode` wrote. Raises `msgspec.DecodeError` for anything else.

        >>> Answer.decode(Answer(200, [(b"x", b"y")], b"body").encode())
        Answer(status=200, headers=[(b'x', b'y')], body=b'body', note=b'')
        """
        return _DECODER.decode(data)

    async def send(self, scope: Scope, send: Send, added: Headers) -> None:
        """Send it, with some more headers; to HEAD without its body."""
        headers = [*self.headers, *added]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else self.body})


_DECODER = msgspec.msgpack.Decoder(Answer)


class Capture:
    """The `send` for an application whose answer may be kept.

    `wants(status, headers)` says at the start whether it may be, and `keep(answer)` is awaited with the whole
    answer before its last piece is sent: a client that has it may rely on it. Without `keeps_streams`, an answer in
    pieces that does not say how long it will be is not kept. `added` headers are sent, but not kept.
    """

    def __init__(
        self,
        send: Send,
        *,
        wants: Callable[[int, Headers], bool],
        keep: Callable[[Answer], Awaitable[Any]],
        max_size: int,
        keeps_streams: bool,
        added: Headers | None = None,
    ) -> None:
        self.is_kept = False
        self.status: int | None = None
        self._send = send
        self._wants = wants
        self._keep = keep
        self._max_size = max_size
        self._keeps_streams = keeps_streams
        self._added = added or []
        self._start: Message | None = None
        self._headers: Headers = []
        self._pieces: list[bytes] | None = None
        self._size = 0

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        kind = message["type"]
        if kind == "http.response.start":
            self._begin(message)
            return
        if kind == "http.response.body":
            await self._take(message)
        elif kind not in {"http.response.early_hint", "http.response.push"}:
            self._pieces = (
                None  # the server sends a file itself, or trailers follow: these are not bytes of a body
            )
        await self._flush()
        await self._send(message)

    def _begin(self, start: Message) -> None:
        self.status = start["status"]
        self._headers = [(bytes(name), bytes(value)) for name, value in start.get("headers", ())]
        if not start.get("trailers", False) and self._wants(start["status"], self._headers):
            self._pieces = []
        self._start = {**start, "headers": [*self._headers, *self._added]} if self._added else start

    async def _take(self, message: Message) -> None:
        if self._pieces is None or self.status is None:
            return
        piece = bytes(message.get("body", b""))
        self._size += len(piece)
        is_last = not message.get("more_body", False)
        is_stream = not is_last and self._length() is None
        if self._size > self._max_size or (is_stream and not self._keeps_streams):
            self._pieces = None
            return
        self._pieces.append(piece)
        if is_last:
            headers = [pair for pair in self._headers if pair[0] not in _NOT_KEPT]
            answer = Answer(self.status, headers, b"".join(self._pieces))
            self._pieces = None
            if self._length() in {None, len(answer.body)}:
                await self._keep(answer)
                self.is_kept = True

    def _length(self) -> int | None:
        """How long the answer says it is."""
        length = find(self._headers, b"content-length")
        return int(length) if length is not None and length.isdigit() else None

    async def _flush(self) -> None:
        start, self._start = self._start, None
        if start is not None:
            await self._send(start)
