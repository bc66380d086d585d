"""What registration and matching give back: `Route`, `Found`, `MethodNotAllowed`, `NotFound`.

Knows: records. Does not know: how anything is found.
"""

from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from fasterapi_router.template import Template

T = TypeVar("T")

_MOST_WRAPPERS = 32  # an object that answers to any name would be unwrapped for ever


@dataclass(frozen=True, slots=True, eq=False)
class Route(Generic[T]):
    """One registration.

    `method` in capitals, `path` the template as written, `handler` and `metadata` the caller's own objects,
    `name` for `url_path_for`, `template` the path as it was read.
    """

    method: str
    path: str
    handler: T
    metadata: object
    name: str | None
    template: Template = field(repr=False)
    place: str | None = field(repr=False, default=None)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters in the template's order."""
        return self.template.names

    @property
    def location(self) -> str | None:
        """Where it was registered, as "file:line": as the caller said, or else the handler's code."""
        return self.place if self.place is not None else place_of(self.handler)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def place_of(handler: Any) -> str | None:  # Any: handlers are the caller's objects
    """Where the code of a handler is, as "file:line", if it has any."""
    for _ in range(_MOST_WRAPPERS):
        handler = handler.func if isinstance(handler, partial) else getattr(handler, "__wrapped__", handler)
    code = getattr(handler, "__code__", None)
    if code is None and callable(handler):
        code = getattr(type(handler).__call__, "__code__", None)
    return None if code is None else f"{code.co_filename}:{code.co_firstlineno}"


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A route matched. `params` maps names to values in the template's order; the dict is the caller's own.

    >>> Found("show", {"id": "7"})
    Found(handler='show', params={'id': '7'})
    """

    handler: T
    params: dict[str, Any]  # Any: converters decide the types of values
    metadata: object = field(default=None, repr=False)

    __hash__ = None  # type: ignore[assignment]  # it holds a dict


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """The path exists, but not for this method. `allowed` are the methods it has, sorted: the `Allow` header.

    >>> ", ".join(MethodNotAllowed(("GET", "POST")).allowed)
    'GET, POST'
    """

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFound:
    """No route of any method matches the path."""
