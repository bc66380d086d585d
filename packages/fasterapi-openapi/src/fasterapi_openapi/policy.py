"""The Content-Security-Policy under which the documentation pages work (W3C CSP Level 3).

Knows: what each viewer needs. Does not know: the pages' text, HTTP.
"""

import re
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

from .errors import InvalidSpec

Viewer = Literal["swagger", "redoc", "scalar", "oauth2-redirect"]

_BASE = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'self'"],
}
_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]+")  # anything else could end the source and begin a directive
_INLINE_STYLE = "'unsafe-inline'"
# ReDoc's style sheets start as empty elements and are filled by script; one of them has a fixed text.
_REDOC_STYLES = (
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)


def content_security_policy(
    viewer: Viewer, *, resources: Iterable[str] = (), connect: Iterable[str] = ()
) -> str:
    """The value of the `Content-Security-Policy` header for one page.

    `resources`: addresses of scripts, styles and icons on other hosts. `connect`: servers of the document
    that "Try it out" may call. Relative addresses are covered already. Inline scripts are never allowed;
    inline styles only for a ReDoc from another host, whose styles are not known here, and for Scalar.
    Raises `InvalidSpec` for an address whose host is none.

    >>> "unsafe-inline" in content_security_policy("redoc")
    False
    """
    policy = {name: list(sources) for name, sources in _BASE.items()}
    foreign = _origins(resources)
    for name in ("script-src", "style-src", "img-src", "font-src"):
        policy[name] += foreign
    policy["connect-src"] += _origins(connect)
    if viewer == "redoc":
        policy["style-src"] += [_INLINE_STYLE] if foreign else _REDOC_STYLES
        policy["worker-src"] = ["blob:"]  # its search runs in a worker made from a part of the script
    if viewer == "scalar":
        policy["style-src"].append(_INLINE_STYLE)
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def _origins(addresses: Iterable[str]) -> list[str]:
    """Scheme and host of absolute addresses, each once, in order."""
    found: dict[str, None] = {}
    for address in addresses:
        parts = urlsplit(address)
        if not parts.netloc:
            continue
        if not _HOST.fullmatch(parts.netloc):
            raise InvalidSpec(
                f"{address!r} has no host that a policy can name",
                fix="give an address like https://cdn.example/x.js",
            )
        found[f"{parts.scheme}://{parts.netloc}" if parts.scheme else parts.netloc] = None
    return list(found)
