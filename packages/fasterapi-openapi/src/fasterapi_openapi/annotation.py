"""One annotation → what it is, what it is made of, and what was said about it.

Knows: typing's wrappers and aliases, `msgspec.Meta`, the shape of `annotated_types`. Does not know: schemas,
components, documents.
Nothing here asks msgspec whether it could decode the type: a union that msgspec refuses is still a union.
"""

import collections.abc
import types
import typing
from typing import Any, NamedTuple

import msgspec

from .errors import UnsupportedType

_UNIONS = (typing.Union, types.UnionType)
_WRAPPERS = (typing.Final, typing.Required, typing.NotRequired, typing.ClassVar)
_LISTS = frozenset(
    {list, collections.abc.Collection, collections.abc.Sequence, collections.abc.MutableSequence,
     collections.abc.Iterable}
)  # fmt: skip
_SETS = frozenset({set, frozenset, collections.abc.Set, collections.abc.MutableSet})
_DICTS = frozenset({dict, collections.abc.Mapping, collections.abc.MutableMapping})
_CONTAINERS: dict[Any, type] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys(_SETS, set),
    **dict.fromkeys(_DICTS, dict),
}

_SAID = (
    "gt",
    "ge",
    "lt",
    "le",
    "multiple_of",
    "min_length",
    "max_length",
    "pattern",
    "title",
    "description",
    "examples",
)
_SAYABLE = (int, float, str, list)


class Annotation(NamedTuple):
    """An annotation without its wrappers.

    `origin` is a class, `Union`, `Literal`, a `TypeVar`, or an alias that refers to itself; abstract
    containers come back as `list`, `set` or `dict`. `args` are its parameters as written.
    """

    origin: Any  # a class or one of typing's special forms, which share no type
    args: tuple[Any, ...]
    metadata: tuple[msgspec.Meta, ...]


def is_alias(annotation: object) -> bool:
    """Whether this is a named alias (PEP 695), from `typing` or `typing_extensions`."""
    return hasattr(annotation, "__value__") and hasattr(annotation, "__type_params__")


def unwrap(annotation: Any, used_by: str = "a type") -> Annotation:
    """Take away `Annotated`, `NewType`, `Final`, `Required` and named aliases, keeping every `Meta`.

    Raises `UnsupportedType` for a forward reference that nobody resolved.

    >>> unwrap(typing.Annotated[collections.abc.Sequence[int], msgspec.Meta(min_length=1)])
    Annotation(origin=<class 'list'>, args=(<class 'int'>,), metadata=(msgspec.Meta(min_length=1),))
    """
    if issubclass(type(annotation), type):  # a plain class, the usual case
        return Annotation(_container(annotation), (), ())
    metadata: tuple[msgspec.Meta, ...] = ()
    current = annotation
    while True:
        if isinstance(current, (str, typing.ForwardRef)):
            raise UnsupportedType(
                repr(current),
                used_by=used_by,
                reason="it is a reference that was not resolved",
                fix="give the type itself, not its name",
            )
        origin = typing.get_origin(current)
        if origin is typing.Annotated:
            metadata = tuple(meta for item in current.__metadata__ for meta in metas_of(item)) + metadata
            current = current.__origin__
        elif origin in _WRAPPERS:
            current = current.__args__[0]
        elif origin is not None and is_alias(origin):
            current = origin.__value__[typing.get_args(current)]
        elif is_alias(current) and not refers_to_itself(current):
            current = current.__value__
        elif hasattr(current, "__supertype__"):
            current = current.__supertype__
        else:
            return _split(current, origin, metadata)


def metas_of(item: Any) -> tuple[msgspec.Meta, ...]:
    """What an item of an `Annotated` says: a `Meta`, or what has its names on the classes of `annotated_types`.

    Those, and Pydantic's `Field`, are known by their attributes, so that neither package is needed.

    >>> metas_of(msgspec.Meta(ge=1)), metas_of("a note")
    ((msgspec.Meta(ge=1),), ())
    """
    if isinstance(item, msgspec.Meta):
        return (item,)
    if type(item).__module__.split(".")[0] not in {"annotated_types", "pydantic"}:
        return ()
    given = {name: value for name in _SAID if (value := getattr(item, name, None)) is not None}
    given = {name: value for name, value in given.items() if isinstance(value, _SAYABLE)}
    inner = tuple(meta for part in getattr(item, "metadata", ()) for meta in metas_of(part))
    return (msgspec.Meta(**given), *inner) if given else inner


def _split(annotation: Any, origin: Any, metadata: tuple[msgspec.Meta, ...]) -> Annotation:
    if annotation is None:
        return Annotation(type(None), (), metadata)
    if origin is None:
        return Annotation(_container(annotation), (), metadata)
    if origin in _UNIONS:
        return Annotation(typing.Union, annotation.__args__, metadata)
    if annotation == tuple[()]:
        return Annotation(tuple, ((),), metadata)  # unlike the bare `tuple`, it has no items
    return Annotation(_container(origin), typing.get_args(annotation), metadata)


def _container(origin: Any) -> Any:
    try:
        return _CONTAINERS.get(origin, origin)
    except TypeError:  # not hashable, so not a container either
        return origin


def refers_to_itself(alias: Any) -> bool:
    """Whether a named alias occurs in its own value: `type Json = list[Json] | str`."""
    pending, seen = [alias.__value__], set[int]()
    while pending:
        current = pending.pop()
        if current is alias:
            return True
        if id(current) in seen:
            continue
        seen.add(id(current))
        pending.extend(typing.get_args(current))
        if is_alias(current):
            pending.append(current.__value__)
    return False


def substitute(annotation: Any, arguments: dict[Any, Any]) -> Any:
    """Put arguments in the place of type variables.

    >>> T = typing.TypeVar("T")
    >>> substitute(dict[str, T], {T: int})
    dict[str, int]
    """
    if isinstance(annotation, typing.TypeVar):
        return arguments.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if not parameters or isinstance(annotation, type):
        return annotation
    return annotation[tuple(arguments.get(parameter, parameter) for parameter in parameters)]


def display(annotation: Any) -> str:
    """How a type is written in titles and component names, without its module.

    >>> display(dict[str, int | None])
    'dict[str, Union[int, NoneType]]'
    """
    if annotation is ...:
        return "..."
    origin, args, _ = unwrap(annotation)
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    name = getattr(origin, "__name__", None) or repr(origin).removeprefix("typing.")
    if origin is typing.Union:
        name = "Union"  # 3.14 calls it by another name than 3.11
    return f"{name}[{', '.join(map(display, args))}]" if args else name
