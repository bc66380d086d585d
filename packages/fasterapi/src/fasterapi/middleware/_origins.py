"""Where a browser says that a request comes from.

Knows: `Sec-Fetch-Site` (W3C Fetch Metadata), `Origin` (RFC 6454). Does not know: tokens, cookies.
"""

import re
from collections.abc import Iterable
from typing import Final

from fasterapi.middleware import _headers
from fasterapi.types import Scope

_ORIGIN: Final = re.compile(r"([a-z][a-z0-9+.-]*)://([^/?#@\s]+)")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


def check_origins(owner: str, origins: Iterable[str]) -> frozenset[bytes]:
    """The origins as they stand in headers. `ValueError` for anything but `scheme://host` and a port.

    >>> check_origins("CSRFMiddleware", ["https://example.org/"])
    Traceback (most recent call last):
    ...
    ValueError: CSRFMiddleware: an origin is written as "https://example.org", not 'https://example.org/'
    """
    _headers.require_list(owner, "trusted_origins", origins)
    origins = list(origins)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin.lower()):
            raise ValueError(f'{owner}: an origin is written as "https://example.org", not {origin!r}')
    return frozenset(origin.lower().encode() for origin in origins)


def is_cross_origin(scope: Scope, trusted: frozenset[bytes]) -> bool:
    """Whether a browser says that a page of another origin has sent this request.

    Browsers since 2023 say so in `Sec-Fetch-Site`, over HTTPS; for others, and over HTTP, the `Origin` must be the
    host that was asked. A client that sends neither is no browser: nobody makes it use somebody else's cookies.
    """
    headers = scope.get("headers", ())
    origin = _headers.find(headers, b"origin")
    if origin is not None and origin.lower() in trusted:
        return False
    site = _headers.find(headers, b"sec-fetch-site")
    if site is not None:
        return site not in {b"same-origin", b"none"}
    if origin is None:
        return False
    host = (_headers.find(headers, b"host") or b"").decode("latin-1").lower()
    found = _ORIGIN.fullmatch(origin.decode("latin-1").lower())
    if found is None:
        return True  # "null", among others
    scheme, authority = found.groups()
    port = _DEFAULT_PORTS.get(scheme, "")
    return authority.removesuffix(port) != host.removesuffix(port)
