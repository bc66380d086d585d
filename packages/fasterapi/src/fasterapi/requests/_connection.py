"""What an HTTP request and a WebSocket have in common, read from the scope when asked for.

Knows: the ASGI connection scope. Does not know: bodies, messages.
"""

from collections.abc import Iterator, Mapping
from types import GenericAlias
from typing import Any, Final

from fasterapi.datastructures import URL, Address, Headers, QueryParams, State
from fasterapi.exceptions import FasterAPIError
from fasterapi.requests._cookies import parse_cookies
from fasterapi.requests._pathparams import typed_values
from fasterapi.types import Receive, Scope

# Where an application that is mounted below parameters, or on a host that has some, finds those.
OUTER_PARAMS_KEY: Final = "fasterapi.outer_path_params"


class HTTPConnection(Mapping[str, Any]):
    """A connection over its ASGI scope, which it shows as a mapping; parsed only as it is asked for.

    >>> scope = {"type": "http", "path": "/a", "headers": [(b"host", b"example.org")], "query_string": b"x=1"}
    >>> connection = HTTPConnection(scope)
    >>> str(connection.url), connection.query_params["x"], connection["path"]
    ('http://example.org/a?x=1', '1', '/a')
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_base_url",
        "_cookies",
        "_headers",
        "_query_params",
        "_state",
        "_url",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive | None = None) -> None:  # noqa: ARG002 - Starlette's signature
        self.scope = scope
        self._headers: Headers | None = None
        self._query_params: QueryParams | None = None
        self._cookies: dict[str, str] | None = None
        self._url: URL | None = None
        self._base_url: URL | None = None
        self._state: State | None = None

    # `Request[MyState]` says what `request.state` holds, to readers.
    def __class_getitem__(cls, item: Any) -> GenericAlias:
        return GenericAlias(cls, item)

    def __getitem__(self, key: str) -> Any:
        return self.scope[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.scope)

    def __len__(self) -> int:
        return len(self.scope)

    # A connection equals itself only, although it is a mapping.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    @property
    def app(self) -> Any:
        """The application. `KeyError` outside of one."""
        return self.scope["app"]

    @property
    def url(self) -> URL:
        """The address that the client asked for."""
        if self._url is None:
            self._url = URL(scope=self.scope)
        return self._url

    @property
    def base_url(self) -> URL:
        """The address of the application's root, which ends with `/`."""
        if self._base_url is None:
            root: str = self.scope.get("app_root_path", self.scope.get("root_path", ""))
            path = root if root.endswith("/") else f"{root}/"
            scope = {**self.scope, "path": path, "query_string": b"", "root_path": root}
            self._base_url = URL(scope=scope)
        return self._base_url

    @property
    def headers(self) -> Headers:
        """The header fields."""
        if self._headers is None:
            self._headers = Headers(scope=self.scope)
        return self._headers

    @property
    def query_params(self) -> QueryParams:
        """The parameters after `?`."""
        if self._query_params is None:
            self._query_params = QueryParams(self.scope["query_string"])
        return self._query_params

    @property
    def path(self) -> str:
        """The path, percent-decoded: `scope["path"]`."""
        path: str = self.scope["path"]
        return path

    @property
    def path_params(self) -> dict[str, Any]:
        """The values of the path template's parameters, and of those of the mounts and the host around the route.

        That of `{id:int}` is an `int`, as the template says.
        """
        params: dict[str, Any] = self.scope.get("path_params", {})
        template = getattr(self.scope.get("route"), "path", None)
        if isinstance(template, str) and ":" in template:
            params = typed_values(params, template)
        outer = self.scope.get(OUTER_PARAMS_KEY)
        return params if outer is None else {**outer, **params}

    @property
    def content_type(self) -> str | None:
        """The `Content-Type` header, as written."""
        return self.headers.get("content-type")

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        if self._cookies is None:
            cookies: dict[str, str] = {}
            for header in self.headers.getlist("cookie"):
                cookies.update(parse_cookies(header))
            self._cookies = cookies
        return self._cookies

    @property
    def client(self) -> Address | None:
        """The other end, if the server knows it."""
        found = self.scope.get("client")
        return None if found is None else Address(*found)

    @property
    def session(self) -> dict[str, Any]:
        """The session. `FasterAPIError` without `SessionMiddleware`."""
        session: dict[str, Any] = self._from_middleware("session", "SessionMiddleware")
        mark_accessed = getattr(session, "mark_accessed", None)
        if mark_accessed is not None:
            mark_accessed()
        return session

    @property
    def auth(self) -> Any:
        """The credentials. `FasterAPIError` without `AuthenticationMiddleware`."""
        return self._from_middleware("auth", "AuthenticationMiddleware")

    @property
    def user(self) -> Any:
        """The user. `FasterAPIError` without `AuthenticationMiddleware`."""
        return self._from_middleware("user", "AuthenticationMiddleware")

    def _from_middleware(self, key: str, middleware: str) -> Any:
        try:
            return self.scope[key]
        except KeyError:
            raise FasterAPIError(
                f"{middleware} must be installed to access request.{key}:"
                f" app.add_middleware({middleware}, ...)"
            ) from None

    @property
    def state(self) -> State:
        """Whatever the lifespan and middleware left for this connection; changes stay in the scope."""
        if self._state is None:
            self._state = State(self.scope.setdefault("state", {}))
        return self._state

    def url_for(self, name: str, /, **path_params: Any) -> URL:
        """The absolute address of the route called `name`. `NoMatchFound` when there is none."""
        routes = self.scope.get("router") or self.scope.get("app")
        if routes is None:
            raise RuntimeError("url_for works inside an application or a router; this scope names neither")
        url: URL = routes.url_path_for(name, **path_params).make_absolute_url(base_url=self.base_url)
        return url
