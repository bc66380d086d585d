"""Values → JSON's own types, with fields chosen: `include`, `exclude`, `by_alias`, `exclude_none` and the like.

Knows: how FastAPI's nested `include`/`exclude` are read, and the fields of models. Does not know: response models;
it writes what it is given (`serializer` filters first).
"""

import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from fasterapi.types import IncEx
from fasterapi.validation.fields import ModelField, model_fields
from fasterapi.validation.fields_set import fields_set, has_fields, is_default
from fasterapi.validation.hooks import enc_hook

_ALL: Final = "__all__"


class DumpOptions(msgspec.Struct, frozen=True):
    """FastAPI's switches; `include` and `exclude` change from level to level and travel beside them."""

    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether msgspec's encoder does the same."""
        return self == _PLAIN


_PLAIN: Final = DumpOptions()


def dump(value: Any, options: DumpOptions, include: IncEx | None = None, exclude: IncEx | None = None) -> Any:
    """`value` in JSON's types, with only the fields asked for; TypeError names a class that has no JSON form.

    >>> class Item(msgspec.Struct):
    ...     name: str
    ...     price: float = 1.0
    >>> dump([Item("a", 2.0), Item("b")], DumpOptions(exclude_defaults=True), exclude={"name"})
    [{'price': 2.0}, {}]
    """
    if value is None or (isinstance(value, str | int | float) and not isinstance(value, enum.Enum)):
        return value
    if has_fields(value) and not (isinstance(value, tuple) or _is_array(value)):
        return _model(value, options, include, exclude)
    if isinstance(value, Mapping):
        return _mapping(value, options, include, exclude)
    if isinstance(value, list | tuple | set | frozenset) or _is_array(value):
        return _items(value, options, include, exclude)
    try:
        plain = msgspec.to_builtins(value, enc_hook=enc_hook)
    except NotImplementedError as error:
        raise TypeError(str(error)) from None
    return dump(plain, options, include, exclude) if isinstance(plain, dict | list) else plain


def _is_array(value: Any) -> bool:
    config = getattr(type(value), "__struct_config__", None)
    return config is not None and config.array_like


def _model(value: Any, options: DumpOptions, include: IncEx | None, exclude: IncEx | None) -> dict[str, Any]:
    dumped: dict[str, Any] = {}
    config = getattr(type(value), "__struct_config__", None)
    if config is not None and config.tag is not None:
        dumped[config.tag_field] = config.tag
    given = fields_set(value) if options.exclude_unset else None
    for field in model_fields(type(value)):
        wanted, inner_include, inner_exclude = choose(field.name, include, exclude)
        if not wanted or (given is not None and field.name not in given):
            continue
        item = getattr(value, field.name, UNSET)
        if item is UNSET or (item is None and options.exclude_none):
            continue
        if options.exclude_defaults and is_default(value, field):
            continue
        dumped[_name(field, options)] = dump(item, options, inner_include, inner_exclude)
    return dumped


def _name(field: ModelField, options: DumpOptions) -> str:
    return field.encoded_name if options.by_alias else field.name


def _mapping(
    value: Mapping[Any, Any], options: DumpOptions, include: IncEx | None, exclude: IncEx | None
) -> dict[Any, Any]:
    dumped: dict[Any, Any] = {}
    for key, item in value.items():
        wanted, inner_include, inner_exclude = choose(key, include, exclude)
        if wanted and item is not UNSET and not (item is None and options.exclude_none):
            plain_key = (
                key if isinstance(key, str) else msgspec.to_builtins(key, str_keys=True, enc_hook=enc_hook)
            )
            dumped[plain_key] = dump(item, options, inner_include, inner_exclude)
    return dumped


def _items(value: Any, options: DumpOptions, include: IncEx | None, exclude: IncEx | None) -> list[Any]:
    items: Iterable[Any] = value
    if _is_array(value):
        items = [getattr(value, name) for name in value.__struct_fields__]
    dumped = []
    for index, item in enumerate(items):
        wanted, inner_include, inner_exclude = _choose_item(index, include, exclude)
        if wanted:
            dumped.append(dump(item, options, inner_include, inner_exclude))
    return dumped


_Choice = tuple[bool, IncEx | None, IncEx | None]


def choose(key: Any, include: IncEx | None, exclude: IncEx | None) -> _Choice:
    """Whether a field is wanted, and what `include` and `exclude` say about the parts of it.

    >>> choose("a", {"a": {"b"}}, None)
    (True, {'b'}, None)
    """
    wanted, inner_include = True, None
    if include is not None:
        found = _inner(include, key)
        wanted, inner_include = found is not None, None if found is True else found
    found = None if exclude is None else _inner(exclude, key)
    return wanted and found is not True, inner_include, None if found is True else found


def _inner(choice: IncEx, key: Any) -> Any:
    """What a set or mapping says about `key`: None nothing, True all of it, else about its parts."""
    if not isinstance(choice, Mapping):
        return True if key in choice else None
    named: Mapping[Any, Any] = choice
    found = named.get(key, named.get(_ALL))
    return True if found is ... else (found or None)


def _choose_item(index: int, include: IncEx | None, exclude: IncEx | None) -> _Choice:
    """Indexes and `__all__` mean items; anything else is meant for the fields of each item."""
    about_items = [_names_items(choice) for choice in (include, exclude)]
    wanted, inner_include, inner_exclude = choose(
        index, include if about_items[0] else None, exclude if about_items[1] else None
    )
    return (
        wanted,
        inner_include if about_items[0] else include,
        inner_exclude if about_items[1] else exclude,
    )


def _names_items(choice: IncEx | None) -> bool:
    return choice is not None and any(isinstance(key, int) or key == _ALL for key in choice)
