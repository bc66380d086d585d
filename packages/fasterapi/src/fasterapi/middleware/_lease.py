"""A claim on a key of a store, which is renewed for as long as its holder is at work.

Knows: a store, the timers of the event loop. Does not know: what is claimed, what comes after.
Invariant: once `end` has returned, nothing is written any more; and a claim that somebody else has by now stays theirs.
"""

import asyncio
import logging

from fasterapi.stores import Store

__all__ = ["Lease"]

_log = logging.getLogger("fasterapi")

# It is renewed after this part of its time, so that two renewals may fail before it is lost.
_PART = 1 / 4


class Lease:
    """Keeps `value` under `name` for `seconds`, again and again until `end()`.

    A holder that is killed loses it after `seconds`, and so does one whose event loop or store is held up for as long.
    """

    def __init__(self, store: Store, name: str, value: bytes, seconds: float) -> None:
        self._store = store
        self._name = name
        self._value = value
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._renewal: asyncio.Task[None] | None = None

    async def take(self) -> bool:
        """Whether nobody else has it, so that it is the caller's now."""
        if not await self._store.add(self._name, self._value, self._seconds):
            return False
        self._wait()
        return True

    async def end(self) -> None:
        """Renew it no more. A renewal under way is waited for, as it may be in the store already."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._renewal is not None:
            await asyncio.wait([self._renewal])

    async def release(self) -> None:
        """End it, and forget it unless it is somebody else's by now."""
        await self.end()
        if await self._store.get(self._name) == self._value:
            await self._store.delete(self._name)

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds * _PART, self._begin)

    def _begin(self) -> None:
        self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        try:
            is_held = await self._store.get(self._name) == self._value
            if is_held:
                await self._store.set(self._name, self._value, self._seconds)
        except Exception:
            _log.warning("a claim could not be renewed; it is tried again", exc_info=True)
            is_held = True
        if is_held and self._timer is not None:
            self._wait()
