"""`iter_route_contexts`: FastAPI's way to walk all routes, those of included routers too, for tools that read them.

Knows: which attributes such tools ask for. Does not know: requests. `app.routes` has the same routes without it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fasterapi.routing.options import Inherited
from fasterapi.routing.router import Included, expand

__all__ = ["RouteContext", "iter_route_contexts"]


@dataclass(frozen=True, slots=True)
class RouteContext:
    """One route as requests find it, with its whole path; other attributes are the route's.

    `original_route` is the route as it was declared in its own router; of a route that has its whole path already, as
    those of `app.routes` have, it is the route itself.
    """

    route: Any
    original_route: Any

    @property
    def path(self) -> str | None:
        """The whole path, prefixes included."""
        return getattr(self.route, "path", None)

    @property
    def path_format(self) -> str | None:
        """The whole path with bare parameter names."""
        return getattr(self.route, "path_format", None)

    @property
    def name(self) -> str | None:
        """The route's name."""
        return getattr(self.route, "name", None)

    @property
    def methods(self) -> set[str] | None:
        """The methods that it answers; None where there are none, as for WebSockets."""
        return getattr(self.route, "methods", None)

    @property
    def endpoint(self) -> Any:
        """The handler."""
        return getattr(self.route, "endpoint", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.route, name)


def iter_route_contexts(routes: Iterable[Any]) -> Iterator[RouteContext]:
    """Every route of `app.routes`, or of a router's `entries`, with the routers in them walked.

    >>> from fasterapi import FasterRouter
    >>> inner, outer = FasterRouter(prefix="/a"), FasterRouter(prefix="/b")
    >>> _ = inner.get("/c")(lambda: 1)
    >>> outer.include_router(inner)
    >>> [context.path for context in iter_route_contexts(outer.routes)]
    ['/b/a/c']
    """
    for entry in routes:
        if isinstance(entry, RouteContext):
            yield entry
        else:
            yield from _walk(entry, getattr(entry, "outer", None) or Inherited())


def _walk(entry: Any, inherited: Inherited) -> Iterator[RouteContext]:
    if isinstance(entry, Included):
        inner = inherited.then(entry.inherited).then(entry.router.inherited)
        for below in entry.router.entries:
            yield from _walk(below, inner)
    else:
        (route,) = expand(entry, inherited)
        yield RouteContext(route, entry)
