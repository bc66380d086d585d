"""A `Host` header → host and port.

Knows: the `authority` of a URI without user information (RFC 9110, section 7.2; RFC 3986, section 3.2).
Does not know: which hosts are trusted.
"""

import ipaddress
import re
from typing import NamedTuple

_HOST = re.compile(r"(\[[0-9a-fv.:~!$&'()*+,;=_-]+\]|[a-z0-9._~%!$&'()*+,;=-]+)(?::([0-9]+))?", re.IGNORECASE)
_IP_FUTURE = re.compile(r"\[v[0-9a-f]+\.[^\]]+\]", re.IGNORECASE)


class Host(NamedTuple):
    """`name` keeps the brackets of an IPv6 address; `port` is text, as in the header."""

    name: str
    port: str | None


def parse_host(header: str) -> Host | None:
    """The parts of a `Host` header, or `None` for a malformed one.

    >>> parse_host("[::1]:8000")
    Host(name='[::1]', port='8000')
    >>> parse_host("example.org/admin?") is None
    True
    """
    match = _HOST.fullmatch(header)
    if match is None:
        return None
    name, port = match.groups()
    if name.startswith("[") and not _IP_FUTURE.fullmatch(name):
        try:
            ipaddress.IPv6Address(name[1:-1])
        except ValueError:
            return None
    return Host(name, port)
