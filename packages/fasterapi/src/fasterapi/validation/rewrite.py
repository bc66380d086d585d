"""An annotation → the same annotation with parts of it replaced.

Knows: how types stand inside other types (`list[Item]`, `Item | None`, `Annotated[Item, ...]`). Does not know: what
replaces them. The fields of a class are not looked at.
"""

import types
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

__all__ = ["response_type", "rewrite"]

_KEPT: Final[Any] = object()


def rewrite(annotation: Any, replace: Callable[[Any], Any], kept: Any = _KEPT) -> Any:
    """`annotation` with every part for which `replace` gives something else than `kept`, from outside inwards.

    >>> rewrite(dict[str, list[int]], lambda part: float if part is int else None, kept=None)
    dict[str, list[float]]
    """
    found = replace(annotation)
    if found is not kept:
        return found
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        inner, *metadata = arguments
        changed = rewrite(inner, replace, kept)
        return annotation if changed is inner else Annotated[changed, *metadata]
    written = tuple(_argument(argument, replace, kept) for argument in arguments)
    if all(one is other for one, other in zip(written, arguments, strict=True)):
        return annotation
    if origin is Union or origin is types.UnionType:
        return Union[written]  # noqa: UP007 - not every part has an `|`
    return origin[written if len(written) > 1 else written[0]]


def _argument(argument: Any, replace: Callable[[Any], Any], kept: Any) -> Any:
    return argument if argument is ... or isinstance(argument, list) else rewrite(argument, replace, kept)


def response_type(annotation: Any) -> Any:
    """What results are filtered to: where `Annotated` holds something that has a `response_type`, that type.

    >>> class Text:
    ...     def response_type(self, model):
    ...         return str
    >>> response_type(list[Annotated[int, Text()]])
    list[str]
    """
    return annotation if get_origin(annotation) is None else rewrite(annotation, _of_metadata)


def _of_metadata(annotation: Any) -> Any:
    if get_origin(annotation) is not Annotated:
        return _KEPT
    inner, *metadata = get_args(annotation)
    makers = [item for item in metadata if hasattr(item, "response_type")]
    if not makers:
        return _KEPT
    made = response_type(inner)
    for item in makers:
        made = item.response_type(made)
    others = [item for item in metadata if item not in makers]
    return Annotated[made, *others] if others else made
