"""`app.routes` and `router.routes`: all routes as a list, and what changing that list does.

Knows: which entry of a router each route comes from. Does not know: how an entry becomes routes.
FastAPI's `routes` is the list that it serves from, and applications change it: they take `/docs` out, put a mount in
front. Here it is made of the entries, so each change is written back to them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

from fasterapi.exceptions import FasterAPIError

__all__ = ["RouteList", "entries_of"]


class RouteList(list[Any]):
    """The routes of `groups`, pairs of an entry and what it amounts to; `write` takes the entries after a change.

    A route of an included router belongs to that router: to change the list without it raises FasterAPIError.
    """

    def __init__(
        self, groups: Iterable[tuple[Any, Sequence[Any]]], write: Callable[[list[Any]], None]
    ) -> None:
        self.groups = list(groups)
        self._write = write
        super().__init__(route for _, routes in self.groups for route in routes)

    def _change(self, method: Callable[..., Any], *arguments: Any) -> Any:
        before = list(self)
        result = method(self, *arguments)
        try:
            self._write(entries_of(self, self.groups))
        except BaseException:
            list.__setitem__(self, slice(None), before)
            raise
        return result

    def append(self, route: Any, /) -> None:
        """See `list.append`."""
        self._change(list.append, route)

    def extend(self, routes: Iterable[Any], /) -> None:
        """See `list.extend`."""
        self._change(list.extend, routes)

    def insert(self, index: Any, route: Any, /) -> None:
        """See `list.insert`."""
        self._change(list.insert, index, route)

    def remove(self, route: Any, /) -> None:
        """See `list.remove`."""
        self._change(list.remove, route)

    def pop(self, index: Any = -1, /) -> Any:
        """See `list.pop`."""
        return self._change(list.pop, index)

    def clear(self) -> None:
        """See `list.clear`."""
        self._change(list.clear)

    def reverse(self) -> None:
        """See `list.reverse`."""
        self._change(list.reverse)

    def __setitem__(self, index: Any, routes: Any, /) -> None:
        self._change(list.__setitem__, index, routes)

    def __delitem__(self, index: Any, /) -> None:
        self._change(list.__delitem__, index)

    def __iadd__(self, routes: Iterable[Any], /) -> Self:  # type: ignore[misc]  # it is this list
        self.extend(routes)
        return self


def entries_of(routes: Iterable[Any], groups: Sequence[tuple[Any, Sequence[Any]]]) -> list[Any]:
    """The entries that amount to `routes`, where `groups` says which entry each known route came from."""
    owners = {id(route): entry for entry, found in groups for route in found}
    left = {id(entry): len(found) for entry, found in groups}
    entries: dict[int, Any] = {}
    for route in routes:
        entry = owners.get(id(route), route)
        entries.setdefault(id(entry), entry)
        if id(entry) in left:
            left[id(entry)] -= 1
    for entry, found in groups:
        if not found:
            entries.setdefault(id(entry), entry)  # an included router that has no routes yet
        elif id(entry) in entries and left[id(entry)] > 0:
            message = (
                f"some routes of {entry!r} cannot be taken out here.\n  fix: change `routes` of that router"
            )
            raise FasterAPIError(message)
    return list(entries.values())
