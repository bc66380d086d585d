"""Converters: what a typed parameter such as `{id:int}` accepts, and what its text becomes.

Knows: one value as text. Does not know: templates, positions, other parameters.
Invariant: `accepts` alone decides whether a path matches; `convert` may still refuse with ValueError.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any


class Converter:
    r"""What `{name:converter}` accepts.

    `pattern`: regular expression that the whole text must match, never empty text.
    `convert`: text → value, used by routers with `convert=True`; a ValueError means "not this route".
    `to_text`: value → text, used by `url_path_for`.
    `rank`: of two converters at one position the lower rank is tried first (built in: uuid 10, int 20,
    float 30).
    `is_catch_all`: the text may contain `/` and may be empty, as that of `{rest:path}`.

    >>> year = Converter(r"[12][0-9]{3}", int, rank=15)
    >>> year.accepts("2026"), year.accepts("12026"), year.accepts("")
    (True, False, False)
    """

    __slots__ = ("_fullmatch", "convert", "is_catch_all", "pattern", "rank", "to_text")

    # Any: a converter may produce and take any type; the router only hands it on.
    def __init__(
        self,
        pattern: str,
        convert: Callable[[str], Any] = str,
        to_text: Callable[[Any], str] = str,
        rank: int = 50,
        is_catch_all: bool = False,
    ) -> None:
        self.pattern = pattern
        self.convert = convert
        self.to_text = to_text
        self.rank = rank
        self.is_catch_all = is_catch_all
        self._fullmatch = re.compile(pattern, re.DOTALL).fullmatch

    def accepts(self, text: str) -> bool:
        """Whether `text`, one parameter's whole value, belongs to this converter."""
        if not self.is_catch_all and (not text or "/" in text):
            return False
        return self._fullmatch(text) is not None

    def _values(self) -> tuple[Any, ...]:
        return self.pattern, self.convert, self.to_text, self.rank, self.is_catch_all

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Converter) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())

    def __reduce__(self) -> tuple[type["Converter"], tuple[Any, ...]]:
        return type(self), self._values()

    def __repr__(self) -> str:
        return f"Converter({self.pattern!r}, rank={self.rank})"


def _float_text(value: float) -> str:
    # repr() would write 1e-07, which the pattern of `float` does not match
    return f"{float(value):.20f}".rstrip("0").rstrip(".")


BARE_PATTERN = r"[^/]+"
ANYTHING = r".*"
PLAIN = Converter(BARE_PATTERN, rank=1000)

BUILT_IN: Mapping[str, Converter] = {
    "str": PLAIN,
    "path": Converter(ANYTHING, rank=1001, is_catch_all=True),
    "int": Converter(r"[0-9]+", int, str, rank=20),
    "float": Converter(r"[0-9]+(?:\.[0-9]+)?", float, _float_text, rank=30),
    "uuid": Converter(
        r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}",
        uuid.UUID,
        str,
        rank=10,
    ),
}
