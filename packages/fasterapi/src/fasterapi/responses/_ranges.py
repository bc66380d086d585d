"""The `Range` header → parts of a file, and the frame around several parts.

Knows: RFC 9110, section 14, as FastAPI applications see it. Does not know: files, sockets.
Invariant: linear in the header's length but for one sort of at most `MAX_RANGES` ranges (CVE-2025-62727).
"""

from dataclasses import dataclass
from typing import Final

MAX_RANGES: Final = 100

# More digits than the size of any file.
_MAX_DIGITS = 18


class MalformedRangeHeader(Exception):  # noqa: N818 - Starlette's name
    """The header is no byte range; answered with 400."""

    def __init__(self, content: str = "Malformed range header.") -> None:
        super().__init__(content)
        self.content = content


class RangeNotSatisfiable(Exception):  # noqa: N818 - Starlette's name
    """A range starts behind the end of the file; answered with 416."""

    def __init__(self, max_size: int) -> None:
        super().__init__(max_size)
        self.max_size = max_size


@dataclass(frozen=True, slots=True, order=True)
class ByteRange:
    """The bytes from `start` to `end`, which is not in it.

    >>> ByteRange(0, 10).content_range(100)
    'bytes 0-9/100'
    """

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def content_range(self, size: int) -> str:
        """The value of `Content-Range` for a file of `size` bytes."""
        return f"bytes {self.start}-{self.end - 1}/{size}"


def parse_range_header(header: str, size: int) -> list[ByteRange]:
    """The ranges that `header` asks of a file of `size` bytes, in order and without overlap.

    Empty when the header is to be ignored, because it has too many ranges. Raises `MalformedRangeHeader`
    and `RangeNotSatisfiable`.

    >>> parse_range_header("bytes=0-9, 5-19, -1", 100)
    [ByteRange(start=0, end=20), ByteRange(start=99, end=100)]
    """
    unit, separator, text = header.partition("=")
    if not separator:
        raise MalformedRangeHeader
    if unit.strip().lower() != "bytes":
        raise MalformedRangeHeader("Only support bytes range")
    if text.count(",") >= MAX_RANGES:
        return []
    ranges = [found for part in text.split(",") if (found := _parse_range(part, size)) is not None]
    if not ranges:
        raise MalformedRangeHeader("Range header: range must be requested")
    if any(found.start >= size for found in ranges):
        raise RangeNotSatisfiable(size)
    if any(found.start >= found.end for found in ranges):
        raise MalformedRangeHeader("Range header: start must be less than end")
    return _merge(sorted(ranges))


def _parse_range(part: str, size: int) -> ByteRange | None:
    """One range, or `None` for text that is none."""
    first, separator, last = part.partition("-")
    first, last = first.strip(), last.strip()
    if not separator or not (first or last) or not (_is_number(first) and _is_number(last)):
        return None
    if not first:
        return ByteRange(max(size - int(last), 0), size)
    return ByteRange(int(first), min(int(last) + 1, size) if last else size)


def _is_number(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS)


def _merge(ranges: list[ByteRange]) -> list[ByteRange]:
    merged = ranges[:1]
    for found in ranges[1:]:
        last = merged[-1]
        if found.start <= last.end:
            merged[-1] = ByteRange(last.start, max(last.end, found.end))
        else:
            merged.append(found)
    return merged


def part_header(found: ByteRange, size: int, content_type: str, boundary: str) -> bytes:
    """What stands before one of several parts (RFC 9110, section 14.6)."""
    lines = (
        f"--{boundary}",
        f"Content-Type: {content_type}",
        f"Content-Range: {found.content_range(size)}",
        "",
        "",
    )
    return "\r\n".join(lines).encode("latin-1")
