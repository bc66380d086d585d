"""URLs as values with parts, and the URL types of Pydantic by the schemes they allow.

Knows: RFC 3986 as far as `urllib.parse` does, and the normal form that browsers use (lower-case scheme and host, no
default port, `/` as the least path). Does not know: whether anything answers there.
"""

import re
from typing import Any, ClassVar, Final, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

from fasterapi.validation import register_type

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443, "ftp": 21}
_FORBIDDEN: Final = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_MAX_LENGTH: Final = 2083


class AnyUrl:
    """An absolute URL. Raises ValueError for text that is none, or whose scheme the class does not allow.

    >>> url = HttpUrl("HTTPS://Example.com:443")
    >>> str(url), url.host, url.path
    ('https://example.com/', 'example.com', '/')
    """

    __slots__ = ("_parts", "_text")

    allowed_schemes: ClassVar[frozenset[str]] = frozenset()
    needs_host: ClassVar[bool] = False

    def __init__(self, url: object) -> None:
        self._parts = self._read(str(url) if isinstance(url, AnyUrl) else url)
        self._text = self._parts.geturl()

    @classmethod
    def _read(cls, value: object) -> SplitResult:
        if not isinstance(value, str):
            raise ValueError("a URL is a string")  # noqa: TRY004 - decoders expect ValueError
        text = value.strip()
        if len(text) > _MAX_LENGTH:
            raise ValueError(f"a URL has at most {_MAX_LENGTH} characters")
        if _FORBIDDEN.search(text):
            raise ValueError("a URL holds no blanks, quotes or brackets; percent-encode them")
        parts = urlsplit(text)
        if not parts.scheme:
            raise ValueError("a URL begins with a scheme, such as https://")
        if cls.allowed_schemes and parts.scheme not in cls.allowed_schemes:
            allowed = " or ".join(f"'{scheme}'" for scheme in sorted(cls.allowed_schemes))
            raise ValueError(f"the scheme should be {allowed}")
        if (cls.needs_host or parts.scheme in _DEFAULT_PORTS) and not parts.hostname:
            raise ValueError("the URL has no host")
        return _normal(parts)

    @property
    def scheme(self) -> str:
        """`https` in `https://example.com`."""
        return self._parts.scheme

    @property
    def host(self) -> str | None:
        """The host, in lower case; an IPv6 address without its brackets."""
        return self._parts.hostname

    @property
    def port(self) -> int | None:
        """The port, or the scheme's usual one."""
        return self._parts.port or _DEFAULT_PORTS.get(self.scheme)

    @property
    def username(self) -> str | None:
        """The name before the `@`, as it is written (percent-encoded)."""
        return self._parts.username

    @property
    def password(self) -> str | None:
        """The password before the `@`, as it is written (percent-encoded)."""
        return self._parts.password

    @property
    def path(self) -> str | None:
        """The path with its slash; None when there is none."""
        return self._parts.path or None

    @property
    def query(self) -> str | None:
        """What follows the `?`; None when there is none."""
        return self._parts.query or None

    @property
    def fragment(self) -> str | None:
        """What follows the `#`; None when there is none."""
        return self._parts.fragment or None

    def query_params(self) -> list[tuple[str, str]]:
        """The query, decoded, in its order."""
        return parse_qsl(self._parts.query, keep_blank_values=True)

    def unicode_string(self) -> str:
        """The whole URL."""
        return self._text

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._text!r})"

    def __len__(self) -> int:
        return len(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyUrl) and self._text == other._text

    def __lt__(self, other: Self) -> bool:
        return self._text < other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _normal(parts: SplitResult) -> SplitResult:
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError("the URL's port is no number from 0 to 65535") from error
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    credentials, at, _ = parts.netloc.rpartition("@")
    shown = "" if port is None or port == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    path = parts.path or ("/" if parts.scheme in _DEFAULT_PORTS else "")
    return parts._replace(netloc=f"{credentials}{at}{_ascii(host)}{shown}", path=path)


def _ascii(host: str) -> str:
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError("the URL's host is no domain name") from error


class HttpUrl(AnyUrl):
    """`http` or `https`, with a host."""

    __slots__ = ()
    allowed_schemes = frozenset({"http", "https"})
    needs_host = True


class AnyHttpUrl(AnyUrl):
    """`http` or `https`."""

    __slots__ = ()
    allowed_schemes = frozenset({"http", "https"})


class WebsocketUrl(AnyUrl):
    """`ws` or `wss`."""

    __slots__ = ()
    allowed_schemes = frozenset({"ws", "wss"})
    needs_host = True


class PostgresDsn(AnyUrl):
    """The address of a PostgreSQL database, with any of the usual drivers after a `+`."""

    __slots__ = ()
    needs_host = True
    allowed_schemes = frozenset(
        {"postgres", "postgresql"}
        | {f"postgresql+{driver}" for driver in ("asyncpg", "pg8000", "psycopg", "psycopg2", "psycopg2cffi")}
        | {"postgresql+py-postgresql", "postgresql+pygresql"}
    )


class RedisDsn(AnyUrl):
    """The address of a Redis server."""

    __slots__ = ()
    allowed_schemes = frozenset({"redis", "rediss"})


class MongoDsn(AnyUrl):
    """The address of a MongoDB server."""

    __slots__ = ()
    allowed_schemes = frozenset({"mongodb", "mongodb+srv"})


class MySQLDsn(AnyUrl):
    """The address of a MySQL database, with any of the usual drivers after a `+`."""

    __slots__ = ()
    allowed_schemes = frozenset(
        {"mysql"}
        | {
            f"mysql+{driver}"
            for driver in ("aiomysql", "asyncmy", "cymysql", "mysqlconnector", "mysqldb", "pymysql", "pyodbc")
        }
    )


class AmqpDsn(AnyUrl):
    """The address of an AMQP broker."""

    __slots__ = ()
    allowed_schemes = frozenset({"amqp", "amqps"})


_TYPES: Final = (
    AnyUrl,
    HttpUrl,
    AnyHttpUrl,
    WebsocketUrl,
    PostgresDsn,
    RedisDsn,
    MongoDsn,
    MySQLDsn,
    AmqpDsn,
)
for _type in _TYPES:
    _schema = {"type": "string", "format": "uri", "minLength": 1}
    register_type(
        _type, decode=_type, schema=_schema | ({"maxLength": _MAX_LENGTH} if _type is HttpUrl else {})
    )
