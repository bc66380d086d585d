"""Types that msgspec does not know: how they come from JSON or text, and how they go back.

Knows: a table of custom types, and the two hooks (`dec_hook`, `enc_hook`) by which msgspec asks. Does not know:
where in a document a value stands. A registration holds for the whole process and belongs into start-up code.
"""

import dataclasses
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from pathlib import Path, PosixPath, PurePath, PurePosixPath, PureWindowsPath
from types import GeneratorType
from typing import Any, Final

from fasterapi.validation.errors import Refused


@dataclasses.dataclass(frozen=True, slots=True)
class CustomType:
    """One registered type. `decode` takes what JSON or a text gave and returns the value, or raises ValueError."""

    type: type
    decode: Callable[[Any], Any]
    encode: Callable[[Any], Any]
    schema: Mapping[str, Any]


_REGISTERED: Final[dict[type, CustomType]] = {}


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
        return _REGISTERED.get(type_)
    except TypeError:  # an annotation need not be hashable
        return None


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

    >>> enc_hook(PurePosixPath("a/b"))
    'a/b'
    """
    for class_ in type(value).__mro__:
        custom = _REGISTERED.get(class_)
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
        case PurePath():
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


def _attributes(value: Any) -> Any:
    """A plain object's public attributes, as FastAPI's `jsonable_encoder` takes them."""
    to_dict = getattr(value, "model_dump", None)
    if callable(to_dict):
        return to_dict(mode="json")
    try:
        attributes = vars(value)
    except TypeError:
        if isinstance(value, Iterable):
            return list(value)
        raise NotImplementedError(
            f"{type(value).__module__}.{type(value).__qualname__} has no JSON form; register one with register_type()"
        ) from None
    return {name: item for name, item in attributes.items() if not name.startswith("_sa")}


def _address(type_: type, error_type: str) -> None:
    def decode(value: Any) -> Any:
        # `bool` is an int, and ipaddress would take True for 0.0.0.1.
        if isinstance(value, str | int) and not isinstance(value, bool):
            try:
                return type_(value)
            except ValueError:
                pass
        raise Refused(error_type)

    format_ = {"Address": "", "Network": "network", "Interface": "interface"}[type_.__name__[4:]]
    register_type(
        type_, decode=decode, schema={"type": "string", "format": type_.__name__[:4].lower() + format_}
    )


def _path(type_: type[PurePath]) -> None:
    def decode(value: Any) -> Any:
        if not isinstance(value, str):
            raise Refused("path_type", path_type=type_)
        return type_(value)

    register_type(type_, decode=decode, schema={"type": "string", "format": "path"})


def _decode_pattern(value: Any) -> re.Pattern[str]:
    if not isinstance(value, str):
        raise Refused("pattern_type")
    try:
        return re.compile(value)
    except re.error:
        raise Refused("pattern_regex") from None


_ADDRESSES: Final = (
    (IPv4Address, "ip_v4_address"),
    (IPv6Address, "ip_v6_address"),
    (IPv4Network, "ip_v4_network"),
    (IPv6Network, "ip_v6_network"),
    (IPv4Interface, "ip_v4_interface"),
    (IPv6Interface, "ip_v6_interface"),
)
for _type, _error in _ADDRESSES:
    _address(_type, _error)
for _path_type in (Path, PurePath, PosixPath, PurePosixPath, PureWindowsPath):
    _path(_path_type)
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
