"""Addresses: a URL in its parts, built from text or from an ASGI scope.

Knows: RFC 3986, the ASGI scope's address keys, and what clients write into `Host`.
Does not know: routes.
Invariant: path and query of a request never change which host a URL names, and `Host` never changes its path.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from fasterapi._patterns import LazyPattern
from fasterapi.datastructures._multidict import MultiDict
from fasterapi.datastructures._urlencoded import parse_pairs
from fasterapi.types import Scope

if TYPE_CHECKING:
    from urllib.parse import SplitResult

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_MAX_PORT = 65535

# RFC 3986, section 3.2.2, without user information: anything else could move the path or the authority.
_HOST = LazyPattern(
    r"(?:[a-z0-9._~%!$&'()*+,;=-]+|\[(?P<ipv6>[0-9a-f:.]+)\]|\[v[0-9a-f]+\.[a-z0-9._~!$&'()*+,;=:-]+\])"
    r"(?::(?P<port>[0-9]{1,9}))?",
    re.IGNORECASE,
)
# What would end a path, or be dropped or folded by URL parsers, inside a decoded path.
_PATH_BREAKERS = LazyPattern(r"[?#\\\x00-\x1f\x7f]")


class Address(NamedTuple):
    """The host and port of one end of a connection.

    >>> Address("127.0.0.1", 80).host
    '127.0.0.1'
    """

    host: str
    port: int


def encode_path(path: str) -> str:
    """A decoded path as a URL has it: what it names stays the same, also where it has a `%` itself.

    >>> encode_path("/a b/100%/ü")
    '/a%20b/100%25/%C3%BC'
    """
    from urllib.parse import quote  # noqa: PLC0415 - addresses are rarely made

    return quote(path, safe="/:@!$&'()*+,;=")


def _write_query(pairs: list[tuple[str, str]]) -> str:
    from urllib.parse import urlencode  # noqa: PLC0415 - to change a query is rare

    return urlencode(pairs)


def _quote_path(path: str) -> str:
    return _PATH_BREAKERS.sub(lambda found: f"%{ord(found[0]):02X}", path)


def _host_of(scope: Scope) -> str | None:
    """The host and port that the client asked for; the server's own when `Host` is absent or malformed."""
    for name, value in scope.get("headers", ()):
        if name == b"host":
            text: str = value.decode("latin-1")
            if _is_host(text):
                return text
            break
    server = scope.get("server")
    if server is None:
        return None
    host, port = server
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    if not _is_host(host):
        return None  # the path of a Unix socket names no host
    return (
        host if port is None or port == _DEFAULT_PORTS.get(scope.get("scheme", "http")) else f"{host}:{port}"
    )


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text)
    if found is None or int(found["port"] or 0) > _MAX_PORT:
        return False
    if found["ipv6"] is not None:
        from ipaddress import IPv6Address  # noqa: PLC0415 - such hosts are rare

        try:
            IPv6Address(found["ipv6"])
        except ValueError:
            return False
    return True


def _split_scope(scope: Scope) -> "SplitResult":
    from urllib.parse import SplitResult  # noqa: PLC0415 - most handlers ask for no URL

    path = _quote_path(scope["path"])
    query = scope.get("query_string", b"").decode("utf-8", "replace").replace("#", "%23")
    netloc = _host_of(scope)
    if netloc is None:
        if path.startswith("//"):
            path = "/%2F" + path[2:]  # without a host, `//` would start one
        return SplitResult("", "", path, query, "")
    if not path.startswith("/"):
        path = f"/{path}"  # ASGI's `path` may be empty; `@evil` would extend the host
    return SplitResult(scope.get("scheme", "http"), netloc, path, query, "")


