"""A class → its fields, as msgspec would encode and decode them.

Knows: Structs, dataclasses, attrs, TypedDicts, NamedTuples, generics. Does not know: JSON Schema.
Reads a class only; nothing is instantiated but the defaults of factories that are plain containers.
"""

import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal

import msgspec
from msgspec import NODEFAULT, UNSET

from .annotation import substitute, unwrap
from .errors import UnsupportedType

Kind = Literal["struct", "dataclass", "attrs", "typeddict", "namedtuple", "enum"]
_PLAIN_FACTORIES = (list, dict, set, frozenset, tuple, bytearray)


class Field(msgspec.Struct, frozen=True):
    """One field: its Python name, its name on the wire, its type, and what happens without it.

    `default` is `UNSET` when there is none that can be shown. `may_be_unset` fields are left out of
    what is sent while they are `UNSET`.
    """

    name: str
    encode_name: str
    type: Any  # any annotation
    required: bool
    default: Any = UNSET
    may_be_unset: bool = False


class Shape(msgspec.Struct, frozen=True):
    """What a class looks like from outside. `cls` is the class itself, never a generic alias."""

    kind: Kind
    cls: type
    fields: tuple[Field, ...] = ()
    tag_field: str | None = None
    tag: str | int | None = None
    array_like: bool = False
    forbid_unknown_fields: bool = False
    omit_defaults: bool = False


def kind_of(cls: object) -> Kind | None:
    """Which of the supported kinds of class this is; None for every other object.

    >>> kind_of(Field), kind_of(int)
    ('struct', None)
    """
    if not isinstance(cls, type):
        return None
    if issubclass(cls, msgspec.Struct):
        return "struct"
    if issubclass(cls, Enum):
        return "enum"
    if hasattr(cls, "__dataclass_fields__"):
        return "dataclass"
    if hasattr(cls, "__attrs_attrs__"):
        return "attrs"
    if issubclass(cls, dict) and hasattr(cls, "__total__"):
        return "typeddict"
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return "namedtuple"
    return None


def read_shape(cls: Any, args: tuple[Any, ...] = (), used_by: str = "a type") -> Shape:
    """Read a class (one for which `kind_of` answers), with the arguments of its type parameters.

    Raises `UnsupportedType` when an annotation of the class cannot be resolved.

    >>> class Point(typing.NamedTuple):
    ...     x: int
    ...     y: int = 0
    >>> [(field.name, field.required) for field in read_shape(Point).fields]
    [('x', True), ('y', False)]
    """
    kind = kind_of(cls)
    try:
        if kind == "struct":
            return _read_struct(cls, args)
        if kind == "enum":
            return Shape("enum", cls)
        hints = _hints(cls, args)
    except NameError as error:
        described = f"{cls.__module__}.{cls.__qualname__}"
        raise UnsupportedType(
            described,
            used_by=used_by,
            reason=f"its annotations do not resolve, {error}",
            fix="import or define the name at the top level of the module that defines the class",
        ) from error
    if kind == "typeddict":
        return Shape("typeddict", cls, _typeddict_fields(cls, hints))
    if kind == "namedtuple":
        return Shape("namedtuple", cls, _namedtuple_fields(cls, hints), array_like=True)
    if kind == "dataclass":
        return Shape("dataclass", cls, _dataclass_fields(cls, hints))
    return Shape("attrs", cls, _attrs_fields(cls, hints))


def _read_struct(cls: Any, args: tuple[Any, ...]) -> Shape:
    config = cls.__struct_config__
    fields = tuple(
        Field(
            info.name,
            info.encode_name,
            info.type,
            info.default is NODEFAULT and info.default_factory is NODEFAULT,
            # msgspec turns `tags: list[str] = []` into a factory, so these stand for what was written
            info.default_factory() if info.default_factory in _PLAIN_FACTORIES else _default(info.default),
            info.default is UNSET,
        )
        for info in msgspec.structs.fields(cls[args] if args else cls)
    )
    return Shape(
        "struct",
        cls,
        fields,
        tag_field=config.tag_field,
        tag=config.tag,
        array_like=config.array_like,
        forbid_unknown_fields=config.forbid_unknown_fields,
        omit_defaults=config.omit_defaults,
    )


def _default(value: Any) -> Any:
    return UNSET if value is NODEFAULT else value


def _dataclass_fields(cls: Any, hints: Mapping[str, Any]) -> tuple[Field, ...]:
    from dataclasses import MISSING  # noqa: PLC0415 - only loaded for those who have a dataclass

    found = []
    for item in cls.__dataclass_fields__.values():
        if item._field_type.name != "_FIELD" or not item.init:
            continue  # ClassVar, InitVar, or computed by the class itself
        default = UNSET if item.default is MISSING else item.default
        required = item.default is MISSING and item.default_factory is MISSING
        may_be_unset = item.default is UNSET
        found.append(Field(item.name, item.name, hints[item.name], required, default, may_be_unset))
    return tuple(found)


def _attrs_fields(cls: Any, hints: Mapping[str, Any]) -> tuple[Field, ...]:
    from attrs import NOTHING  # noqa: PLC0415 - loaded already by whoever made the class

    found = []
    for item in cls.__attrs_attrs__:
        if not item.init:
            continue
        has_factory = hasattr(item.default, "factory") and hasattr(item.default, "takes_self")
        default = UNSET if has_factory or item.default is NOTHING else item.default
        required = item.default is NOTHING
        found.append(Field(item.name, item.name, hints.get(item.name, Any), required, default))
    return tuple(found)


def _typeddict_fields(cls: Any, hints: Mapping[str, Any]) -> tuple[Field, ...]:
    found = []
    for name, hint in hints.items():
        marker = typing.get_origin(hint)  # with postponed annotations only the hint still tells
        required = name in cls.__required_keys__
        if marker is typing.Required or marker is typing.NotRequired:
            required = marker is typing.Required
        found.append(Field(name, name, hint, required))
    return tuple(found)


def _namedtuple_fields(cls: Any, hints: Mapping[str, Any]) -> tuple[Field, ...]:
    defaults = cls._field_defaults
    return tuple(
        Field(name, name, hints.get(name, Any), name not in defaults, defaults.get(name, UNSET))
        for name in cls._fields
    )


def _hints(cls: Any, args: tuple[Any, ...]) -> dict[str, Any]:
    """Resolved annotations of a class and its bases, each with its own base's type arguments."""
    hints = typing.get_type_hints(cls, include_extras=True)
    if not args and not hasattr(cls, "__orig_bases__"):
        return hints
    owners: dict[str, dict[Any, Any]] = {}
    _collect_owners(cls, dict(zip(getattr(cls, "__parameters__", ()), args, strict=False)), owners)
    return {name: substitute(hint, owners.get(name, {})) for name, hint in hints.items()}


def _collect_owners(cls: Any, arguments: dict[Any, Any], owners: dict[str, dict[Any, Any]]) -> None:
    for base in cls.__dict__.get("__orig_bases__", cls.__bases__):
        origin = unwrap(base).origin
        if not isinstance(origin, type) or origin is object:
            continue
        given = [substitute(argument, arguments) for argument in typing.get_args(base)]
        _collect_owners(origin, dict(zip(getattr(origin, "__parameters__", ()), given, strict=False)), owners)
    for name in getattr(cls, "__annotations__", {}):
        if kind_of(cls) == "typeddict":
            owners.setdefault(name, arguments)  # a TypedDict repeats the annotations of its bases
        else:
            owners[name] = arguments
