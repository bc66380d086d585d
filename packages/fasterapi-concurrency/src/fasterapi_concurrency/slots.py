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
        self._waiters: deque[asyncio.Future[int]] = deque()
        self._lock = (
            threading.Lock()
        )  # looking and taking is one step; nothing is called inside that takes it too

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        return len(self._waiters)

    def try_take(self) -> int | None:
        """A free slot, or `None`; those who wait go first."""
        with self._lock:
            return self._free.popleft() if self._free and not self._waiters else None

    async def take(self) -> int:
        """A slot as soon as there is one, in order of arrival."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[int] = loop.create_future()
        self._waiters.append(waiter)
        self._hand_over()  # one may have been given back since the caller looked
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.give(waiter.result())
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
                slot = self._free.popleft()
                try:
                    waiter.get_loop().call_soon_threadsafe(self._grant, waiter, slot)
                except RuntimeError:  # its loop is closed
                    self._free.append(slot)

    def _grant(self, waiter: asyncio.Future[int], slot: int) -> None:
        if waiter.done():
            self.give(slot)
        else:
            waiter.set_result(slot)


def _fail(waiter: asyncio.Future[int], error: Exception) -> None:
    if not waiter.done():
        waiter.set_exception(error)
