"""Content codings → the bytes behind them, in pieces of limited size, whatever was sent.

Knows: gzip, deflate, brotli and zstd (RFC 1952, 1950, 7932, 8878) and which of them can be undone safely here.
Does not know: requests, limits.
Invariants: what one step gives is bounded, however little it is made of; a coding is whole only with its end.
"""

import zlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, Protocol

from fasterapi.middleware._encodings import first_module

# Members of one gzip stream, frames of one zstd stream: each costs more to begin than bytes to send.
MAX_MEMBERS: Final = 100
# What a sender of the coding "zstd" may ask for: 8 MiB (RFC 9659).
_ZSTD_WINDOW_LOG: Final = 23


class MalformedCoding(ValueError):  # noqa: N818 - named for what is wrong
    """The bytes are no such coding, are cut, or are followed by others."""


class Decoder(Protocol):
    """Bytes in by `feed`, as soon as `read` has nothing more to give; then `finish` says whether that was all."""

    def feed(self, data: bytes) -> None:
        """Take encoded bytes; the last ones have been used up."""

    def read(self, size: int) -> bytes:
        """About `size` decoded bytes at most; none when more must be fed. `MalformedCoding`."""

    def finish(self) -> None:
        """There is no more to feed. `MalformedCoding` unless the coding is at its end."""


class ZlibDecoder:
    """gzip, one member or several; or deflate, which some send without its frame (RFC 9110, section 8.4.1.2)."""

    def __init__(self, name: str) -> None:
        self._is_gzip = name == "gzip"
        self._stream: Any = zlib.decompressobj(16 + zlib.MAX_WBITS) if self._is_gzip else None
        self._data = b""
        self._has_more = False
        self._members = 1

    def feed(self, data: bytes) -> None:
        """See `Decoder`."""
        self._data += data

    def read(self, size: int) -> bytes:
        """See `Decoder`."""
        if self._stream is None:
            if len(self._data) < 2:
                return b""
            self._stream = zlib.decompressobj(
                zlib.MAX_WBITS if _has_zlib_header(self._data) else -zlib.MAX_WBITS
            )
        while self._data or self._has_more:
            if self._stream.eof:
                self._begin_member()
            try:
                decoded: bytes = self._stream.decompress(self._data, size)
            except zlib.error as error:
                raise MalformedCoding(str(error)) from error
            is_whole = self._stream.eof
            self._data = self._stream.unused_data if is_whole else self._stream.unconsumed_tail
            self._has_more = len(decoded) == size and not is_whole  # a full piece may leave some inside
            if decoded:
                return decoded
        return b""

    def _begin_member(self) -> None:
        self._members += 1
        if not self._is_gzip or self._members > MAX_MEMBERS:
            raise MalformedCoding("bytes behind the end")
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def finish(self) -> None:
        """See `Decoder`."""
        if self._stream is None or not self._stream.eof:
            raise MalformedCoding("cut short")


def _has_zlib_header(data: bytes) -> bool:
    """Whether these bytes begin a zlib frame (RFC 1950, section 2.2)."""
    return data[0] & 0x0F == zlib.DEFLATED and (data[0] * 256 + data[1]) % 31 == 0


class BrotliDecoder:
    """brotli, by a module whose decoder gives out limited pieces."""

    def __init__(self, brotli: Any) -> None:
        self._stream = brotli.Decompressor()
        self._error = brotli.error
        self._data = b""
        self._has_more = False

    def feed(self, data: bytes) -> None:
        """See `Decoder`."""
        if self._stream.is_finished():
            raise MalformedCoding("bytes behind the end")
        self._data = data

    def read(self, size: int) -> bytes:
        """See `Decoder`."""
        data, self._data = self._data, b""
        try:
            if not data and (not self._has_more or self._stream.is_finished()):
                return b""
            decoded = bytes(self._stream.process(data, output_buffer_limit=size))
        except self._error as error:
            raise MalformedCoding(str(error)) from error
        self._has_more = bool(decoded)  # it does not tell: only an empty piece says that there is no more
        return decoded

    def finish(self) -> None:
        """See `Decoder`."""
        if not self._stream.is_finished():
            raise MalformedCoding("cut short")


class ZstdDecoder:
    """zstd, one frame or several, by the module `compression.zstd` or one with its interface."""

    def __init__(self, zstd: Any) -> None:
        self._zstd = zstd
        self._frames = 0
        self._data = b""
        self._begin_frame()

    def _begin_frame(self) -> None:
        self._frames += 1
        if self._frames > MAX_MEMBERS:
            raise MalformedCoding("too many frames")
        options = {self._zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        self._stream = self._zstd.ZstdDecompressor(options=options)

    def feed(self, data: bytes) -> None:
        """See `Decoder`."""
        self._data = data

    def read(self, size: int) -> bytes:
        """See `Decoder`."""
        while self._data or not (self._stream.eof or self._stream.needs_input):
            if self._stream.eof:
                self._begin_frame()
            data, self._data = self._data, b""
            try:
                decoded: bytes = self._stream.decompress(data, max_length=size)
            except self._zstd.ZstdError as error:
                raise MalformedCoding(str(error)) from error
            if self._stream.eof:
                self._data = self._stream.unused_data
            if decoded:
                return decoded
        return b""

    def finish(self) -> None:
        """See `Decoder`."""
        if not self._stream.eof:
            raise MalformedCoding("cut short")


DecoderFactory = Callable[[], Decoder]


def find_decoders() -> dict[str, DecoderFactory]:
    """The decoders that are installed and safe, by the names of their codings."""
    found: dict[str, DecoderFactory] = {
        "gzip": lambda: ZlibDecoder("gzip"),
        "deflate": lambda: ZlibDecoder("deflate"),
    }
    brotli = first_module("brotli", "brotlicffi")
    # An older one gives out in one piece whatever a few bytes unfold to.
    if brotli is not None and hasattr(brotli.Decompressor, "can_accept_more_data"):
        module: ModuleType = brotli
        found["br"] = lambda: BrotliDecoder(module)
    zstd = first_module("compression.zstd", "backports.zstd")
    if zstd is not None:
        zstd_module: ModuleType = zstd
        found["zstd"] = lambda: ZstdDecoder(zstd_module)
    return found
