"""Which fields of a model the client sent: for PATCH handlers and for `exclude_unset`.

Knows: a register per request that is filled only where it is asked for (`Adapter.decode_tracked`). A Struct has no
room for such a note, so objects are found by identity; the register holds them, so that no other object can get the
same identity, and it dies with the context of its request. Does not know: how a value was decoded.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from msgspec import UNSET

from fasterapi.validation.fields import ModelField, model_fields, model_kind

_Register = dict[int, tuple[Any, frozenset[str]]]

_REGISTER: Final[ContextVar[_Register | None]] = ContextVar("fields_set", default=None)


def start_tracking() -> None:
    """Forget what was tracked in this context: a new request begins."""
    _REGISTER.set({})


@contextmanager
def tracking_aside() -> Iterator[None]:
    """Whatever is tracked inside is forgotten afterwards; what was tracked before is known inside."""
    token = _REGISTER.set(dict(_REGISTER.get() or {}))
    try:
        yield
    finally:
        _REGISTER.reset(token)


def track_fields_set(obj: Any, names: Iterable[str]) -> None:
    """Note that exactly these fields (Python names) of `obj` were given."""
    register = _REGISTER.get()
    if register is None:
        register = {}
        _REGISTER.set(register)
    register[id(obj)] = (obj, frozenset(names))


def tracked_fields(obj: Any) -> frozenset[str] | None:
    """The fields noted for this very object, or None."""
    register = _REGISTER.get()
    found = register.get(id(obj)) if register else None
    return found[1] if found is not None and found[0] is obj else None


def fields_set(obj: Any) -> frozenset[str]:
    """The Python names of the fields that were given when `obj` was made.

    Exact for objects read from a request whose handler asks for tracking. Of any other object it is not known, so
    a field counts as given when it differs from its default; `msgspec.UNSET` never counts.

    >>> import msgspec
    >>> class Patch(msgspec.Struct):
    ...     name: str | msgspec.UnsetType = msgspec.UNSET
    ...     size: int = 1
    >>> sorted(fields_set(Patch(name="a")))
    ['name']
    >>> patch = Patch(size=1)
    >>> track_fields_set(patch, ["size"])
    >>> sorted(fields_set(patch))
    ['size']
    """
    known = tracked_fields(obj)
    if known is not None:
        return known
    if isinstance(obj, Mapping):
        return frozenset(obj)
    return frozenset(field.name for field in model_fields(type(obj)) if is_changed(obj, field))


def is_changed(obj: Any, field: ModelField) -> bool:
    """Whether this field of a model's instance differs from its default, or has none."""
    value = getattr(obj, field.name, UNSET)
    if value is UNSET:
        return False
    return field.required or value != field.make_default()


def is_default(obj: Any, field: ModelField) -> bool:
    """Whether this field has its default, as `exclude_defaults` means it."""
    return not field.required and getattr(obj, field.name, UNSET) == field.make_default()


def has_fields(obj: Any) -> bool:
    """Whether this is an instance of a model, not a class and not a plain dictionary."""
    return not isinstance(obj, type) and model_kind(type(obj)) is not None
