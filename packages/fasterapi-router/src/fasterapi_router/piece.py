"""One dynamic piece of a template → a function from the piece's text to the values of its parameters.

Knows: how fields, patterns and conversion combine. Does not know: where the piece stands, routes, methods.
Invariant: the tree and the plans read every piece through `reader`, so they can't disagree about it.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from fasterapi_router.converter import ANYTHING, Converter
from fasterapi_router.pattern import Pattern
from fasterapi_router.template import Field, Tokens

# Any: with conversion on, converters decide the types of values
Values: TypeAlias = tuple[Any, ...]
Reader: TypeAlias = Callable[[str], Values | None]


def reader(tokens: Tokens, *, convert: bool) -> Reader:
    """The function that reads one segment, or a catch-all with everything behind it.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> read = reader((Field("id", BUILT_IN["int"]),), convert=True)
    >>> read("7"), read("x")
    ((7,), None)
    """
    converters = [token.converter for token in tokens if isinstance(token, Field)]
    read = _single(converters[0]) if len(tokens) == 1 else Pattern(tokens).match
    if convert and any(converter.convert is not str for converter in converters):
        return _converted(read, [converter.convert for converter in converters])
    return read


def _single(converter: Converter) -> Reader:
    if converter.is_catch_all and converter.pattern == ANYTHING:
        return lambda text: (text,)
    accepts = converter.accepts

    def read(text: str) -> Values | None:
        return (text,) if accepts(text) else None

    return read


def _converted(read: Reader, conversions: list[Callable[[str], Any]]) -> Reader:
    def read_and_convert(text: str) -> Values | None:
        values = read(text)
        if values is None:
            return None
        try:
            return tuple([convert(value) for convert, value in zip(conversions, values, strict=True)])
        except ValueError:  # a converter's way to say that the text is not one of its own
            return None

    return read_and_convert
