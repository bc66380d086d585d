"""What a declared type looks like from outside: FastAPI's question whether a parameter is a query or a body.

Knows: scalars, sequences, mappings, models, and unions of them. Does not know: how any of them is read. A class
nobody knows counts as a scalar, as in FastAPI; that it cannot be read is found out when its adapter is built.
"""

import types
import typing
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache, wraps
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from fasterapi.validation.fields import model_kind
from fasterapi.validation.pydantic_types import is_pydantic_model

TypeKind = Literal["scalar", "sequence", "model", "mapping", "any", "bytes"]

_SEQUENCES: Final = (list, tuple, set, frozenset, deque)


def unwrap(annotation: Any) -> Any:
    """Without `Annotated`, `NewType`, `type` aliases and qualifiers such as `Final`."""
    while True:
        origin = get_origin(annotation)
        if origin in {Annotated, typing.Final, typing.ClassVar, typing.Required, typing.NotRequired}:
            annotation = get_args(annotation)[0]
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        elif type(origin).__name__ == "TypeAliasType":
            annotation = origin.__value__[get_args(annotation)]
        else:
            return annotation


def union_members(annotation: Any) -> tuple[Any, ...]:
    """The members of a union in order, or the type alone.

    >>> union_members(int | None)
    (<class 'int'>, <class 'NoneType'>)
    """
    annotation = unwrap(annotation)
    if get_origin(annotation) in {Union, types.UnionType}:
        return get_args(annotation)
    return (annotation,)


def _present_members(annotation: Any) -> tuple[Any, ...]:
    return tuple(unwrap(item) for item in union_members(annotation) if item is not type(None))


def _once_per_type(question: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """`question`, answered once for each type: a thousand routes have a few types of parameters."""
    remembered = lru_cache(maxsize=1024)(question)

    @wraps(question)
    def ask(annotation: Any) -> bool:
        try:
            return remembered(annotation)
        except TypeError:  # an annotation need not be hashable
            return question(annotation)

    return ask


@_once_per_type
def is_model_type(annotation: Any) -> bool:
    """Whether this is a model (Struct, dataclass, attrs, TypedDict), or a union of models, possibly optional.

    A NamedTuple is a sequence, as in FastAPI.
    """
    members = _present_members(annotation)
    return bool(members) and all(_is_model(item) for item in members)


def _is_model(annotation: Any) -> bool:
    return model_kind(annotation) not in {None, "namedtuple"} or is_pydantic_model(annotation)


def _is_sequence(annotation: Any) -> bool:
    class_ = get_origin(annotation) or annotation
    if not isinstance(class_, type) or issubclass(class_, str | bytes | bytearray | memoryview):
        return False
    if issubclass(class_, _SEQUENCES):
        return True
    # `Sequence[int]`, `Iterable[int]`: the abstract classes of collections.abc, but no class that happens to iterate.
    abstract = class_.__module__ == "collections.abc" and issubclass(class_, Iterable)
    return abstract and not issubclass(class_, Mapping)


def _is_mapping(annotation: Any) -> bool:
    class_ = get_origin(annotation) or annotation
    return isinstance(class_, type) and issubclass(class_, Mapping) and not _is_model(annotation)


@_once_per_type
def is_sequence_type(annotation: Any) -> bool:
    """Whether this is a list, tuple, set or the like, or a union with one in it."""
    return any(_is_sequence(item) for item in _present_members(annotation))


@_once_per_type
def is_scalar_type(annotation: Any) -> bool:
    """Whether this fits into one text: neither model, mapping nor sequence, nor a union with one of them.

    >>> is_scalar_type(int | None), is_scalar_type(list[int]), is_scalar_type(dict[str, int])
    (True, False, False)
    """
    return not any(
        _is_model(item) or _is_mapping(item) or _is_sequence(item) for item in _present_members(annotation)
    )


def is_scalar_sequence_type(annotation: Any) -> bool:
    """Whether this is a sequence of scalars (or a union of such with scalars): a parameter given several times."""
    members = _present_members(annotation)
    sequences = [item for item in members if _is_sequence(item)]
    return bool(sequences) and all(
        all(inner is Ellipsis or is_scalar_type(inner) for inner in get_args(item))
        if _is_sequence(item)
        else is_scalar_type(item)
        for item in members
    )


def classify(annotation: Any) -> TypeKind:
    """One word for the type.

    >>> classify(list[int]), classify(int | None), classify(dict[str, int])
    ('sequence', 'scalar', 'mapping')
    """
    members = _present_members(annotation)
    if members in {(Any,), (object,)}:
        return "any"
    if members and all(item in {bytes, bytearray, memoryview} for item in members):
        return "bytes"
    if is_sequence_type(annotation):
        return "sequence"
    if is_model_type(annotation):
        return "model"
    return "scalar" if is_scalar_type(annotation) else "mapping"


def is_abstract_set(class_: type) -> bool:
    """Whether JSON arrays for this class become sets."""
    return issubclass(class_, AbstractSet)
