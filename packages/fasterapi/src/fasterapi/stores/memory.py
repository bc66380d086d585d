"""A store in the memory of one process: for tests, and for servers with one worker.

Knows: order of use, times of expiry. Does not know: what the bytes mean.
Invariant: never more than `max_entries` entries and `max_bytes` bytes of values.
"""

import heapq
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

_MIB: Final = 1024 * 1024


class MemoryStore:
    """Bytes by key in a dict. When it is full, what has expired goes first, then what was not used for longest.

    `max_bytes` counts values and keys; a single value beyond it is not kept. `clock` gives seconds that never go back.
    For one event loop; other processes have their own counts and sessions. Raises `ValueError` for a bound
    that leaves no room.

    >>> import asyncio
    >>> store = MemoryStore()
    >>> asyncio.run(store.set("key", b"value", expires_in=60))
    >>> asyncio.run(store.get("key"))
    b'value'
    """

    def __init__(
        self,
        *,
        max_entries: int = 100_000,
        max_bytes: int = 64 * _MIB,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, bound in (("max_entries", max_entries), ("max_bytes", max_bytes)):
            if bound < 1:
                raise ValueError(f"MemoryStore: {name} must be positive, got {bound!r}")
        self.max_entries = max_entries
        self.max_bytes = max_bytes
        self._clock = clock
        self._size = 0
        # Least recently used in front.
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        # (expiry, key), soonest in front; what was replaced meanwhile is skipped when its time comes.
        self._expiries: list[tuple[float, str]] = []

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` for a key that is unknown or expired."""
        return self._find(key)

    async def set(self, key: str, value: bytes, expires_in: float | None = None) -> None:
        """Keep `value` under `key`, whatever was there."""
        now = self._clock()
        self._put(key, value, math.inf if expires_in is None else now + expires_in, now)

    async def add(self, key: str, value: bytes, expires_in: float | None = None) -> bool:
        """Keep `value` if there is none under `key`; whether it is kept now."""
        if self._find(key) is not None:
            return False
        await self.set(key, value, expires_in)
        return True

    async def advance(self, key: str, step: int, floor: int, ceiling: int, expires_in: float) -> int:
        """Raise a number to `max(number, floor) + step` if that is no more than `ceiling`; the sum either way."""
        number = max(int(self._find(key) or b"0"), floor) + step
        if number <= ceiling:
            await self.set(key, b"%d" % number, expires_in)
        return number

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""
        self._drop(key)

    def _find(self, key: str) -> bytes | None:
        found = self._entries.get(key)
        if found is None:
            return None
        if found[1] <= self._clock():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return found[0]

    def _put(self, key: str, value: bytes, expiry: float, now: float) -> None:
        known = self._entries.get(key)
        self._drop(key)
        size = _size(key, value)
        if expiry <= now or size > self.max_bytes:
            return
        self._entries[key] = (value, expiry)
        self._size += size
        if expiry < math.inf and (known is None or known[1] != expiry):
            heapq.heappush(self._expiries, (expiry, key))
        self._forget_expired(now)
        while len(self._entries) > self.max_entries or self._size > self.max_bytes:
            self._drop(next(iter(self._entries)))
        if len(self._expiries) > 2 * len(self._entries) + 64:
            self._expiries = [
                (entry[1], name) for name, entry in self._entries.items() if entry[1] < math.inf
            ]
            heapq.heapify(self._expiries)

    def _forget_expired(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            expiry, key = heapq.heappop(self._expiries)
            found = self._entries.get(key)
            if found is not None and found[1] == expiry:
                self._drop(key)

    def _drop(self, key: str) -> None:
        found = self._entries.pop(key, None)
        if found is not None:
            self._size -= _size(key, found[0])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value)
