"""How many calls of one declaration may run at a time.

Knows: event loops and threads, each with its own kind of semaphore. Does not know: dependencies, plans. A
semaphore of asyncio belongs to one loop, so there is one per loop; without a loop there is one for all
threads.
"""

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio


class Limit:
    """Admit at most `maximum` holders at a time: `with limit.in_thread():`, `async with limit.in_loop():`.

    >>> limit = Limit(1)
    >>> with limit.in_thread():
    ...     print("inside")
    inside
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self._lock = threading.Lock()
        self._threads = threading.Semaphore(maximum)
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()

    def in_thread(self) -> AbstractContextManager[object]:
        """Return the context manager for code that runs without an event loop."""
        return self._threads

    def in_loop(self) -> AbstractAsyncContextManager[object]:
        """Return the context manager for code that runs in the current event loop."""
        import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

        loop = asyncio.get_running_loop()
        with self._lock:
            semaphore = self._loops.get(loop)
            if semaphore is None:
                semaphore = self._loops[loop] = asyncio.Semaphore(self.maximum)
        return semaphore

    def hold_in_thread(self) -> Generator[None]:
        """Be a generator dependency that holds one place until it is left."""
        with self.in_thread():
            yield

    async def hold_in_loop(self) -> AsyncGenerator[None]:
        """Be an async generator dependency that holds one place until it is left."""
        async with self.in_loop():
            yield
