"""All entries of an application → what a request's path leads to.

Knows: the radix router, the rule for two routes with one method and path, mounts and hosts.
Does not know: how anything is served; `dispatch` does that with what it finds here.
"""

import warnings
from collections.abc import Iterable
from functools import cached_property
from typing import Any

from fasterapi.exceptions import FasterAPIError
from fasterapi.routing.mounts import Host, Mount, Route, WebSocketRoute
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi_router import ConflictingRoute, DuplicateRoute, RadixRouter

__all__ = ["ANY_METHOD", "WEBSOCKET", "Table"]

WEBSOCKET = "WEBSOCKET"
ANY_METHOD = "ANY"
_BELOW = "{_below:path}"
_MOST_BEGINNINGS = 32


class Table:
    """Where every path leads: routes first, then mounts (the longest path wins), then the rest.

    `http` and `websockets` are looked up by method and path; `mounts` by path alone, `hosts` by host.
    """

    def __init__(self, entries: Iterable[Any], *, strict: bool = False) -> None:
        self.http: RadixRouter[Any] = RadixRouter()
        self.websockets: RadixRouter[Any] = RadixRouter()
        self.mounts: RadixRouter[Mount] = RadixRouter()
        self._first_segments: set[str] | None = set()  # of all paths, if none begins with a parameter
        self.has_any_method = False
        self.has_mounts = False
        self.frontends: list[Any] = []  # asked last, the longest path first
        self.hosts: Any = None  # a HostRouter, made for the first host
        self._strict = strict
        for entry in entries:
            self._add(entry)
        self.frontends.sort(key=lambda route: len(route.path), reverse=True)

    def _add(self, entry: Any) -> None:
        if hasattr(entry, "match"):
            self.frontends.append(entry)
            self._first_segments = None
            return
        match entry:
            case APIRoute() | Route():
                self.has_any_method = self.has_any_method or not entry.methods
                for method in sorted(entry.methods) or [ANY_METHOD]:
                    self._add_route(self.http, method, entry)
            case APIWebSocketRoute() | WebSocketRoute():
                self._add_route(self.websockets, WEBSOCKET, entry)
            case Mount():
                self.has_mounts = True
                self._open_segment(f"{entry.path}/" if entry.path else "/{any}")
                path = f"{entry.path}/{_BELOW}"
                if self.mounts.find_conflict(ANY_METHOD, path) is None:
                    self.mounts.add_route(ANY_METHOD, path, entry)
            case Host():
                if self.hosts is None:
                    from fasterapi_router import HostRouter  # noqa: PLC0415 - hosts are rare

                    self.hosts = HostRouter()
                self.hosts.add(entry.host, entry)
            case _:
                message = f"{entry!r} is no route, mount or host"
                raise FasterAPIError(message)

    @cached_property
    def paths(self) -> RadixRouter[Any]:
        """The paths whatever the method: whether one is known at all is one lookup. Made for the first that is not."""
        paths: RadixRouter[Any] = RadixRouter()
        for route in self.http.routes:
            if paths.find_conflict(ANY_METHOD, route.path) is None:
                paths.add_route(ANY_METHOD, route.path, route.handler)
        return paths

    @property
    def beginnings(self) -> tuple[str, ...]:
        """With what a path begins, once it ends with a slash, if there can be anything: all others are a 404.

        `str.startswith` goes through these texts one by one, so there are at most 32; what more segments have in
        common is told by fewer letters of theirs.
        """
        if self._first_segments is None:
            return ("",)
        found = {f"/{segment}/" for segment in self._first_segments}
        length = max(map(len, found), default=0)
        while len(found) > _MOST_BEGINNINGS:
            length -= 1
            found = {text[:length] for text in found}
        return tuple(sorted(found))

    def _open_segment(self, path: str) -> None:
        segment = path[1:].partition("/")[0]
        if "{" in segment or "}" in segment:
            self._first_segments = None
        elif self._first_segments is not None:
            self._first_segments.add(segment)

    def _add_route(self, router: RadixRouter[Any], method: str, route: Any) -> None:
        try:
            router.add_route(method, route.path, route, name=route.name, location=_place(route))
        except (DuplicateRoute, ConflictingRoute) as error:
            earlier: Any = error.first
        else:
            if router is self.http:
                self._open_segment(route.path)
            return
        message = (
            f"{method} {route.path} is declared twice: {earlier.handler!r} answers, {route!r} never does.\n"
            "  fix: remove one of them, or give them different paths or methods"
        )
        if self._strict:
            raise FasterAPIError(message)
        warnings.warn(message, UserWarning, stacklevel=2)


def _place(route: Any) -> str | None:
    return getattr(route, "location", None)
