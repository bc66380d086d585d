"""Types that msgspec does not know: how they come from JSON or text, and how they go back.

Knows: a table of custom types, and the two hooks (`dec_hook`, `enc_hook`) by which msgspec asks. Does not know:
where in a document a value stands. A registration holds for the whole process and belongs into start-up code.
"""

import datetime as dt
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum
from types import GeneratorType
from typing import Any, Final
from uuid import UUID

from msgspec import Struct

from fasterapi.validation.errors import Refused


class CustomType(Struct, frozen=True):
    """One registered type. `decode` takes what JSON or a text gave and returns the value, or raises ValueError."""

    type: type
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]
    schema: Mapping[str, Any]


_REGISTERED: Final[dict[type, CustomType]] = {}
# Classes of these modules are registered (`addresses`) when the first one is met.
_LATER: Final = frozenset({"ipaddress", "pathlib"})


def register_type(
    type_: type,
    *,
    decode: Callable[[Any], Any],
    encode: Callable[[Any], Any] = str,
    schema: Mapping[str, Any] | None = None,
) -> None:
    """Teach the framework a class of your own.

    `decode` makes a value of the decoded JSON (or of a text: a query parameter is a `str`) and raises ValueError
    with a sentence for the client when it cannot; `encode` gives something that JSON has; `schema` is the JSON
    Schema for the documentation, `{"type": "string"}` by default.

    >>> class Point:
    ...     def __init__(self, text: str) -> None:
    ...         self.x, self.y = map(int, text.split(","))
    >>> register_type(Point, decode=Point, encode=lambda point: f"{point.x},{point.y}")
    >>> dec_hook(Point, "1,2").y
    2
    """
    _REGISTERED[type_] = CustomType(
        type_, decode, encode, {"type": "string"} if schema is None else dict(schema)
    )


def custom_type(type_: Any) -> CustomType | None:
    """The registration of exactly this class, if there is one."""
    try:
        found = _REGISTERED.get(type_)
    except TypeError:  # an annotation need not be hashable
        return None
    if found is None and getattr(type_, "__module__", "").partition(".")[0] in _LATER:
        from fasterapi.validation.addresses import standard_types  # noqa: PLC0415 - who asks has imported theirs

        for custom in standard_types():
            _REGISTERED.setdefault(custom.type, custom)
        found = _REGISTERED.get(type_)
    return found


def decode_custom(custom: CustomType, value: Any) -> Any:
    """The value as `custom.type`; raises Refused."""
    if isinstance(value, custom.type):
        return value
    try:
        return custom.decode(value)
    except Refused:
        raise
    except (ValueError, TypeError) as error:
        raise Refused("value_error", sentence=str(error), error={}) from error


def dec_hook(type_: type, value: Any) -> Any:
    """The hook of msgspec for types it does not know; a ValueError becomes its ValidationError."""
    if type_ is object:
        return value
    custom = custom_type(type_)
    if custom is None:
        raise NotImplementedError(f"{type_!r} is not registered; see fasterapi.validation.register_type")
    return decode_custom(custom, value)


def enc_hook(value: Any) -> Any:
    """The hook of msgspec for values it does not know: one level towards JSON, or NotImplementedError naming the class.

    >>> enc_hook(re.compile("[a-z]+"))
    '[a-z]+'
    """
    for class_ in type(value).__mro__:
        custom = custom_type(class_)
        if custom is not None:
            return custom.encode(value)
    match value:
        case None:
            return "null"  # a key of a dictionary: msgspec knows None as a value
        case Enum():
            return value.value
        case str():  # of a subclass, as the next ones: msgspec takes the classes themselves
            return str.__str__(value)
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case dt.date() | dt.time() | dt.timedelta():
            return plain_instant(value)
        case UUID() | Decimal():
            return str(value)
        case re.Pattern():
            return value.pattern
        case deque() | GeneratorType():
            return list(value)
        case Mapping():
            return dict(value)
        case Exception():
            return {}
    return _attributes(value)


def plain_instant(value: Any) -> Any:
    """An instance of a subclass (pendulum, pandas, freezegun) as one of `datetime`'s own class, which msgspec knows."""
    match value:
        case dt.datetime():
            clock = dt.time(
                value.hour, value.minute, value.second, value.microsecond, value.tzinfo, fold=value.fold
            )
            return dt.datetime.combine(plain_instant(value.date()), clock)
        case dt.date():
            return dt.date(value.year, value.month, value.day)
        case dt.time():
            return dt.time(value.hour, value.minute, value.second, value.microsecond, value.tzinfo)
        case _:
            return dt.timedelta(value.days, value.seconds, value.microseconds)


def _attributes(value: Any) -> Any:
    """A plain object's public attributes, as FastAPI's `jsonable_encoder` takes them."""
    to_dict = getattr(value, "model_dump", None)
    if callable(to_dict):
        # Pydantic's models have the names that clients use, as in FastAPI.
        by_alias = {"by_alias": True} if hasattr(value, "__pydantic_validator__") else {}
        return to_dict(mode="json", **by_alias)
    if hasattr(value, "keys") or (isinstance(value, Iterable) and not isinstance(value, Iterator)):
        try:
            return dict(value)  # a row, or pairs
        except (TypeError, ValueError):
            pass
    try:
        attributes = vars(value)
    except TypeError:
        if isinstance(value, Iterable):
            return list(value)
        raise NotImplementedError(
            f"{type(value).__module__}.{type(value).__qualname__} has no JSON form; register one with register_type()"
        ) from None
    return {name: item for name, item in attributes.items() if not name.startswith("_sa")}


def _decode_pattern(value: Any) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise Refused("pattern_type")
    try:
        return re.compile(value)
    except re.error:
        raise Refused("pattern_regex") from None


register_type(
    re.Pattern,
    decode=_decode_pattern,
    encode=lambda pattern: pattern.pattern,
    schema={"type": "string", "format": "regex"},
)


def decimal_as_number(value: Decimal) -> int | float:
    """FastAPI's JSON form of a Decimal: an int when it has no fraction digits, otherwise a float.

    >>> decimal_as_number(Decimal("1.0"))
    1.0
    """
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)
