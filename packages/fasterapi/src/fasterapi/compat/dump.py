"""Structs → dictionaries and JSON text, with Pydantic's options.

Knows: include, exclude, aliases, defaults. Does not know: response models; `fasterapi.validation` filters those.
An object that is no Struct is handed to its own `model_dump`, so that settings and SQLModel rows keep working.
"""

import copy
import dataclasses
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias, TypedDict, TypeVar, Unpack

import msgspec

from fasterapi import validation
from fasterapi.validation import enc_hook

T = TypeVar("T")
Selection: TypeAlias = AbstractSet[Any] | Mapping[Any, Any] | None
"""Names of fields (or indexes of items, or `__all__`) to take or to leave; a mapping goes deeper."""


class DumpOptions(TypedDict, total=False):
    """The options of `model_dump`."""

    include: Selection
    exclude: Selection
    by_alias: bool
    exclude_unset: bool
    exclude_defaults: bool
    exclude_none: bool


def model_dump(obj: Any, *, mode: str = "python", **options: Unpack[DumpOptions]) -> dict[str, Any]:
    """The fields of a Struct as a dictionary, nested ones too; `mode="json"` converts values to what JSON has.

    >>> class Item(msgspec.Struct):
    ...     name: str
    ...     price: float | None = None
    >>> model_dump(Item("pen"), exclude_none=True)
    {'name': 'pen'}
    """
    if not isinstance(obj, msgspec.Struct):
        return _own_dump(obj, mode, options)
    found: dict[str, Any] = _Dump(options).value(obj, options.get("include"), options.get("exclude"))
    if mode == "json":
        found = msgspec.to_builtins(found, enc_hook=enc_hook, str_keys=True)
    return found


def model_dump_json(obj: Any, *, indent: int | None = None, **options: Unpack[DumpOptions]) -> str:
    """The fields of a Struct as JSON text, compact or with `indent` blanks per level.

    >>> class Item(msgspec.Struct):
    ...     name: str
    >>> model_dump_json(Item("pen"))
    '{"name":"pen"}'
    """
    if not isinstance(obj, msgspec.Struct):
        own = getattr(obj, "model_dump_json", None) or obj.json
        text: str = own(**options) if indent is None else own(indent=indent, **options)
        return text
    encoded = msgspec.json.encode(model_dump(obj, **options), enc_hook=enc_hook)
    return (encoded if indent is None else msgspec.json.format(encoded, indent=indent)).decode()


def model_copy(obj: T, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> T:
    """A copy, some fields set to other values; they are taken as they are, without conversion or checks.

    `deep` copies what the fields hold as well.

    >>> class Item(msgspec.Struct):
    ...     name: str
    >>> model_copy(Item("pen"), update={"name": "ink"})
    Item(name='ink')
    """
    if not isinstance(obj, msgspec.Struct):
        own = getattr(obj, "model_copy", None) or getattr(obj, "copy", None)
        if own is None:
            raise TypeError(f"{type(obj).__qualname__} is no model")
        given = {"update": update, "deep": deep}
        made: T = own(**{name: value for name, value in given.items() if value})
        return made
    copied = copy.deepcopy(obj) if deep else copy.copy(obj)
    if hasattr(obj, "__dict__"):
        copied.__dict__.update(copy.deepcopy(obj.__dict__) if deep else obj.__dict__)
    for name, value in (update or {}).items():
        if name in copied.__struct_fields__:
            msgspec.structs.force_setattr(copied, name, value)
    return copied


def fields_set(obj: Any) -> set[str]:
    """The names of the fields that were given when the object was made; see `fasterapi.validation.fields_set`."""
    given = None if isinstance(obj, msgspec.Struct) else getattr(obj, "model_fields_set", None)
    return set(validation.fields_set(obj) if given is None else given)


def _own_dump(obj: Any, mode: str, options: DumpOptions) -> dict[str, Any]:
    own = getattr(obj, "model_dump", None)
    if own is not None:
        dumped: dict[str, Any] = own(mode=mode, **options)
        return dumped
    own = getattr(obj, "dict", None)
    if own is None:
        raise TypeError(f"{type(obj).__qualname__} is no model")
    old: dict[str, Any] = own(**options)
    return old


class _Dump:
    def __init__(self, options: DumpOptions) -> None:
        self.by_alias = options.get("by_alias", False)
        self.exclude_unset = options.get("exclude_unset", False)
        self.exclude_defaults = options.get("exclude_defaults", False)
        self.exclude_none = options.get("exclude_none", False)

    def value(self, value: Any, include: Selection, exclude: Selection) -> Any:
        if isinstance(value, msgspec.Struct):
            return self.struct(value, include, exclude)
        if isinstance(value, Mapping):
            return {
                key: self.value(item, *below)
                for key, item in value.items()
                if (below := _below(include, exclude, key)) is not None
            }
        if isinstance(value, list | tuple | set | frozenset):
            items = [
                self.value(item, *below)
                for index, item in enumerate(value)
                if (below := _below(include, exclude, index)) is not None
            ]
            return _like(value, items)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {
                field.name: self.value(getattr(value, field.name), None, None)
                for field in dataclasses.fields(value)
            }
        return value

    def struct(self, obj: msgspec.Struct, include: Selection, exclude: Selection) -> dict[str, Any]:
        dumped: dict[str, Any] = {}
        tag, tag_field = obj.__struct_config__.tag, obj.__struct_config__.tag_field
        if tag is not None and tag_field is not None and _below(include, exclude, tag_field) is not None:
            dumped[tag_field] = tag
        given = fields_set(obj) if self.exclude_unset else None
        for field in msgspec.structs.fields(obj):
            below = _below(include, exclude, field.name)
            item = getattr(obj, field.name)
            if below is None or item is msgspec.UNSET or (self.exclude_none and item is None):
                continue
            if given is not None and field.name not in given:
                continue
            if self.exclude_defaults and _is_default(field, item):
                continue
            dumped[field.encode_name if self.by_alias else field.name] = self.value(item, *below)
        return dumped


def _is_default(field: msgspec.structs.FieldInfo, value: Any) -> bool:
    if field.default_factory is not msgspec.NODEFAULT:
        return bool(value == field.default_factory())
    return field.default is not msgspec.NODEFAULT and bool(value == field.default)


def _like(original: Any, items: list[Any]) -> Any:
    if isinstance(original, tuple) and hasattr(original, "_fields"):
        return type(original)(*items)
    if isinstance(original, set | frozenset) and not all(map(_is_hashable, items)):
        return items
    return type(original)(items)


def _is_hashable(value: Any) -> bool:
    return not isinstance(value, dict | list | set)


def _below(include: Selection, exclude: Selection, key: Any) -> tuple[Selection, Selection] | None:
    """The selections for what is under `key`; None when `key` itself is left out."""
    taken: Selection = None
    left: Selection = None
    if include is not None:
        found = _entry(include, key)
        if found in (False, None):
            return None
        taken = None if found is True or found is ... else found
    if exclude is not None:
        found = _entry(exclude, key)
        if found is True or found is ...:
            return None
        left = None if found in (False, None) else found
    return taken, left


def _entry(selection: AbstractSet[Any] | Mapping[Any, Any], key: Any) -> Any:
    if isinstance(selection, Mapping):
        return selection.get(key, selection.get("__all__") if isinstance(key, int) else None)
    return key in selection or (isinstance(key, int) and "__all__" in selection)
