"""A value that is fetched, kept for a while, and fetched again.

Knows: lifetimes, one fetch in flight, failures. Does not know: what is fetched, and how.
Invariant: whatever is asked and however often, a fetch begins at most once per `interval`; one that fails leaves
the value that was there.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")

logger = logging.getLogger("fasterapi.security")


class Unavailable(Exception):  # noqa: N818 - a state of something else, as `http.HTTPStatus` calls it
    """What was to be fetched could not be, and there is no older value."""


class Refreshed(Generic[T]):
    """The value that `load` gives: for `lifetime` seconds, and longer while loading fails.

    >>> async def load() -> str:
    ...     return "value"
    >>> asyncio.run(Refreshed(load, lifetime=300, interval=10).get())
    'value'
    """

    def __init__(
        self,
        load: Callable[[], Awaitable[T]],
        *,
        lifetime: float,
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._lifetime = lifetime
        self._interval = interval
        self._clock = clock
        self._value: T | None = None
        self._loaded_at = 0.0
        self._tried_at: float | None = None
        self._task: asyncio.Task[None] | None = None

    async def get(self) -> T:
        """The value, fetched if it is too old. Raises `Unavailable` if there never was one."""
        if self._value is not None and self._clock() - self._loaded_at < self._lifetime:
            return self._value
        return await self.reload()

    async def reload(self) -> T:
        """The value, fetched again, unless somebody did so within `interval`. Raises `Unavailable`."""
        task = self._task
        # A task of another loop, as tests have them, can be awaited by nobody here.
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            now = self._clock()
            if self._tried_at is not None and now - self._tried_at < self._interval:
                return self._kept()
            self._tried_at = now
            task = self._task = asyncio.create_task(self._try())
        # Many requests wait for one fetch: none of them may take it with it when its client leaves.
        await asyncio.shield(task)
        return self._kept()

    async def _try(self) -> None:
        try:
            self._value = await self._load()
        except Exception:
            logger.exception("fetching failed; %s", "the old value stays" if self._value else "there is none")
        else:
            self._loaded_at = self._clock()

    def _kept(self) -> T:
        if self._value is None:
            raise Unavailable
        return self._value
