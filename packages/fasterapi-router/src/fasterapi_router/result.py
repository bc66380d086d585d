"""What registration and matching give back: `Route`, `Found`, `MethodNotAllowed`, `NotFound`.

Knows: records. Does not know: how anything is found.
"""

from functools import partial
from typing import Any, Generic, TypeVar

from fasterapi_router.template import Template

T = TypeVar("T")

_MOST_WRAPPERS = 32  # an object that answers to any name would be unwrapped for ever


class _ReadOnly:
    """Set once, by `_set`. Written by hand: `dataclass` would generate its methods at every import."""

    __slots__ = ()

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is read-only")

    def __setstate__(self, state: tuple[None, dict[str, object]]) -> None:
        for name, value in state[1].items():  # what `pickle` and `copy` make of slots
            _set(self, name, value)


_set = object.__setattr__


class _Record(_ReadOnly):
    """Equal to a record of its class with the same values."""

    __slots__: tuple[str, ...] = ()

    def _values(self) -> tuple[object, ...]:
        return tuple([getattr(self, name) for name in self.__slots__])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), self._values()))


class Route(_ReadOnly, Generic[T]):
    """One registration, equal to no other, whatever it says.

    `method` in capitals, `path` the template as written, `handler` and `metadata` the caller's own objects,
    `name` for `url_path_for`, `template` the path as it was read.
    """

    __slots__ = ("handler", "metadata", "method", "name", "path", "place", "template")
    method: str
    path: str
    handler: T
    metadata: object
    name: str | None
    template: Template
    place: str | None

    def __init__(  # noqa: PLR0917 - a record
        self,
        method: str,
        path: str,
        handler: T,
        metadata: object,
        name: str | None,
        template: Template,
        place: str | None = None,
    ) -> None:
        _set(self, "method", method)
        _set(self, "path", path)
        _set(self, "handler", handler)
        _set(self, "metadata", metadata)
        _set(self, "name", name)
        _set(self, "template", template)
        _set(self, "place", place)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters in the template's order."""
        return self.template.names

    @property
    def location(self) -> str | None:
        """Where it was registered, as "file:line": as the caller said, or else the handler's code."""
        return self.place if self.place is not None else place_of(self.handler)

    def __repr__(self) -> str:
        named = ("method", "path", "handler", "metadata", "name")
        return f"Route({', '.join(f'{name}={getattr(self, name)!r}' for name in named)})"

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


class Found(_Record, Generic[T]):
    """A route matched. `params` maps names to values in the template's order; the dict is the caller's own.

    >>> Found("show", {"id": "7"})
    Found(handler='show', params={'id': '7'})
    """

    __slots__ = __match_args__ = ("handler", "params", "metadata")
    handler: T
    params: dict[str, Any]  # Any: converters decide the types of values
    metadata: object
    __hash__ = None  # type: ignore[assignment]  # it holds a dict

    def __init__(self, handler: T, params: dict[str, Any], metadata: object = None) -> None:
        _set(self, "handler", handler)
        _set(self, "params", params)
        _set(self, "metadata", metadata)

    def __repr__(self) -> str:
        return f"Found(handler={self.handler!r}, params={self.params!r})"


class MethodNotAllowed(_Record):
    """The path exists, but not for this method. `allowed` are the methods it has, sorted: the `Allow` header.

    >>> ", ".join(MethodNotAllowed(("GET", "POST")).allowed)
    'GET, POST'
    """

    __slots__ = __match_args__ = ("allowed",)
    allowed: tuple[str, ...]

    def __init__(self, allowed: tuple[str, ...]) -> None:
        _set(self, "allowed", allowed)

    def __repr__(self) -> str:
        return f"MethodNotAllowed(allowed={self.allowed!r})"


class NotFound(_Record):
    """No route of any method matches the path."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NotFound()"
