"""Responses are compressed for clients that understand it.

Knows: which responses are worth it. Does not know: how bytes are encoded (`_encodings`).
Invariant: every piece of a streamed body can be decoded when it arrives; nothing is encoded twice; and what
depends on `Accept-Encoding` says so in `Vary`.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Final

from fasterapi.middleware import _headers
from fasterapi.middleware._encodings import DEFAULT_LEVELS, Encode, choose, find_encoders
from fasterapi.routing.entries import as_asgi3
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

DEFAULT_EXCLUDED_CONTENT_TYPES: Final = (
    "application/grpc",
    "application/gzip",
    "application/x-gzip",
    "application/zip",
    "audio/*",
    "font/woff",
    "font/woff2",
    "image/avif",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/event-stream",
    "video/*",
)
_USUAL_TYPES: Final = (b"application/json", b"text/html; charset=utf-8", b"text/plain; charset=utf-8", b"")
# Above this, compression would hold up the event loop: it runs in a thread.
DEFAULT_THREAD_SIZE: Final = 128 * 1024


class CompressionMiddleware:
    """Compress with zstd, brotli or gzip: with what is installed, and the client prefers.

    Bodies of less than `minimum_size` bytes, partial ones, encoded ones, those marked `no-transform`, and those of
    `exclude_content_types` (`type/subtype` or `type/*`) are left alone. `encodings` names the codings and their
    order of preference, `levels` their levels. Raises `ValueError` for a coding that is not installed.
    """

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        *,
        encodings: Sequence[str] | None = None,
        levels: Mapping[str, int] | None = None,
        thread_minimum_size: int = DEFAULT_THREAD_SIZE,
        exclude_content_types: Sequence[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        installed = find_encoders()
        names = list(installed) if encodings is None else list(encodings)
        for name in names:
            if name not in installed:
                raise ValueError(
                    f"CompressionMiddleware: no encoder for {name!r}; there are {', '.join(installed)}\n"
                    '  fix: pip install "fasterapi[compression]" for br and zstd, or leave it out'
                )
        self.app = app
        self.minimum_size = minimum_size
        self.thread_minimum_size = thread_minimum_size
        self.exclude_content_types = frozenset(
            kind.partition(";")[0].strip().lower() for kind in exclude_content_types
        )
        self._plain_types = frozenset(kind for kind in _USUAL_TYPES if not self._is_excluded_type(kind))
        self._names = names
        self._levels = {**DEFAULT_LEVELS, **(levels or {})}
        self._factories = installed
        for name in names:
            self.new_encoder(name)  # a level that it does not know is told now, not by the first answer

    @as_asgi3
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        return self.app(scope, receive, _Responder(self, scope, send).send)

    def choose_encoding(self, scope: Scope) -> str | None:
        """The coding that the client prefers of those that there are."""
        return choose(_headers.find(scope.get("headers", ()), b"accept-encoding"), self._names)

    def new_encoder(self, encoding: str) -> Encode:
        """An encoder for one response."""
        return self._factories[encoding](self._levels[encoding])

    def is_excluded(self, start: Message) -> bool:
        """Whether the response that begins with `start` must stay as it is."""
        content_type = b""
        for name, value in start.get("headers", ()):
            if name == b"content-encoding":
                return True
            if name == b"content-type":
                content_type = value
            elif name == b"cache-control" and b"no-transform" in value.lower():
                return True  # RFC 9111, section 5.2.2.6
        if start["status"] == 206:
            return True
        # A type as it is written most often needs no parsing.
        return content_type not in self._plain_types and self._is_excluded_type(content_type)

    def _is_excluded_type(self, content_type: bytes) -> bool:
        kind = content_type.decode("latin-1").partition(";")[0].strip().lower()
        excluded = self.exclude_content_types
        if kind.startswith("application/grpc+"):
            kind = "application/grpc"
        return kind in excluded or f"{kind.partition('/')[0]}/*" in excluded


class GZipMiddleware(CompressionMiddleware):
    """Compress with gzip. Options as Starlette's; sizes in bytes."""

    def __init__(
        self,
        app: ASGIApp,
        minimum_size: int = 500,
        compresslevel: int = 9,
        thread_minimum_size: int = DEFAULT_THREAD_SIZE,
        *,
        exclude_content_types: Sequence[str] = DEFAULT_EXCLUDED_CONTENT_TYPES,
    ) -> None:
        super().__init__(
            app,
            minimum_size,
            encodings=["gzip"],
            levels={"gzip": compresslevel},
            thread_minimum_size=thread_minimum_size,
            exclude_content_types=exclude_content_types,
        )
        self.compresslevel = compresslevel


class _Responder:
    """The `send` of one response. Its start is held back until the first bytes tell what becomes of it."""

    __slots__ = ("_encode", "_is_decided", "_middleware", "_scope", "_send", "_start")

    def __init__(self, middleware: CompressionMiddleware, scope: Scope, send: Send) -> None:
        self._middleware = middleware
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._encode: Encode | None = None
        self._is_decided = False

    async def send(self, message: Message) -> None:
        kind = message["type"]
        if self._is_decided:
            if self._encode is not None and kind == "http.response.body":
                message = await self._encoded(self._encode, message)
            await self._send(message)
        elif kind == "http.response.start":
            if self._middleware.is_excluded(message):
                self._is_decided = True
                await self._send(message)
            else:
                self._start = message
        elif self._start is None or kind == "http.response.early_hint":
            await self._send(message)
        else:
            self._is_decided = True
            await self._begin(self._start, message)

    async def _begin(self, start: Message, message: Message) -> None:
        """Send the start and the first piece of the body, which says whether the body is worth it."""
        body = message.get("body", b"")
        has_more = message.get("more_body", False)
        is_body = message["type"] == "http.response.body"  # not a file that the server itself sends
        if is_body and (has_more or len(body) >= self._middleware.minimum_size):
            headers = _headers.with_vary(start.get("headers", ()), b"Accept-Encoding")
            encoding = self._middleware.choose_encoding(self._scope)
            if encoding is not None:
                self._encode = self._middleware.new_encoder(encoding)
                message = await self._encoded(self._encode, message)
                headers = [_weakened(pair) for pair in headers if pair[0] != b"content-length"]
                headers.append((b"content-encoding", encoding.encode("ascii")))
                if not has_more and not start.get("trailers", False):
                    headers.append((b"content-length", b"%d" % len(message["body"])))
            start = {**start, "headers": headers}
        await self._send(start)
        await self._send(message)

    async def _encoded(self, encode: Encode, message: Message) -> Message:
        body = bytes(message.get("body", b""))
        is_last = not message.get("more_body", False)
        if len(body) >= self._middleware.thread_minimum_size:
            encoded = await asyncio.to_thread(encode, body, is_last)
        else:
            encoded = encode(body, is_last)
        return {**message, "body": encoded}


def _weakened(pair: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """A strong tag is one sequence of bytes, and these are others now (RFC 9110, section 8.8.3.3)."""
    name, value = pair
    return (name, b"W/" + value) if name == b"etag" and not value.startswith(b"W/") else pair
