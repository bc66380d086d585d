"""Header fields over ASGI's raw list, decoded when asked for.

Knows: names are ASCII without case, values are latin-1 (RFC 9110, section 5; ASGI, HTTP scope).
Does not know: what any single header means.
Invariant: what is set through `MutableHeaders` can't break out of its line.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from functools import lru_cache
from typing import Any, Self

from fasterapi._patterns import LazyPattern

RawHeaders = list[tuple[bytes, bytes]]

_TOKEN = LazyPattern(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")


def encode_header(name: str, value: str) -> tuple[bytes, bytes]:
    r"""The raw pair of one header that the application sets.

    Raises `ValueError` for a name that is no token (RFC 9110, section 5.6.2), for CR, LF or NUL in the value
    (section 5.5: they would start a header of the attacker's choice) and for text outside latin-1.

    >>> encode_header("X-Token", "a b")
    (b'x-token', b'a b')
    >>> encode_header("x", "a\r\nset-cookie: b=c")
    Traceback (most recent call last):
    ...
    ValueError: header 'x': a value must not contain CR, LF or NUL, got 'a\r\nset-cookie: b=c'; remove ...
    """
    if not value.isprintable() and ("\n" in value or "\r" in value or "\0" in value):
        raise ValueError(
            f"header {name!r}: a value must not contain CR, LF or NUL, got {value!r};"
            " remove them or percent-encode the value"
        )
    return _encode_name(name), value.encode("latin-1")


# Bounded, for an application that takes names from its clients; what it keeps can't be changed.
@lru_cache(maxsize=512)
def _encode_name(name: str) -> bytes:
    raw_name = name.lower().encode("latin-1")
    if _TOKEN.fullmatch(raw_name) is None:
        raise ValueError(
            f"header {name!r}: a name consists of letters, digits and !#$%&'*+-.^_`|~; rename the header"
        )
    return raw_name


class Headers(Mapping[str, str]):
    """An immutable mapping without case; a name may occur several times.

    `raw` is ASGI's list of `(lower-case name, value)` bytes and is not copied. Iteration gives every
    occurrence; `[]` and `get` give the first one, `getlist` all of them.

    >>> headers = Headers(raw=[(b"accept", b"text/html"), (b"accept", b"*/*")])
    >>> headers["Accept"], headers.getlist("accept")
    ('text/html', ['text/html', '*/*'])
    """

    __slots__ = ("_list",)

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: Iterable[tuple[bytes, bytes]] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        self._list: RawHeaders
        if headers is not None:
            if raw is not None or scope is not None:
                raise TypeError('give one of "headers", "raw" and "scope", not several')
            self._list = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        elif raw is not None:
            if scope is not None:
                raise TypeError('give one of "headers", "raw" and "scope", not several')
            self._list = raw if isinstance(raw, list) else list(raw)
        elif scope is not None:
            found = scope.get("headers", ())
            # ASGI allows any iterable: an iterator must not be used up by the first reader.
            if not isinstance(found, list):
                found = scope["headers"] = list(found)
            self._list = found
        else:
            self._list = []

    @property
    def raw(self) -> RawHeaders:
        """A copy of the raw list."""
        return list(self._list)

    def keys(self) -> list[str]:  # type: ignore[override] # every occurrence, which a set-like view can't give
        """Every name, in order, repeated as often as it occurs."""
        return [name.decode("latin-1") for name, _ in self._list]

    def values(self) -> list[str]:  # type: ignore[override] # see keys
        """Every value, in order."""
        return [value.decode("latin-1") for _, value in self._list]

    def items(self) -> list[tuple[str, str]]:  # type: ignore[override] # see keys
        """Every pair, in order."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._list]

    def getlist(self, key: str) -> list[str]:
        """All values of `key`, in order; empty when it does not occur."""
        wanted = key.lower().encode("latin-1")
        return [value.decode("latin-1") for name, value in self._list if name == wanted]

    def mutablecopy(self) -> "MutableHeaders":
        """A copy that can be changed."""
        return MutableHeaders(raw=self._list[:])

    def __getitem__(self, key: str) -> str:
        wanted = key.lower().encode("latin-1")
        for name, value in self._list:
            if name == wanted:
                return value.decode("latin-1")
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str):
            return False
        wanted = key.lower().encode("latin-1")
        return any(name == wanted for name, _ in self._list)

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self._list)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and sorted(self._list) == sorted(other._list)

    __hash__ = None  # type: ignore[assignment] # a list of headers may change, and Mapping has no hash either

    def __repr__(self) -> str:
        as_dict = dict(self.items())
        if len(as_dict) == len(self._list):
            return f"{type(self).__name__}({as_dict!r})"
        return f"{type(self).__name__}(raw={self._list!r})"


class MutableHeaders(Headers):
    """Headers that an application sets: every name and value is checked by `encode_header`.

    `raw` is the list itself: a response shares it and sees every change.

    >>> headers = MutableHeaders()
    >>> headers["Vary"] = "Origin"
    >>> headers.add_vary_header("Accept")
    >>> headers
    MutableHeaders({'vary': 'Origin, Accept'})
    """

    __slots__ = ()

    def __init__(
        self,
        headers: Mapping[str, str] | None = None,
        raw: Iterable[tuple[bytes, bytes]] | None = None,
        scope: MutableMapping[str, Any] | None = None,
    ) -> None:
        super().__init__(headers, raw, scope)
        if headers is not None:
            self._list = [encode_header(name, value) for name, value in headers.items()]

    @property
    def raw(self) -> RawHeaders:
        """The raw list itself, not a copy."""
        return self._list

    def __setitem__(self, key: str, value: str) -> None:
        """Set `key` at the place of its first occurrence; further occurrences go."""
        pair = encode_header(key, value)
        places = [place for place, (name, _) in enumerate(self._list) if name == pair[0]]
        if not places:
            self._list.append(pair)
            return
        self._list[places[0]] = pair
        for place in reversed(places[1:]):
            del self._list[place]

    def __delitem__(self, key: str) -> None:
        """Remove every occurrence of `key`; nothing happens when there is none."""
        wanted = key.lower().encode("latin-1")
        # In place: a response shares this list.
        self._list[:] = [pair for pair in self._list if pair[0] != wanted]

    def __ior__(self, other: Mapping[str, str]) -> Self:
        self.update(_mapping(other))
        return self

    def __or__(self, other: Mapping[str, str]) -> "MutableHeaders":
        new = self.mutablecopy()
        new.update(_mapping(other))
        return new

    def setdefault(self, key: str, value: str) -> str:
        """Set `key` unless it is there; the value that holds afterwards."""
        found = self.get(key)
        if found is not None:
            return found
        self._list.append(encode_header(key, value))
        return value

    def update(self, other: Mapping[str, str]) -> None:
        """Set each pair of `other`."""
        for key, value in other.items():
            self[key] = value

    def append(self, key: str, value: str) -> None:
        """Add one more occurrence of `key`."""
        self._list.append(encode_header(key, value))

    def add_vary_header(self, vary: str) -> None:
        """Add `vary` to the names on which the response depends (RFC 9110, section 12.5.5)."""
        self["vary"] = ", ".join([*self.getlist("vary"), vary])


def _mapping(value: Mapping[str, str]) -> Mapping[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"Expected a mapping but got {type(value).__name__}")
    return value
