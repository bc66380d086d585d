"""`jsonable_encoder`: anything → JSON's own types, for databases, caches and error bodies.

Knows: FastAPI's rules for it. Models are written as in responses; values outside of models as FastAPI writes them (a
Decimal as a number, a timedelta as seconds, bytes as text). Does not know: response models.
"""

import dataclasses
import datetime as dt
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
from pathlib import PurePath
from types import GeneratorType
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from fasterapi.types import IncEx
from fasterapi.validation.dump import DumpOptions, dump
from fasterapi.validation.fields_set import has_fields
from fasterapi.validation.hooks import custom_type, decimal_as_number

__all__ = ["ENCODERS_BY_TYPE", "isoformat", "jsonable_encoder"]


def isoformat(value: dt.date | dt.time) -> str:
    """ISO 8601, as Python writes it."""
    return value.isoformat()


ENCODERS_BY_TYPE: Final[dict[type[Any], Callable[[Any], Any]]] = {
    bytes: bytes.decode,
    dt.datetime: isoformat,
    dt.date: isoformat,
    dt.time: isoformat,
    dt.timedelta: dt.timedelta.total_seconds,
    Decimal: decimal_as_number,
    Enum: lambda member: member.value,
    frozenset: list,
    deque: list,
    GeneratorType: list,
    IPv4Address: str,
    IPv4Interface: str,
    IPv4Network: str,
    IPv6Address: str,
    IPv6Interface: str,
    IPv6Network: str,
    PurePath: str,
    re.Pattern: lambda pattern: pattern.pattern,
    set: list,
    UUID: str,
}


def jsonable_encoder(  # noqa: PLR0917 - FastAPI's signature
    obj: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: Mapping[Any, Callable[[Any], Any]] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Convert `obj` to str, int, float, bool, None, list and dict.

    `include` and `exclude` choose fields of a model (nested ones by mappings) or keys of a dictionary;
    `custom_encoder` maps classes to functions that come before everything else; `sqlalchemy_safe` leaves out keys
    that start with `_sa`. Raises ValueError for an object that has neither items nor attributes.

    >>> jsonable_encoder({"at": dt.date(2024, 5, 1), "ids": {7}})
    {'at': '2024-05-01', 'ids': [7]}
    """
    options = DumpOptions(by_alias, exclude_unset, exclude_defaults, exclude_none)
    encoder = _JsonableEncoder(options, custom_encoder or {}, sqlalchemy_safe=sqlalchemy_safe)
    return encoder.encode(obj, _as_choice(include), _as_choice(exclude))


def _as_choice(choice: Any) -> IncEx | None:
    return choice if choice is None or isinstance(choice, set | Mapping) else cast("IncEx", set(choice))


class _JsonableEncoder:
    """The options of one call, which are the same on every level."""

    def __init__(
        self, options: DumpOptions, custom: Mapping[Any, Callable[[Any], Any]], *, sqlalchemy_safe: bool
    ) -> None:
        self.options = options
        self.custom = custom
        self.sqlalchemy_safe = sqlalchemy_safe

    def encode(self, obj: Any, include: IncEx | None = None, exclude: IncEx | None = None) -> Any:
        """One value of any kind."""
        for class_ in (type(obj), *self.custom) if self.custom else ():
            if class_ in self.custom and isinstance(obj, class_):
                return self.custom[class_](obj)
        match obj:
            case Enum():
                return obj.value
            case None | str() | int() | float():
                return obj
            case msgspec.Struct():
                return self.encode(dump(obj, self.options, include, exclude))
            case Mapping():
                return self._mapping(obj, include, exclude)
            case list() | set() | frozenset() | GeneratorType() | tuple() | deque():
                return [self.encode(item, include, exclude) for item in obj]
        if has_fields(obj):
            attributes = {name: getattr(obj, name) for name in _field_names(obj)}
            return self._mapping(attributes, include, exclude)
        return self._other(obj, include, exclude)

    def _mapping(
        self, obj: Mapping[Any, Any], include: IncEx | None, exclude: IncEx | None
    ) -> dict[Any, Any]:
        encoded: dict[Any, Any] = {}
        for key, value in obj.items():
            if self.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa"):
                continue
            if value is msgspec.UNSET or (value is None and self.options.exclude_none):
                continue
            if (include is None or key in include) and (exclude is None or key not in exclude):
                encoded[self.encode(key)] = self.encode(value)
        return encoded

    def _other(self, obj: Any, include: IncEx | None, exclude: IncEx | None) -> Any:
        for class_ in type(obj).__mro__:
            custom = custom_type(class_)
            if class_ in ENCODERS_BY_TYPE or custom is not None:
                encode = ENCODERS_BY_TYPE.get(class_) or cast("Any", custom).encode
                return self.encode(encode(obj))
        return self.encode(_items_or_attributes(obj), include, exclude)


def _field_names(obj: Any) -> Iterable[str]:
    if dataclasses.is_dataclass(obj):
        return [field.name for field in dataclasses.fields(obj)]
    return [attribute.name for attribute in type(obj).__attrs_attrs__]


def _items_or_attributes(obj: Any) -> Any:
    """What is left: objects that `dict()` takes (rows, mappings in all but name), or with attributes."""
    try:
        return dict(obj)
    except (TypeError, ValueError) as error:
        problem = error
    try:
        return vars(obj)
    except TypeError as error:
        raise ValueError(f"{type(obj).__qualname__} has no JSON form: {problem}; {error}") from error
