"""Regular expressions that are compiled when they are first used, because few processes need all of them.

Knows: `re`. Does not know: any expression. To compile one takes longer than to import the module it stands in.
"""

import re
from collections.abc import Callable
from typing import Any, AnyStr, Final, Generic

__all__ = ["LazyPattern"]

_METHODS: Final = ("findall", "finditer", "fullmatch", "match", "search", "sub")


class LazyPattern(Generic[AnyStr]):
    """What `re.compile(pattern, flags)` returns, as far as it is needed here.

    >>> LazyPattern(r"[0-9]+").findall("1 + 22")
    ['1', '22']
    """

    __slots__ = ("_flags", "_pattern", *_METHODS)

    findall: Callable[..., list[Any]]
    finditer: Callable[..., Any]
    fullmatch: Callable[..., re.Match[AnyStr] | None]
    match: Callable[..., re.Match[AnyStr] | None]
    search: Callable[..., re.Match[AnyStr] | None]
    sub: Callable[..., AnyStr]

    def __init__(self, pattern: AnyStr, flags: int = 0) -> None:
        self._pattern: AnyStr = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # Asked once: from then on the methods stand in the slots.
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._pattern, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)
