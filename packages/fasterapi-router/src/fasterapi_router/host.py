"""`HostRouter`: host name → handler, an optional layer around routers of paths.

Knows: labels, ports, letter case. Does not know: paths, headers, ASGI.
A host name is a path read from the right: `{tenant}.example.com` is kept as `/com/example/{tenant}`, so the
order of patterns and all else about templates is that of `RadixRouter`.
"""

from typing import Generic, TypeVar

from fasterapi_router.errors import ConflictingRoute, DuplicateRoute, InvalidTemplate
from fasterapi_router.router import RadixRouter

T = TypeVar("T")


class HostRoute(Generic[T]):
    """One registration: the pattern as written and its handler."""

    __slots__ = ("handler", "location", "path")
    method = "Host"

    def __init__(self, path: str, handler: T, location: str | None = None) -> None:
        self.path = path
        self.handler = handler
        self.location = location

    def __repr__(self) -> str:
        return f"HostRoute(path={self.path!r}, handler={self.handler!r})"


class HostRouter(Generic[T]):
    """A table of host patterns. `{name}` stands for one label, `{name:path}` for one or more.

    >>> hosts = HostRouter()
    >>> _ = hosts.add("www.example.com", "site"), hosts.add("{tenant}.example.com", "tenants")
    >>> hosts.match("ACME.example.com:8000"), hosts.match("www.example.com"), hosts.match("example.com")
    (('tenants', {'tenant': 'acme'}), ('site', {}), None)
    """

    def __init__(self) -> None:
        self._router: RadixRouter[HostRoute[T]] = RadixRouter()

    def add(self, pattern: str, handler: T, *, location: str | None = None) -> HostRoute[T]:
        """Register `handler` for hosts like `pattern`: labels and dots, without port.

        Raises InvalidTemplate, DuplicateRoute and ConflictingRoute.
        """
        if not pattern or "/" in pattern or ":" in pattern.partition("{")[0] or "" in pattern.split("."):
            fix = "write labels with dots between them, without scheme and port"
            raise InvalidTemplate(pattern, "this is no host pattern", fix, location)
        route = HostRoute(pattern, handler, location)
        path = "/" + "/".join(reversed(_lower_literals(pattern).split(".")))
        try:
            first = self._router.find_conflict("Host", path)
            if first is not None:
                same = first.handler.path == pattern
                raise (DuplicateRoute if same else ConflictingRoute)(first.handler, route)
            self._router.add_route("Host", path, route)
        except InvalidTemplate as error:
            raise InvalidTemplate(pattern, error.reason, error.fix, location) from None
        return route

    def match(self, host: str) -> tuple[T, dict[str, str]] | None:
        """The handler for a `Host` header's value and the labels by name, in lower case. Never raises."""
        labels = host_name(host).split(".")
        found = self._router.resolve("HOST", "/" + "/".join(reversed(labels)))
        if found is None or "" in labels or "/" in host:
            return None
        route, params, _ = found
        # what a catch-all took stands in the path's order
        return route.handler, {name: ".".join(reversed(text.split("/"))) for name, text in params.items()}

    @property
    def routes(self) -> tuple[HostRoute[T], ...]:
        """All routes in the order of registration."""
        return tuple(route.handler for route in self._router.routes)

    def __len__(self) -> int:
        return len(self._router)


def host_name(host: str) -> str:
    """The name in a `Host` header (RFC 9110 section 7.2), lower case, without port and final dot.

    >>> host_name("Example.COM.:8000"), host_name("[::1]:8000")
    ('example.com', '[::1]')
    """
    name, colon, port = host.rpartition(":")
    if colon and "]" not in port:
        host = name
    return host.removesuffix(".").lower()


def _lower_literals(pattern: str) -> str:
    pieces = pattern.split("{")
    fields = [piece.partition("}") for piece in pieces[1:]]
    return pieces[0].lower() + "".join("{" + field + brace + text.lower() for field, brace, text in fields)
