"""A bounded number of places for jobs, with a fair queue for those who wait for one.

Knows: event loops. Does not know: what a place is good for.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress


class Slots:
    """The numbers `0 … count - 1`, each held by one job at a time; safe to use from any thread and loop."""

    def __init__(self, count: int) -> None:
        self._free = deque(range(count))
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._granted: dict[asyncio.Future[None], int] = {}  # to waiters that have not heard of it yet
        # Looking and taking is one step; nothing is called inside that takes the lock too, but a collected object's
        # finalizer may.
        self._lock = threading.RLock()

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._waiters)

    def try_take(self) -> int | None:
        """A free slot, or `None`; those who wait go first."""
        with self._lock:
            if self._free and not self._waiters:
                return self._free.popleft()
        if self._granted:
            self._take_back()
        return None

    async def take(self) -> int:
        """A slot as soon as there is one, in order of arrival."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        self._hand_over()  # one may have been given back since the caller looked
        try:
            await waiter
            return self._granted.pop(waiter)
        except BaseException:  # the caller was cancelled, or is collected after its loop was closed
            with self._lock:
                if waiter in self._waiters:
                    self._waiters.remove(waiter)
            self._give_on(waiter)
            raise

    def give(self, slot: int) -> None:
        """Put a slot back; whoever has waited longest gets it."""
        self._free.append(slot)
        if self._waiters:
            self._hand_over()

    def fail_waiters(self, error: Exception) -> None:
        """Raise `error` in everyone who waits."""
        with self._lock:
            waiters = list(self._waiters)
            self._waiters.clear()
        for waiter in waiters:
            with suppress(RuntimeError):  # its loop is closed
                waiter.get_loop().call_soon_threadsafe(_fail, waiter, error)

    def _hand_over(self) -> None:
        with self._lock:
            while self._free and self._waiters:
                waiter = self._waiters.popleft()
                self._granted[waiter] = self._free.popleft()
                try:
                    waiter.get_loop().call_soon_threadsafe(self._grant, waiter)
                except RuntimeError:  # its loop is closed
                    self._free.append(self._granted.pop(waiter))

    def _grant(self, waiter: asyncio.Future[None]) -> None:
        if waiter.done():
            self._give_on(waiter)
        else:
            waiter.set_result(None)

    def _give_on(self, waiter: asyncio.Future[None]) -> None:
        slot = self._granted.pop(waiter, None)
        if slot is not None:
            self.give(slot)

    def _take_back(self) -> None:
        """Give on what was granted to waiters whose loops were closed before they could hear of it."""
        for waiter in list(self._granted):
            if waiter.get_loop().is_closed():
                self._give_on(waiter)


def _fail(waiter: asyncio.Future[None], error: Exception) -> None:
    if not waiter.done():
        waiter.set_exception(error)
