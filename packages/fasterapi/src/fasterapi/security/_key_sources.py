"""Where the keys that check a token come from: one key, a key set, or the address of a key set.

Knows: key ids, rotation. Does not know: signatures, claims.
Invariant: a key id out of a token is looked up in a dictionary, and used for nothing else.
"""

import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from fasterapi.security._refreshed import Refreshed
from fasterapi.security._signing_keys import SECRET_BYTES, SigningKey, check_fit, read_key, read_key_set

KeySet = Mapping[str | None, Sequence[SigningKey]]


class KeySource(Protocol):
    """Gives the keys that may have signed a token."""

    async def find(self, key_id: str | None, algorithm: str) -> Sequence[SigningKey]:
        """Keys for this id and algorithm; none is no error. Raises `Unavailable`."""
        ...


class OneKey:
    """One key, whatever id a token names."""

    def __init__(self, key: Any, algorithms: frozenset[str], owner: str) -> None:
        read = read_key(key, owner)
        check_fit(read, sorted(algorithms), owner)
        self._keys = (read,)

    async def find(self, key_id: str | None, algorithm: str) -> Sequence[SigningKey]:  # noqa: ARG002
        """The key: that its type allows the algorithm was checked at construction."""
        return self._keys


class FixedKeySet:
    """A JSON Web Key Set that does not change."""

    def __init__(self, document: Mapping[str, Any], algorithms: frozenset[str], owner: str) -> None:
        self._keys = read_key_set(document, owner)
        fitting = frozenset().union(*(key.algorithms for those in self._keys.values() for key in those))
        if unused := sorted(algorithms - fitting):
            raise ValueError(
                f"{owner}: {unused[0]} fits no key of the set\n  fix: some of {', '.join(sorted(fitting))}"
            )

    async def find(self, key_id: str | None, algorithm: str) -> Sequence[SigningKey]:
        """The keys of this id."""
        return _select(self._keys, key_id, algorithm)


class FetchedKeySet:
    """A JSON Web Key Set that its owner changes: fetched again after `lifetime` seconds, and for an unknown id."""

    def __init__(
        self,
        url: Callable[[], Awaitable[str]],
        fetch: Callable[[str], Awaitable[bytes]],
        *,
        lifetime: float,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
        owner: str,
    ) -> None:
        async def load() -> KeySet:
            return read_key_set(json.loads(await fetch(await url())), owner)

        self._keys: Refreshed[KeySet] = Refreshed(load, lifetime=lifetime, interval=interval, clock=clock)

    async def find(self, key_id: str | None, algorithm: str) -> Sequence[SigningKey]:
        """The keys of this id, which may be newer than the last fetch."""
        return _select(await self._keys.get(), key_id, algorithm) or _select(
            await self._keys.reload(), key_id, algorithm
        )


def check_public(algorithms: frozenset[str], owner: str) -> None:
    """Raise `ValueError` for algorithms with a secret: what everybody may fetch is none."""
    secret = sorted(algorithms & SECRET_BYTES.keys())
    if secret:
        raise ValueError(
            f"{owner}: {secret[0]} needs a secret, and a key set that is fetched has public keys only\n"
            "  fix: the issuer's algorithms, such as RS256 or ES256"
        )


def _select(keys: KeySet, key_id: str | None, algorithm: str) -> list[SigningKey]:
    if key_id is not None:
        return [key for key in keys.get(key_id, ()) if algorithm in key.algorithms]
    fitting = [key for those in keys.values() for key in those if algorithm in key.algorithms]
    # Without an id, it must be clear which key is meant: nobody gets a token tried against all of them.
    return fitting if len(fitting) == 1 else []
