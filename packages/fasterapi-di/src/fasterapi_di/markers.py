"""The words that users write: `Depends`, `inline`. Inert data, read once when a graph is built.

Knows: which options exist and which combinations make sense. Does not know: signatures, graphs, execution.
"""

import copy
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar

from fasterapi_di.errors import InvalidMarkerError
from fasterapi_di.limits import Limit

Scope = Literal["function", "request", "app", "transient"]
_SCOPES = (None, "function", "request", "app", "transient")
_INLINE = "__fasterapi_inline__"

C = TypeVar("C", bound=Callable[..., Any])


class Sentinel(enum.Enum):
    """The two values that no user can pass by accident.

    `MISSING`: there is no annotation, no default, no value yet. `INVALID`: a reader found a value and
    refused it.
    """

    MISSING = "MISSING"
    INVALID = "INVALID"

    def __repr__(self) -> str:
        return self.name


MISSING: Final = Sentinel.MISSING
INVALID: Final = Sentinel.INVALID


@dataclass(frozen=True, init=False)
class _Declaration:
    """What a marker holds. `Depends` adds nothing but what type checkers need."""

    dependency: Callable[..., Any] | None = None
    use_cache: bool = field(default=True, kw_only=True)
    scope: Scope | None = field(default=None, kw_only=True)
    inline: bool = field(default=False, kw_only=True)
    max_concurrency: int | None = field(default=None, kw_only=True)
    context: tuple[str, ...] = field(default=(), init=False, repr=False)
    limit: Limit | None = field(default=None, init=False, repr=False)

    def __init__(
        self,
        dependency: Callable[..., Any] | None = None,
        *,
        use_cache: bool = True,
        scope: Scope | None = None,
        inline: bool = False,
        max_concurrency: int | None = None,
    ) -> None:
        # Past the `__setattr__` that refuses, in one step: routes have many of these.
        self.__dict__.update(
            dependency=dependency,
            use_cache=use_cache,
            scope=scope,
            inline=inline,
            max_concurrency=max_concurrency,
        )
        self.__post_init__()

    def __post_init__(self) -> None:
        if self.dependency is not None and not callable(self.dependency):
            raise InvalidMarkerError(
                f"Depends({self.dependency!r}) is not given a callable",
                fix="pass the function itself, without calling it",
            )
        if self.scope not in _SCOPES:
            raise InvalidMarkerError(
                f"Depends(scope={self.scope!r}) is not a scope",
                fix='use "function", "request", "app" or "transient"',
            )
        if self.scope == "app" and not self.use_cache:
            raise InvalidMarkerError(
                'Depends(scope="app", use_cache=False) asks for one value and for many',
                fix='leave out `use_cache=False`, or use scope="transient"',
            )
        if self.max_concurrency is not None:
            if type(self.max_concurrency) is not int or self.max_concurrency < 1:
                raise InvalidMarkerError(
                    f"Depends(max_concurrency={self.max_concurrency!r}) admits no call",
                    fix="max_concurrency must be a positive integer or None",
                )
            object.__setattr__(self, "limit", Limit(self.max_concurrency))

    def with_dependency(self, dependency: Callable[..., Any]) -> Self:
        """Return this marker, its options and its limit kept, for another callable."""
        marker = copy.copy(self)
        object.__setattr__(marker, "dependency", dependency)
        return marker

    @property
    def shared(self) -> bool:
        """Whether the value may be used by several dependants in one call."""
        return self.use_cache and self.scope != "transient"


class Depends(_Declaration):
    """Say that a parameter's value is made by calling `dependency`.

    Written as a default value, `db: Session = Depends(get_db)`, or as `db: Annotated[Session,
    Depends(get_db)]`. Without `dependency` the annotation itself is called. Markers are equal when they say
    the same; one with `max_concurrency` equals no other, since each such declaration has places of its own.

    `use_cache`: share the value with everyone who asks for the same dependency in the same call. `scope`:
    when the value ends. `"function"`: as soon as the target has returned. `"request"` (the default of
    dependencies with `yield`): after what follows the target, such as sending a response. `"app"`: made once
    and kept in an `AppScope`. `"transient"`: the same as `use_cache=False`. `inline`: a plain function that
    never blocks and needs no worker thread. `max_concurrency`: how many calls of this declaration may run at
    the same time in one event loop; with `yield`, until the exit is done.

    Raises `InvalidMarkerError`. The meaning is FastAPI's, with `"app"`, `"transient"` and `inline` added.

    >>> Depends(dict).use_cache
    True
    >>> Depends(dict, scope="transient").shared
    False
    """

    if TYPE_CHECKING:
        # A type checker must accept `db: Session = Depends(get_db)`; `Any` says so to mypy and pyright alike,
        # as long as `__init__` belongs to a base class.
        def __new__(
            cls,
            dependency: Callable[..., Any] | None = None,
            *,
            use_cache: bool = True,
            scope: Scope | None = None,
            inline: bool = False,
            max_concurrency: int | None = None,
        ) -> Any: ...


def inline(function: C) -> C:
    """Mark a plain function as one that never blocks: it runs where it is called, never in a worker thread.

    >>> @inline
    ... def get_page_size() -> int:
    ...     return 50
    >>> is_inline(get_page_size)
    True
    """
    setattr(function, _INLINE, True)
    return function


def is_inline(function: object) -> bool:
    """Whether `function` carries the mark of `inline`."""
    return getattr(function, _INLINE, False) is True
