"""Functions for `__post_init__`: validators of fields, of whole models, computed fields.

Knows: how a Struct is filled in. Does not know: how Pydantic declared it.
msgspec turns a ValueError or TypeError of `__post_init__` into its ValidationError, so a request gets a 422.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from fasterapi.validation.errors import Refused


class FieldRefused(Refused):
    """A validator refused one field: `loc` is the field's name in JSON, `value` what it held.

    Its text is the validator's own sentence: whoever lists errors puts "Value error, " before it.
    """

    def __init__(self, loc: tuple[str, ...], value: Any, reason: Refused) -> None:
        super().__init__(reason.type, **reason.context)
        self.loc = loc
        self.value = value

    def __str__(self) -> str:
        return str(self.context.get("sentence", self.message))


@dataclass(frozen=True, slots=True)
class ValidationInfo:
    """What a validator may ask for beside the value: the fields before it, its own name."""

    data: dict[str, Any]
    field_name: str
    context: Any = None
    config: dict[str, Any] = field(default_factory=dict)
    mode: str = "python"


def validate_field(
    instance: msgspec.Struct, name: str, validator: Callable[..., Any], *, info: bool = False
) -> None:
    """Let `validator(value)` check a field and set the field to what it returns.

    A field that holds its default was not given, and is not checked. `info` passes a `ValidationInfo` as well.
    A ValueError or AssertionError of the validator becomes a ValueError that carries the field's name.

    >>> class Item(msgspec.Struct):
    ...     name: str
    ...
    ...     def __post_init__(self) -> None:
    ...         validate_field(self, "name", str.title)
    >>> Item("red pen")
    Item(name='Red Pen')
    """
    value = getattr(instance, name)
    if _is_default(instance, name, value):
        return
    extra = (ValidationInfo(_before(instance, name), name),) if info else ()
    try:
        result = validator(value, *extra)
    except (ValueError, AssertionError) as error:
        index = instance.__struct_fields__.index(name)
        raise FieldRefused((instance.__struct_encode_fields__[index],), value, _reason(error)) from error
    if result is not value:
        msgspec.structs.force_setattr(instance, name, result)


def validate_model(check: Callable[[], Any]) -> None:
    """Run a check of the whole model; an AssertionError becomes a ValueError."""
    try:
        check()
    except AssertionError as error:
        raise _reason(error) from error


def computed() -> Any:
    """The default of a field that `__post_init__` computes; clients need not and cannot give it."""
    return msgspec.field(default=msgspec.UNSET)


def set_field(instance: msgspec.Struct, name: str, value: Any) -> None:
    """Set a field, of a frozen Struct as well; for use in `__post_init__` alone."""
    msgspec.structs.force_setattr(instance, name, value)


def _reason(error: Exception) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, AssertionError):
        return Refused("assertion_error", sentence=f"Assertion failed, {error}", error={})
    return Refused("value_error", sentence=str(error), error={})


def _before(instance: msgspec.Struct, name: str) -> dict[str, Any]:
    names = instance.__struct_fields__
    return {item: getattr(instance, item) for item in names[: names.index(name)]}


def _is_default(instance: msgspec.Struct, name: str, value: Any) -> bool:
    for item in msgspec.structs.fields(instance):
        if item.name != name:
            continue
        if item.default is not msgspec.NODEFAULT:
            return value is item.default
        if item.default_factory in {list, dict, set, bytearray}:
            return not value
        return False
    return False
