"""Literal text mixed with fields, matched against one piece of a path: `{name}.{ext}`, `{folder:path}/edit`.

Knows: tokens and a text. Does not know: where the text stands in a path, routes, priorities.
Invariant: of all ways to divide the text, the one a greedy regular expression would find: the first field
takes as much as it can, then the second. Time grows with the text, whatever a hostile client sends: the
only search that could grow faster gives up after ATTEMPTS divisions.
"""

from fasterapi_router.converter import ANYTHING, Converter
from fasterapi_router.template import Field, Tokens

ATTEMPTS = 200


class Pattern:
    """Divides a text into the values of fields.

    >>> from fasterapi_router.converter import PLAIN
    >>> Pattern((Field("name", PLAIN), ".", Field("ext", PLAIN))).match("archive.tar.gz")
    ('archive.tar', 'gz')
    """

    __slots__ = ("_absorbs", "_converters", "_least", "_literals", "_prefix")

    def __init__(self, tokens: Tokens) -> None:
        first = tokens[0]
        self._prefix = first if isinstance(first, str) else ""
        self._converters: list[Converter] = []
        self._literals: list[str] = []  # the text behind each field
        for token in tokens:
            if isinstance(token, Field):
                self._converters.append(token.converter)
                self._literals.append("")
            elif self._converters:
                self._literals[-1] = token
        fields = [token for token in tokens if isinstance(token, Field)]
        bare = all(field.is_bare for field in fields)  # then the text is one segment: a tail has a catch-all
        # a field that takes any text can be given what the fields behind it leave: no search is needed
        self._absorbs = bare or all(converter.pattern == ANYTHING for converter in self._converters)
        self._least = 1 if bare else 0

    def match(self, text: str) -> tuple[str, ...] | None:
        """The texts of the fields in order, or None."""
        last = self._literals[-1]
        if (
            not text.startswith(self._prefix)
            or len(text) < len(self._prefix) + len(last)
            or not text.endswith(last)
        ):
            return None
        end = len(text) - len(last)
        if self._absorbs:
            return self._divide_from_the_right(text, end)
        values: list[str] = []
        return tuple(values) if self._search(text, len(self._prefix), end, values, [ATTEMPTS]) else None

    def _divide_from_the_right(self, text: str, end: int) -> tuple[str, ...] | None:
        values = []
        for literal in self._literals[-2::-1]:
            start = text.rfind(literal, len(self._prefix), max(end - self._least, 0))
            if start < 0:
                return None
            values.append(text[start + len(literal) : end])
            end = start
        if end - len(self._prefix) < self._least:
            return None
        values.append(text[len(self._prefix) : end])
        return tuple(reversed(values))

    def _search(self, text: str, start: int, end: int, values: list[str], left: list[int]) -> bool:
        index = len(values)
        converter = self._converters[index]
        if index == len(self._converters) - 1:
            value = text[start:end]
            values.append(value)
            return converter.accepts(value)
        literal = self._literals[index]
        stop = end
        if not converter.is_catch_all and (slash := text.find("/", start, end)) >= 0:
            stop = min(end, slash + len(literal))
        while left[0] and (found := text.rfind(literal, start, stop)) >= 0:
            left[0] -= 1
            value = text[start:found]
            if converter.accepts(value):
                values.append(value)
                if self._search(text, found + len(literal), end, values, left):
                    return True
                del values[index:]
            stop = found + len(literal) - 1
            if stop < start:
                break
        return False
