"""Dataclasses as msgspec decodes them → with every field in the instance.

Knows: msgspec leaves a default that was not sent in the class, where attribute access finds it but msgspec's own
encoder, which writes what the instance holds, does not. Does not know: how values are decoded or encoded.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from fasterapi.validation.models import ModelNode
from fasterapi.validation.walk import Node

T = TypeVar("T")

__all__ = ["complete", "completing", "leaves_defaults"]


def leaves_defaults(node: Node) -> bool:
    """Whether a value of this type can hold a dataclass with fields that may be missing in the instance."""
    pending, seen = [node], set()
    while pending:
        current = pending.pop()
        if id(current) not in seen:
            seen.add(id(current))
            if (
                isinstance(current, ModelNode)
                and current.kind == "dataclass"
                and _class_defaults(current.class_)
            ):
                return True
            pending += current.children()
    return False


def completing(decode: Callable[[Any], T]) -> Callable[[Any], T]:
    """`decode`, with the defaults put into the dataclasses in its result."""

    def decode_and_complete(source: Any) -> T:
        value = decode(source)
        complete(value)
        return value

    return decode_and_complete


def complete(value: Any) -> None:
    """Put the defaults that stand in their classes into all dataclasses in `value`."""
    if isinstance(value, list | tuple | set | frozenset):
        for item in value:
            complete(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            complete(item)
    elif dataclasses.is_dataclass(class_ := type(value)):
        for name, default in _class_defaults(class_).items():
            vars(value).setdefault(name, default)
        for field in dataclasses.fields(class_):
            complete(getattr(value, field.name, None))
    else:
        for name in getattr(value, "__struct_fields__", ()):
            complete(getattr(value, name))


@lru_cache(maxsize=1024)
def _class_defaults(class_: Any) -> Mapping[str, Any]:
    """The defaults that stand in the class; none where slots leave no room for them there."""
    if "__slots__" in vars(class_):
        return {}
    return {
        field.name: field.default
        for field in dataclasses.fields(class_)
        if field.init and field.default is not dataclasses.MISSING
    }
