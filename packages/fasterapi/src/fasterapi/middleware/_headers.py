"""ASGI's raw header lists, as middleware reads and changes them for every request.

Knows: lower-case names in bytes (ASGI, HTTP scope), and how options name headers and hosts.
Does not know: what any header means, but `Vary`.
Invariant: a list that was given is never changed: a response may keep and reuse it.
"""

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]


def require_list(owner: str, option: str, values: Iterable[str]) -> None:
    """Refuse one text where a list of texts belongs: it would be read as the list of its letters.

    >>> require_list("CORSMiddleware", "allow_origins", "https://example.org")
    Traceback (most recent call last):
    ...
    ValueError: CORSMiddleware: allow_origins is a list, write ['https://example.org']
    """
    if isinstance(values, str) and values != "*":
        raise ValueError(f"{owner}: {option} is a list, write [{values!r}]")


def find(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    """The first value of a header.

    >>> find([(b"host", b"a"), (b"host", b"b")], b"host")
    b'a'
    """
    for name, value in headers:
        if name == wanted:
            return value
    return None


def with_vary(headers: Iterable[tuple[bytes, bytes]], field: bytes) -> Headers:
    """A copy in which `Vary` names `field`, once (RFC 9110, section 12.5.5).

    >>> with_vary([(b"vary", b"Accept"), (b"x", b"y")], b"Origin")
    [(b'x', b'y'), (b'vary', b'Accept, Origin')]
    >>> with_vary([(b"vary", b"origin")], b"Origin")
    [(b'vary', b'origin')]
    """
    copy = list(headers)
    for name, _ in copy:
        if name == b"vary":
            return _with_added_vary(copy, field)
    copy.append((b"vary", field))
    return copy


def _with_added_vary(headers: Headers, field: bytes) -> Headers:
    named = [value for name, value in headers if name == b"vary"]
    tokens = {token.strip().lower() for value in named for token in value.split(b",")}
    if field.lower() in tokens or b"*" in tokens:
        return headers
    others = [pair for pair in headers if pair[0] != b"vary"]
    return [*others, (b"vary", b", ".join([*named, field]))]
