"""Types that are lists of allowed values: enums and literals.

Knows: how FastAPI compares, and how it names what is allowed. Does not know: other scalars' parsers (`text`).
"""

import enum
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from fasterapi.validation import text
from fasterapi.validation.errors import Loc, Refused
from fasterapi.validation.scalars import ScalarNode
from fasterapi.validation.walk import Source, Walk

_PLAIN: Final = frozenset({str, int})


def _shapes(values: Iterable[Any]) -> tuple[str, ...]:
    """The shapes of given values."""
    return tuple({"int" if isinstance(value, int) else "text" for value in values if value is not None})


def expected(values: list[Any]) -> str:
    """The allowed values as FastAPI writes them.

    >>> expected(["a", "b", 3])
    "'a', 'b' or 3"
    """
    shown = [repr(value) for value in values]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


class EnumNode(ScalarNode):
    """An `enum.Enum`, by value."""

    def __init__(self, class_: type[enum.Enum], *, strict: bool) -> None:
        self.annotation = self.class_ = class_
        self.strict = strict
        values: list[Any] = [member.value for member in class_]
        self.foreign = not (all(type(v) is str for v in values) or all(type(v) is int for v in values))
        self.is_number = self.is_limited = any(isinstance(value, int) for value in values)
        self.json_shapes = _shapes(values)
        bases = [base.__name__ for base in (str, int, float) if base in class_.__mro__]
        self.label = "-".join([*bases[:1], f"enum[{class_.__name__}]"])
        self._refusal = (
            Refused("enum", expected=expected(values)) if values else Refused("enum", expected="nothing")
        )

    def parse(self, raw: str) -> Any:
        try:
            # As in FastAPI, texts are numbers for an IntEnum, but not for an Enum that happens to have numbers.
            if issubclass(self.class_, int):
                return self.class_(text.parse_int(raw))
            if issubclass(self.class_, float):
                return self.class_(text.parse_float(raw))
            return self.class_(raw)
        except ValueError as error:
            raise Refused("enum", **self._refusal.context) from error

    def read(self, value: Any, source: Source) -> Any:
        if isinstance(value, self.class_):
            return value
        if source is Source.TEXT and isinstance(value, str):
            return self.parse(value)
        try:
            if self.foreign or source is Source.PYTHON:
                return self.class_(value)
            return msgspec.convert(value, self.class_, strict=self.strict)
        except (ValueError, TypeError) as error:
            raise Refused("enum", **self._refusal.context) from error


class LiteralNode(ScalarNode):
    """`Literal[...]`: equal, and of the same class."""

    def __init__(self, annotation: Any, values: tuple[Any, ...], *, strict: bool) -> None:
        self.annotation = annotation
        self.values = values
        self.strict = strict
        self._known = {(type(value), value) for value in values if not isinstance(value, enum.Enum)}
        self._has_only_texts = all(type(value) is str for value in values)
        self._refusal = Refused("literal_error", expected=expected(list(values)))
        self.foreign = not all(value is None or type(value) in {str, int} for value in values)
        self.is_number = self.is_limited = any(isinstance(value, int) for value in values)
        self.json_shapes = _shapes(values)
        self.label = f"literal[{','.join(map(repr, values))}]"
        self.takes_text_exactly = any(isinstance(value, str) for value in values)

    def validate(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if walk.source is Source.JSON and type(value) in _PLAIN:
            if (type(value), value) in self._known:
                return value
            if self._has_only_texts:
                return walk.fail(loc, self._refusal, value)
        return super().validate(value, loc, walk)

    def parse(self, raw: str) -> Any:
        for value in self.values:
            if value == raw or (isinstance(value, enum.Enum) and value.value == raw):
                return value
        raise Refused("literal_error", expected=expected(list(self.values)))

    def read(self, value: Any, source: Source) -> Any:
        for allowed in self.values:
            if value == allowed and type(value) is type(allowed):
                return allowed
            if isinstance(allowed, enum.Enum) and value == allowed.value:
                return allowed
        if source is Source.JSON and not self.foreign:
            try:
                return msgspec.convert(value, self.annotation, strict=self.strict)
            except msgspec.ValidationError:
                pass
        raise Refused("literal_error", expected=expected(list(self.values)))
