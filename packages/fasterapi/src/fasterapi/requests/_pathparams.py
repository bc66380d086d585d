"""The values of a path's parameters as its template says: that of `{id:int}` is an `int`.

Knows: the converters that Starlette's templates have. Does not know: how a path is looked up, what handlers declare;
those that declare a parameter get it by their own type.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from fasterapi._patterns import LazyPattern
from fasterapi_router.converter import BUILT_IN

_TYPED = LazyPattern(r"(?<!\{)\{(\w+):(int|float|uuid)\}")


def typed_values(params: Mapping[str, Any], template: str) -> dict[str, Any]:
    """`params` with the texts converted that `template` has a converter for.

    A text that its converter refuses (an integer of too many digits) is kept as it is.

    >>> typed_values({"id": "007", "name": "7"}, "/users/{id:int}/{name}")
    {'id': 7, 'name': '7'}
    """
    values = dict(params)
    for name, convert in _converters(template):
        text = values.get(name)
        if isinstance(text, str):
            try:
                values[name] = convert(text)
            except ValueError:
                continue
    return values


@lru_cache(maxsize=4096)
def _converters(template: str) -> tuple[tuple[str, Callable[[str], Any]], ...]:
    return tuple((name, BUILT_IN[kind].convert) for name, kind in _TYPED.findall(template))
