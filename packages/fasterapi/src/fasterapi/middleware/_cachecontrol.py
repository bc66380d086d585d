"""What headers say about keeping an answer for everybody.

Knows: `Cache-Control`, `Vary`, `Age` (RFC 9111, of a shared cache). Does not know: stores, keys, time.
Invariant: what is doubtful is not kept.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from fasterapi.middleware._headers import Headers, find

_REFUSED: Final = frozenset({"no-store", "private", "no-cache"})

# Complete answers; others (206, 304) are parts of one. RFC 9110, section 15.1, names those that need no lifetime.
_KEPT_IF_SAID: Final = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
_KEPT_BY_DEFAULT: Final = frozenset({200, 203, 301, 308})


def read_directives(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The directives of all `Cache-Control` headers; of one that is there twice, the smaller argument.

    >>> read_directives([(b"cache-control", b'Public, max-age="60"'), (b"cache-control", b"max-age=5")])
    {'public': '', 'max-age': '5'}
    """
    found: dict[str, str] = {}
    for header, value in headers:
        if header == b"cache-control":
            for directive in value.decode("latin-1").lower().split(","):
                name, _, argument = directive.strip().partition("=")
                argument = argument.strip('"')
                if name not in found or seconds(argument) < seconds(found[name]):
                    found[name] = argument
    return found


def seconds(argument: str) -> int:
    """A number of seconds; 0, which keeps nothing, for anything else (RFC 9111, section 4.2.1)."""
    return int(argument) if argument.isascii() and argument.isdigit() and len(argument) < 10 else 0


def lifetime(status: int, headers: Headers, default: float | None) -> float:
    """For how many seconds from now everybody may get this answer; 0 for not at all.

    `default` is for answers that say nothing about it.

    >>> lifetime(200, [(b"cache-control", b"max-age=60, s-maxage=10"), (b"age", b"4")], None)
    6
    """
    directives = read_directives(headers)
    if (
        directives.keys() & _REFUSED
        or find(headers, b"set-cookie") is not None
        or b"*" in vary_names(headers)
    ):
        return 0
    said = _said(directives)
    if said is None:
        return default or 0 if status in _KEPT_BY_DEFAULT else 0
    return max(0, said - age_of(headers)) if status in _KEPT_IF_SAID else 0


def _said(directives: Mapping[str, str]) -> int | None:
    for name in ("s-maxage", "max-age"):
        if name in directives:
            return seconds(directives[name])
    return None


def age_of(headers: Headers) -> int:
    """How old the answer was when it came here, in seconds."""
    return seconds((find(headers, b"age") or b"").decode("latin-1"))


def vary_names(headers: Headers) -> list[bytes]:
    """The request headers that the answer depends on, sorted.

    >>> vary_names([(b"vary", b"Origin, accept"), (b"vary", b"Accept")])
    [b'accept', b'origin']
    """
    names = {part.strip().lower() for name, value in headers if name == b"vary" for part in value.split(b",")}
    return sorted(names - {b""})
