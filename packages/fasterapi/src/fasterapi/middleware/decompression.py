"""Request bodies with a `Content-Encoding` reach the application as if they had none.

Knows: `Content-Encoding` of requests (RFC 9110, sections 8.4 and 12.5.3), how much a body may unfold to.
Does not know: how bytes are decoded (`_decodings`), what the application makes of them.
Invariant: memory stays bounded whatever is sent; the application gets a whole body or an exception.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fasterapi._limits import MIB, validate_max_body_size
from fasterapi._tracking import TrackedSend
from fasterapi.exceptions import HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._decodings import Decoder, MalformedCoding, find_decoders
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_MAX_BODY_SIZE: Final = 16 * MIB
DEFAULT_MAX_RATIO: Final = 100.0
DEFAULT_MAX_CODINGS: Final = 2

# Bytes of one message.
_PIECE_SIZE: Final = 64 * 1024
# Less than this is no bomb, however little it was made of.
_FREE_SIZE: Final = MIB

_FRAMING: Final = frozenset({b"content-encoding", b"content-length"})


class DecompressionMiddleware:
    """Decode bodies that come as gzip, deflate, br or zstd, with what is installed.

    A body may unfold to `max_body_size` bytes (`None`: any size), and beyond 1 MiB to `max_ratio` times its own
    size; more is answered with 413. `max_codings` may lie on top of each other. Another coding is answered with
    415 and the ones that there are, bytes that are no such coding, cut or followed by others with 400.
    `encodings` names the codings to accept. Raises `ValueError` for one that is not installed and for limits that
    are none.

    The limits of the application (`max_body_size`, `form_limits`) hold for the decoded body.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        encodings: Sequence[str] | None = None,
        max_body_size: int | None = DEFAULT_MAX_BODY_SIZE,
        max_ratio: float | None = DEFAULT_MAX_RATIO,
        max_codings: int = DEFAULT_MAX_CODINGS,
    ) -> None:
        validate_max_body_size(max_body_size)
        if max_codings < 1 or (max_ratio is not None and max_ratio <= 0):
            raise ValueError("DecompressionMiddleware: max_codings and max_ratio must be positive")
        installed = find_decoders()
        _headers.require_list("DecompressionMiddleware", "encodings", encodings or ())
        names = list(installed) if encodings is None else list(encodings)
        for name in names:
            if name not in installed:
                raise ValueError(
                    f"DecompressionMiddleware: no safe decoder for {name!r}; there are {', '.join(installed)}\n"
                    '  fix: pip install "fasterapi[compression]" for br and zstd, or leave it out'
                )
        self.app = app
        self.max_body_size = max_body_size
        self.max_ratio = max_ratio
        self.max_codings = max_codings
        self._factories = {name: installed[name] for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        codings = _codings(scope.get("headers", ())) if scope["type"] == "http" else []
        if not codings:
            await self.app(scope, receive, send)
            return
        if len(codings) > self.max_codings or not self._factories.keys() >= set(codings):
            await self._refuse_coding(scope, receive, send)
            return
        body = _Body(self, [self._factories[name]() for name in reversed(codings)], receive)
        # The body that the application gets has neither this coding nor this length.
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] not in _FRAMING]
        tracked = TrackedSend(send)
        try:
            await self.app(scope, body.receive, tracked)
        except ContentError as error:
            if tracked.started:
                raise
            await TextRefusal(error)(scope, receive, send)

    async def _refuse_coding(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Accept-Encoding": ", ".join(self._factories)}
        error = HTTPException(415, "Unsupported Content-Encoding", headers)
        await TextRefusal(error)(scope, receive, send)


class ContentError(HTTPException):
    """400 or 413, raised where the application reads the body; its handlers may answer it."""


class _Body:
    """One request's body on its way through its decoders, the outermost coding first."""

    __slots__ = ("_decoders", "_is_last", "_limits", "_raw", "_read", "_receive", "_size")

    def __init__(self, limits: DecompressionMiddleware, decoders: list[Decoder], receive: Receive) -> None:
        self._limits = limits
        self._decoders = decoders
        self._receive = receive
        self._raw = b""
        self._is_last = False
        self._read = 0
        self._size = 0

    async def receive(self) -> Message:
        """The next piece of the decoded body. Raises `ContentError`."""
        if self._is_last and not self._decoders:
            return await self._receive()  # the body is over: what comes is the disconnect
        while True:
            try:
                piece = self._pull(len(self._decoders))
            except MalformedCoding as error:
                raise ContentError(400, "Malformed Content-Encoding") from error
            if piece is None:
                self._decoders = []
                return {"type": "http.request", "body": b"", "more_body": False}
            if piece:
                self._size += len(piece)
                self._check()
                return {"type": "http.request", "body": piece, "more_body": True}
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._raw = message.get("body", b"")
            self._read += len(self._raw)
            self._is_last = not message.get("more_body", False)

    def _check(self) -> None:
        most, ratio = self._limits.max_body_size, self._limits.max_ratio
        is_bomb = ratio is not None and self._size > _FREE_SIZE and self._size > self._read * ratio
        if is_bomb or (most is not None and self._size > most):
            raise ContentError(413, "Content Too Large")

    def _pull(self, level: int) -> bytes | None:
        """Bytes from the first `level` decoders; empty until more is received, `None` at the end."""
        if level == 0:
            raw, self._raw = self._raw, b""
            return raw or (None if self._is_last else b"")
        decoder = self._decoders[level - 1]
        while True:
            decoded = decoder.read(_PIECE_SIZE)
            if decoded:
                return decoded
            data = self._pull(level - 1)
            if data is None:
                if self._read:  # a request without a body is none that was cut
                    decoder.finish()
                return None
            if not data:
                return b""
            decoder.feed(data)


def _codings(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    """The codings of a body in the order in which they were applied; `identity` is none."""
    values = [value.decode("latin-1") for name, value in headers if name == b"content-encoding"]
    names = [name.strip().lower() for name in ",".join(values).split(",")]
    return ["gzip" if name == "x-gzip" else name for name in names if name not in {"", "identity"}]
