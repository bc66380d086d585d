"""Which web pages may open a WebSocket (CWE-1385, cross-site WebSocket hijacking).

Knows: the headers Origin, Host and Cookie. Does not know: what happens to a connection that is refused.
A browser adds its user's cookies to a handshake whoever's page opens it, and asks for no CORS preflight; so the server
has to look. Clients that are no browsers send no Origin, and need none.
"""

import logging
from collections.abc import Callable, Collection
from typing import Final

from fasterapi.exceptions import WebSocketException
from fasterapi.types import Scope

SAME_ORIGIN: Final = "same-origin"
ANY: Final = "*"

# RFC 6455, section 7.4.1.
_POLICY_VIOLATION: Final = 1008

logger = logging.getLogger("fasterapi")


def validate_origins(origins: Collection[str] | None) -> Collection[str] | None:
    """`origins` as a tuple. Raises `ValueError` for one that no browser sends.

    >>> validate_origins(["same-origin", "https://example.org"])
    ('same-origin', 'https://example.org')
    """
    if origins is None:
        return None
    origins = (origins,) if isinstance(origins, str) else tuple(origins)
    for origin in origins:
        scheme, separator, host = origin.partition("://")
        is_origin = scheme and separator and host and "/" not in host and origin == origin.lower()
        if origin not in {ANY, SAME_ORIGIN} and not is_origin:
            message = (
                f"{origin!r} in allowed_origins is no origin\n"
                '  fix: a scheme and a host, as in "https://example.org", "same-origin", or "*" for all'
            )
            raise ValueError(message)
    return origins


def is_allowed(scope: Scope, origins: Collection[str]) -> bool:
    """Whether the page that asks is of one of `origins` (RFC 6454); who sends no Origin is no page."""
    origin = _header(scope, b"origin")
    if origin is None or ANY in origins or origin in origins:
        return True
    host = origin.partition("://")[2]
    return SAME_ORIGIN in origins and host.lower() == (_header(scope, b"host") or "").lower()


def origin_check(origins: Collection[str] | None) -> Callable[[Scope], None] | None:
    """What a route does first with a handshake: raises `WebSocketException` 1008, which becomes a 403.

    `None` stands for the default: any page may connect, but one of another host only without cookies. Ports make no
    difference there, as they make none to cookies (RFC 6265, section 8.5).
    """
    if origins is None:
        return _check_cookies
    if ANY in origins:
        return None

    def check(scope: Scope) -> None:
        if not is_allowed(scope, origins):
            raise WebSocketException(_POLICY_VIOLATION, "this origin is not allowed")

    return check


def _check_cookies(scope: Scope) -> None:
    origin = host = None
    has_cookies = False
    for name, value in scope.get("headers", ()):
        if name == b"origin":
            origin = value
        elif name == b"host":
            host = value
        elif name == b"cookie":
            has_cookies = True
    if has_cookies and origin is not None and not _is_same_host(origin, host or b""):
        logger.warning(
            "WebSocket %r refused: a page of %r sent cookies for %r; name that origin in allowed_origins if it is "
            "one of yours",
            scope["path"],
            origin.decode("latin-1"),
            (host or b"").decode("latin-1"),
        )
        raise WebSocketException(_POLICY_VIOLATION, "cookies from a page of another host")


def _is_same_host(origin: bytes, host: bytes) -> bool:
    return _without_port(origin.partition(b"://")[2]) == _without_port(host) != b""


def _without_port(authority: bytes) -> bytes:
    """`[::1]:80` → `[::1]`, `a.example:80` → `a.example` (RFC 3986, section 3.2)."""
    name, colon, port = authority.lower().rpartition(b":")
    return name if colon and port.isdigit() else authority.lower()


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope.get("headers", ()):
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return None
