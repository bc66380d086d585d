"""A group of routes with common options, and how groups within groups become one list.

Knows: prefixes, tags, dependencies and handlers passed down (`Inherited`), entries added later, cycles.
Does not know: requests; looking a path up is `table`'s business.
"""

import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Unpack

from fasterapi.exceptions import FasterAPIError
from fasterapi.routing.listing import RouteList, entries_of
from fasterapi.routing.mounts import Mount, Route, WebSocketRoute
from fasterapi.routing.options import Inherited, RouterOptions
from fasterapi.routing.registration import Registration
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.types import ASGIApp, Lifespan, Receive, Scope, Send

__all__ = ["FasterRouter", "Included", "expand"]


class Included:
    """Another router, and what `include_router` said about it."""

    def __init__(self, router: "FasterRouter", inherited: Inherited) -> None:
        self.router = router
        self.inherited = inherited

    def __repr__(self) -> str:
        return f"Included({self.inherited.prefix or '/'} -> {self.router!r})"


class FasterRouter(Registration):
    """Routes under a common prefix, with common tags, dependencies, responses, handlers and middleware.

    >>> router = FasterRouter(prefix="/users", tags=["users"])
    >>> @router.get("/{user_id}")
    ... async def show(user_id: int) -> dict[str, int]:
    ...     return {"id": user_id}
    >>> router.routes
    [APIRoute(GET /users/{user_id} -> show, ...)]

    Like FastAPI's `APIRouter`; further, `exception_handlers` and `middleware` apply to its routes alone.
    A router is an ASGI application of its own as well, so it can be mounted.
    """

    def __init__(
        self,
        *,
        prefix: str = "",
        default_response_class: Any = None,
        routes: Sequence[Any] | None = None,
        redirect_slashes: bool = True,
        default: ASGIApp | None = None,
        dependency_overrides_provider: Any = None,
        route_class: type[APIRoute] = APIRoute,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Lifespan[Any] | None = None,
        **options: Unpack[RouterOptions],
    ) -> None:
        _check_prefix(prefix)
        self.exception_handlers: dict[Any, Callable[..., Any]] = dict(options.get("exception_handlers") or {})
        options["exception_handlers"] = self.exception_handlers
        self.inherited = Inherited.of(prefix, default_response_class, **options)
        self.prefix = prefix
        self.redirect_slashes = redirect_slashes
        self.default = default
        self.dependency_overrides_provider = dependency_overrides_provider
        self.route_class = route_class
        self.on_startup = list(on_startup or [])
        self.on_shutdown = list(on_shutdown or [])
        self.lifespan_context = lifespan
        self.entries: list[Any] = list(routes or [])
        self._watchers: list[weakref.ref[Any]] = []
        self._application: Any = None
        self._taken_out = 0
        self._listed: tuple[int, RouteList] | None = None

    def _add(self, entry: Any) -> None:
        if isinstance(entry, Included):
            if entry.router is self or entry.router.contains(self):
                message = f"{entry.router!r} cannot be included in itself, directly or through other routers"
                raise FasterAPIError(message)
            entry.router.watch(self)
        self.entries.append(entry)
        self.changed()

    def watch(self, watcher: Any) -> None:
        """Call `watcher.changed()` whenever an entry is added here or below."""
        self._watchers = [known for known in self._watchers if known() not in {None, watcher}]
        self._watchers.append(weakref.ref(watcher))

    def changed(self) -> None:
        """Tell whoever includes this router that its entries are others now."""
        for known in self._watchers:
            watcher = known()
            if watcher is not None:
                watcher.changed()

    def contains(self, router: "FasterRouter") -> bool:
        """Whether `router` is included here or below."""
        return any(
            entry.router is router or entry.router.contains(router)
            for entry in self.entries
            if isinstance(entry, Included)
        )

    @property
    def version(self) -> int:
        """Grows with every change of the entries here or below."""
        return (
            len(self.entries)
            + 2 * self._taken_out
            + sum(entry.router.version for entry in self.entries if isinstance(entry, Included))
        )

    @property
    def routes(self) -> RouteList:
        """All routes, those of included routers too, with their whole paths and options; see `RouteList`."""
        version = self.version
        if self._listed is None or self._listed[0] != version:
            groups = [(entry, list(expand(entry, self.inherited))) for entry in self.entries]
            self._listed = version, RouteList(groups, self.set_entries)
        return self._listed[1]

    @routes.setter
    def routes(self, routes: Sequence[Any]) -> None:
        self.set_entries(entries_of(routes, self.routes.groups))

    def set_entries(self, entries: list[Any]) -> None:
        """Have these entries instead."""
        before = self.entries[:]
        self._taken_out += len(before)
        self.entries.clear()
        try:
            for entry in entries:
                self._add(entry)
        except BaseException:
            self.entries[:] = before
            raise
        self.changed()

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call `func` at "startup" or "shutdown"."""
        handlers = {"startup": self.on_startup, "shutdown": self.on_shutdown}.get(event_type)
        if handlers is None:
            message = f"event_type must be 'startup' or 'shutdown', not {event_type!r}"
            raise FasterAPIError(message)
        handlers.append(func)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the routes without an application around them."""
        await self._as_application()(scope, receive, send)

    def note_routes(self) -> None:
        """See `Faster.note_routes`."""
        self._as_application().note_routes()

    def _as_application(self) -> Any:
        if self._application is None:
            from fasterapi.app import Faster  # noqa: PLC0415 - an application holds a router

            self._application = Faster(
                openapi_url=None,
                redirect_slashes=self.redirect_slashes,
                lifespan=self.lifespan_context,
                default=self.default,
                problem_details=self.inherited.problem_details,
            )
            self._application.include_router(self)
        return self._application

    def __repr__(self) -> str:
        return f"FasterRouter(prefix={self.prefix!r}, {len(self.entries)} entries)"


_WITH_OPTIONS = (APIRoute, APIWebSocketRoute)
_WITH_PREFIX = (Mount, Route, WebSocketRoute)


def expand(entry: Any, inherited: Inherited) -> Iterator[Any]:
    """What an entry of a router with the options `inherited` amounts to."""
    if isinstance(entry, Included):
        inner = inherited.then(entry.inherited).then(entry.router.inherited)
        for below in entry.router.entries:
            yield from expand(below, inner)
        return
    if isinstance(entry, _WITH_OPTIONS):
        if entry.outer is not inherited:
            entry = entry.within(inherited)
    elif inherited.prefix and isinstance(entry, _WITH_PREFIX):
        entry = entry.within(inherited.prefix)
    if isinstance(entry, APIRoute) and not entry.path:
        message = f"{entry!r}: prefix and path cannot both be empty"
        raise FasterAPIError(message)
    yield entry


def _check_prefix(prefix: str) -> None:
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        message = f"a router's prefix must start with '/' and must not end with it: {prefix!r}"
        raise FasterAPIError(message)
