"""A client's value → a copy that is safe to send back and to log.

Knows: what JSON can carry and how much of a hostile value is worth repeating. Does not know: errors or types.
The result has only str, int, float, bool, None, list and dict[str, ...], is free of lone surrogates, holds at
most `MAX_ITEMS` values no deeper than `MAX_DEPTH`, and every text in it is at most `MAX_TEXT` characters long.
"""

import math
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

MAX_TEXT: Final = 10_000
MAX_ITEMS: Final = 1_000
MAX_DEPTH: Final = 32
_CUT: Final = "..."
# Python refuses to print integers above 4,300 digits; hexadecimal digits are linear and not limited.
_MAX_BITS: Final = 10_000


def echo(value: Any) -> Any:
    r"""A safe copy of `value`; whatever has no JSON form becomes the name of its class.

    >>> echo({"a": [1, float("nan"), "\ud800"], "b": object()})
    {'a': [1, None, '?'], 'b': 'object'}
    """
    if value is None or value is True or value is False:
        return value
    if type(value) is str:
        return _text(value)
    return _Echo().copy(value, 0)


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT] + _CUT
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


class _Echo:
    """One copy in progress; counts the values so that a wide document costs no more than a narrow one."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_ITEMS

    def copy(self, value: Any, depth: int) -> Any:
        self.left -= 1
        match value:
            case None | bool():
                return value
            case str():
                return _text(str(value))
            case int():
                return value if value.bit_length() < _MAX_BITS else hex(value)[:MAX_TEXT] + _CUT
            case float():
                return float(value) if math.isfinite(value) else None
            case bytes() | bytearray():
                return _text(bytes(value[:MAX_TEXT]).decode("utf-8", "replace"))
            case Mapping():
                return self._mapping(value, depth)
            case list() | tuple() | set() | frozenset():
                return self._items(value, depth)
            case _:
                return type(value).__name__

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> Any:
        if depth >= MAX_DEPTH:
            return _CUT
        copied: dict[str, Any] = {}
        for key, item in value.items():
            if self.left <= 0:
                break
            copied[_text(key) if isinstance(key, str) else str(self.copy(key, depth + 1))] = self.copy(
                item, depth + 1
            )
        return copied

    def _items(self, value: Any, depth: int) -> Any:
        if depth >= MAX_DEPTH:
            return _CUT
        return [self.copy(item, depth + 1) for item in islice(value, self.left) if self.left > 0]


def is_safe(body: bytes) -> bool:
    """Whether every value decoded from these JSON bytes is within the limits, so that it needs no copy.

    >>> is_safe(b'{"a": [1]}'), is_safe(b"[" * 33 + b"]" * 33)
    (True, False)
    """
    return len(body) < 2 * MAX_ITEMS and body.count(b"[") + body.count(b"{") <= MAX_DEPTH
