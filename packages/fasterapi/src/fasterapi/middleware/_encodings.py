"""Content codings: which ones there are, which one a client wants, and how bytes are encoded with each.

Knows: gzip, brotli and zstd (RFC 1952, 7932, 8878), `Accept-Encoding` (RFC 9110, section 12.5.3).
Does not know: responses.
"""

import importlib
import zlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

# data, whether it is the last → encoded bytes, which can be decoded as far as they go
Encode = Callable[[bytes, bool], bytes]
EncoderFactory = Callable[[int], Encode]

# Good for answers that are made while the client waits.
DEFAULT_LEVELS = {"zstd": 3, "br": 4, "gzip": 6}


def gzip_encoder(level: int) -> Encode:
    """A gzip encoder of level 0 to 9."""
    stream = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def encode(data: bytes, is_last: bool) -> bytes:
        return stream.compress(data) + stream.flush(zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH)

    return encode


def brotli_encoder_of(brotli: Any) -> EncoderFactory:
    """Encoders of level 0 to 11, by the module `brotli` or one with its interface."""

    def brotli_encoder(level: int) -> Encode:
        stream = brotli.Compressor(quality=level)

        def encode(data: bytes, is_last: bool) -> bytes:
            head = bytes(stream.process(data))
            return head + bytes(stream.finish() if is_last else stream.flush())

        return encode

    return brotli_encoder


def zstd_encoder_of(zstd: Any) -> EncoderFactory:
    """Encoders of level 1 to 22, by the module `compression.zstd` or one with its interface."""

    def zstd_encoder(level: int) -> Encode:
        stream = zstd.ZstdCompressor(level=level)

        def encode(data: bytes, is_last: bool) -> bytes:
            return bytes(stream.compress(data, stream.FLUSH_FRAME if is_last else stream.FLUSH_BLOCK))

        return encode

    return zstd_encoder


def find_encoders() -> dict[str, EncoderFactory]:
    """The encoders that are installed, the best one first."""
    found: dict[str, EncoderFactory] = {}
    # Part of Python since 3.14; the same module for older ones.
    zstd = first_module("compression.zstd", "backports.zstd")
    if zstd is not None:
        found["zstd"] = zstd_encoder_of(zstd)
    brotli = first_module("brotli", "brotlicffi")
    if brotli is not None:
        found["br"] = brotli_encoder_of(brotli)
    found["gzip"] = gzip_encoder
    return found


def first_module(*names: str) -> ModuleType | None:
    """The first of these modules that is installed."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    return None


def choose(accept_encoding: bytes | None, offered: Sequence[str]) -> str | None:
    """The coding that the client prefers; among equals, the first one of `offered`.

    >>> choose(b"gzip, br;q=1.0, *;q=0", ["zstd", "br", "gzip"])
    'br'
    >>> choose(b"gzip;q=0", ["gzip"]) is None
    True
    """
    if not accept_encoding:
        return None
    weights: dict[str, float] = {}
    for item in accept_encoding.decode("latin-1").lower().split(","):
        name, _, parameters = item.partition(";")
        name = name.strip()
        weights["gzip" if name == "x-gzip" else name] = _weight(parameters)  # RFC 9110, section 8.4.1.3
    anything_else = weights.get("*", 0.0)
    best = max(offered, key=lambda name: weights.get(name, anything_else))
    return best if weights.get(best, anything_else) > 0 else None


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
