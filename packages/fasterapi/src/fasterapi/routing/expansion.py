"""Entries of an application → its routes, each with its whole path and options, made once.

Knows: which entries change, and how that is noticed. Does not know: how a route is compiled; `attach` does.
"""

from collections.abc import Callable
from typing import Any, Final

from fasterapi.routing.listing import RouteList
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.routing.router import FasterRouter, Included, expand

__all__ = ["COMPILED", "Expansion"]

# The routes that have a generated function.
COMPILED: Final = (APIRoute, APIWebSocketRoute)


class Expansion:
    """The routes that the entries of `router` amount to; `attach` is told of each when it is made.

    Raises ValueError for a path that does not begin with a slash.
    """

    def __init__(self, router: FasterRouter, attach: Callable[[Any], None]) -> None:
        self._router = router
        self._attach = attach
        self._known: dict[int, tuple[int, Any, list[Any]]] = {}

    def routes(self) -> RouteList:
        """All of them, in the order of declaration."""
        groups = ((entry, self.of(entry)) for entry in self._router.entries)
        return RouteList(groups, self._router.set_entries)

    def of(self, entry: Any) -> list[Any]:
        """Those of one entry; an included router that has changed since is read anew."""
        version = entry.router.version if isinstance(entry, Included) else 0
        known = self._known.get(id(entry))
        if known is not None and known[0] == version:
            return known[2]
        routes = list(expand(entry, self._router.inherited))
        for route in routes:
            _check_path(route)
            self._attach(route)
        self._known[id(entry)] = (version, entry, routes)  # while the entry is here, its id is its own
        return routes


def _check_path(route: Any) -> None:
    """Only here: callbacks and webhooks are declared by routers too, and their paths are none of this server's."""
    if isinstance(route, COMPILED) and not route.path.startswith("/"):
        message = f"the path of {route.name} must start with '/': {route.path!r} ({route.location})"
        raise ValueError(message)