class URL:
    r"""An address and its parts: from text, from an ASGI scope, or from parts.

    From a scope, `path` is the scope's decoded path (with `?`, `#`, `\` and control characters quoted), and
    a `Host` header that is no host is ignored in favour of the server's own name (CVE-2026-48710).

    >>> url = URL("https://ada:pw@example.org:8443/a?x=1#top")
    >>> url.hostname, url.port, url.path, url.query, url.is_secure
    ('example.org', 8443, '/a', 'x=1', True)
    >>> url
    URL('https://ada:********@example.org:8443/a?x=1#top')
    >>> str(URL("/a?x=1").include_query_params(y=2))
    '/a?x=1&y=2'
    """

    __slots__ = ("_components", "_url")

    def __init__(self, url: str = "", scope: Scope | None = None, **components: Any) -> None:
        self._components: SplitResult | None = None
        if sum((bool(url), scope is not None, bool(components))) > 1:
            raise TypeError('give one of "url", "scope" and components, not several')
        if scope is not None:
            self._components = _split_scope(scope)
            url = self._components.geturl()
        elif components:
            url = str(URL("").replace(**components))
        self._url = url

    @property
    def components(self) -> "SplitResult":
        """The five parts as `urllib.parse` names them."""
        if self._components is None:
            from urllib.parse import urlsplit  # noqa: PLC0415 - most handlers ask for no URL

            self._components = urlsplit(self._url)
        return self._components

    @property
    def scheme(self) -> str:
        """`"https"`; empty for a relative URL."""
        return self.components.scheme

    @property
    def netloc(self) -> str:
        """User information, host and port, as written."""
        return self.components.netloc

    @property
    def path(self) -> str:
        """The path, as written."""
        return self.components.path

    @property
    def query(self) -> str:
        """The query without `?`, as written."""
        return self.components.query

    @property
    def fragment(self) -> str:
        """The fragment without `#`, as written."""
        return self.components.fragment

    @property
    def username(self) -> str | None:
        """The user name, as written."""
        return self.components.username

    @property
    def password(self) -> str | None:
        """The password, as written; `repr` hides it."""
        return self.components.password

    @property
    def hostname(self) -> str | None:
        """The host in lower case, without brackets."""
        return self.components.hostname

    @property
    def port(self) -> int | None:
        """The port as a number. `ValueError` when it is none."""
        return self.components.port

    @property
    def is_secure(self) -> bool:
        """Whether the scheme is `https` or `wss`."""
        return self.scheme in {"https", "wss"}

    def replace(self, **parts: Any) -> "URL":
        """A copy with other parts: those of `components`, or `hostname`, `port`, `username`, `password`."""
        if not parts.keys().isdisjoint(("hostname", "port", "username", "password")):
            parts["netloc"] = self._netloc_with(
                hostname=parts.pop("hostname", None),
                port=parts.pop("port", self.port),
                username=parts.pop("username", self.username),
                password=parts.pop("password", self.password),
            )
        return type(self)(self.components._replace(**parts).geturl())

    def _netloc_with(
        self, *, hostname: str | None, port: int | None, username: str | None, password: str | None
    ) -> str:
        if hostname is None:
            host = self.netloc.rpartition("@")[2]
            if not host.endswith("]"):
                host = host.rsplit(":", 1)[0]
        else:
            host = f"[{hostname}]" if ":" in hostname and not hostname.startswith("[") else hostname
        if port is not None:
            host += f":{port}"
        if username is None:
            return host
        return f"{username}@{host}" if password is None else f"{username}:{password}@{host}"

    def include_query_params(self, **params: Any) -> "URL":
        """A copy with these parameters added, replacing those of the same names."""
        pairs = self._query_pairs()
        pairs.update({key: str(value) for key, value in params.items()})
        return self.replace(query=_write_query(pairs.multi_items()))

    def replace_query_params(self, **params: Any) -> "URL":
        """A copy with exactly these parameters."""
        return self.replace(query=_write_query([(key, str(value)) for key, value in params.items()]))

    def remove_query_params(self, keys: str | Sequence[str]) -> "URL":
        """A copy without these parameters."""
        pairs = self._query_pairs()
        for key in [keys] if isinstance(keys, str) else keys:
            pairs.pop(key, None)
        return self.replace(query=_write_query(pairs.multi_items()))

    def _query_pairs(self) -> MultiDict:
        return MultiDict(parse_pairs(self.query))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, URL | str) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(self._url)

    def __str__(self) -> str:
        return self._url

    def __repr__(self) -> str:
        shown = self.replace(password="********") if self.password else self  # noqa: S106 - it hides one
        return f"{type(self).__name__}({str(shown)!r})"


class URLPath(str):
    """A path that knows for which protocol and host it was made; what `url_path_for` returns.

    >>> URLPath("/a", protocol="websocket").make_absolute_url("https://example.org/root/")
    URL('wss://example.org/root/a')
    """

    __slots__ = ("host", "protocol")

    protocol: str
    host: str

    def __new__(cls, path: str, protocol: Literal["http", "websocket", ""] = "", host: str = "") -> Self:
        if protocol not in {"http", "websocket", ""}:
            raise ValueError(f'protocol is "http", "websocket" or "", not {protocol!r}')
        path = path.replace("\\", "%5C")
        if path.startswith("//"):
            path = "/%2F" + path[2:]  # `//` would start a host
        made = str.__new__(cls, path)
        made.protocol = protocol
        made.host = host
        return made

    def make_absolute_url(self, base_url: str | URL) -> URL:
        """The URL of this path below `base_url`, with the scheme that belongs to the protocol."""
        base = URL(base_url) if isinstance(base_url, str) else base_url
        scheme = base.scheme
        if self.protocol:
            scheme = ("ws" if self.protocol == "websocket" else "http") + ("s" if base.is_secure else "")
        path = base.path.rstrip("/") + str(self)
        return URL(scheme=scheme, netloc=self.host or base.netloc, path=path)
