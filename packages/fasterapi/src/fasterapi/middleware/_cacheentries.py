"""Answers in a store, found again by what they depend on.

Knows: keys, variants, a store. Does not know: whether an answer may be kept.

Under the address of a request stands either the answer itself or, once one had a `Vary`, the names of the
request headers that tell variants apart; each variant stands under address and values. Names are only ever
added while an address is known: an answer without `Vary` beside others that have it is a variant too.
"""

import secrets
from collections.abc import Iterable

import msgspec

from fasterapi.middleware._answers import Answer
from fasterapi.middleware._digest import digest
from fasterapi.stores import Store
from fasterapi.types import Scope


class Entry(msgspec.Struct, array_like=True, frozen=True):
    """An answer, or what tells variants apart. `born` and `fresh_until` are seconds since the epoch."""

    answer: Answer | None
    born: float
    fresh_until: float
    vary: list[bytes]
    # Variants of an address that was forgotten meanwhile must not be found again.
    generation: bytes


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Entry)


def address_of(scope: Scope, whose: str) -> str:
    """The key of what `scope` asks for, on behalf of `whose`."""
    return digest(
        "answer",
        whose.encode("utf-8", "surrogatepass"),
        scope.get("scheme", "http").encode(),
        _value(scope.get("headers", ()), b"host"),
        # CORS middleware often says `Vary: Origin` in answers to requests with an `Origin` alone.
        _value(scope.get("headers", ()), b"origin"),
        scope.get("root_path", "").encode("utf-8", "surrogatepass"),
        scope["path"].encode("utf-8", "surrogatepass"),
        scope.get("raw_path") or b"",
        scope.get("query_string", b""),
    )


class Entries:
    """The answers of one cache."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def find(self, address: str, scope: Scope, now: float) -> Entry | None:
        """The answer to this very request, if there is a fresh one."""
        entry = await self._get(address, now)
        if entry is not None and entry.vary:
            entry = await self._get(_variant(address, entry, scope), now)
        return None if entry is None or entry.answer is None else entry

    async def keep(self, address: str, scope: Scope, entry: Entry, now: float) -> None:
        """Keep an answer until it is not fresh any more."""
        known = await self._get(address, now)
        names = sorted({*entry.vary, *(known.vary if known else ())})
        if not names:
            await self._set(address, entry, now)
            return
        is_same = known is not None and known.vary == names
        generation = known.generation if known is not None and is_same else secrets.token_bytes(8)
        until = max(entry.fresh_until, known.fresh_until if known is not None and is_same else 0)
        index = Entry(None, now, until, names, generation)
        await self._set(_variant(address, index, scope), entry, now)
        await self._set(address, index, now)

    async def forget(self, address: str) -> None:
        """Forget all answers of an address."""
        await self._store.delete(address)

    async def _get(self, key: str, now: float) -> Entry | None:
        data = await self._store.get(key)
        if data is None:
            return None
        try:
            entry = _DECODER.decode(data)
        except msgspec.DecodeError:  # of another version, perhaps
            return None
        return entry if entry.fresh_until > now else None

    async def _set(self, key: str, entry: Entry, now: float) -> None:
        await self._store.set(key, _ENCODER.encode(entry), entry.fresh_until - now)


def _variant(address: str, index: Entry, scope: Scope) -> str:
    parts = [part for name in index.vary for part in (name, _value(scope.get("headers", ()), name))]
    return digest("variant", address.encode(), index.generation, *parts)


def _value(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    """All values of a header as one; absent is not the same as empty."""
    values = [value.strip() for name, value in headers if name == wanted]
    return b"=" + b",".join(values) if values else b""
