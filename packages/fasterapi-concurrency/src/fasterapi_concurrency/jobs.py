"""One call on its way through a pool, and the ports at which its outcome arrives.

Knows: futures of both kinds, event loops, bells. Does not know: interpreters, processes, pickles.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

from fasterapi_concurrency.transfer import Definition, Packed
from fasterapi_concurrency.wakeup import Bell

Reply = tuple[int, int, int, Any]  # the job's number, the worker's uid, kind and data of the outcome


class ReplyQueue(Protocol):
    """Where workers put replies; `number` is how they name it."""

    number: int

    def put(self, item: Reply, /) -> object: ...
    def get(self) -> Reply: ...
    def count(self) -> int: ...
    def close(self) -> None: ...


class Job:
    """A call and everything needed to send it, again if a worker turns out not to know a definition."""

    __slots__ = (
        "args", "definition", "fn", "future", "is_answered", "is_unwanted", "kwargs", "number", "packed", "port",
        "sends_blob", "slot", "unproven",
    )  # fmt: skip

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.is_unwanted = False  # its caller was cancelled
        self.is_answered = False  # it is off the pool's list
        self.number = self.slot = 0
        self.definition: Definition
        self.packed: Packed
        self.sends_blob = True
        self.unproven: tuple[str, ...] = ()  # packages that a worker would import
        self.port: Port
        self.future: asyncio.Future[Any] | concurrent.futures.Future[Any]

    def forget_arguments(self) -> None:
        """Let go of what was sent: a future that is kept for its result shall not keep that alive.

        Nor shall a garbage cycle hold memoryviews of each other: collecting one crashes CPython 3.11 and 3.12.
        """
        self.args = ()
        self.kwargs = {}
        self.packed = _NOTHING


_NOTHING: Final = Packed(b"")


class Port:
    """A reply queue with a bell; `take` reads what has arrived, in any thread that holds `lock`."""

    loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, queue: ReplyQueue, bell: Bell) -> None:
        self.queue = queue
        self.bell = bell
        self.ring_fd = bell.token[1]
        self.is_closed = False
        self.will_ring = False  # its loop will wake workers at the end of this turn
        self.lock = threading.Lock()

    def take(self) -> list[Reply]:
        if self.is_closed:
            return []
        return [self.queue.get() for _ in range(self.queue.count())]

    def settle(self, future: Any, value: Any, error: BaseException | None) -> None:
        """Complete `future`, from any thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Read no more; no worker is left that could reply."""
        with self.lock:
            self.is_closed = True
            self.queue.close()


class LoopPort(Port):
    """Replies for the futures of one event loop, read by the loop itself."""

    def __init__(
        self, queue: ReplyQueue, loop: asyncio.AbstractEventLoop, arrived: Callable[[Port], None]
    ) -> None:
        super().__init__(queue, Bell())
        self.loop = loop
        self._arrived = arrived
        loop.add_reader(self.bell.fileno(), self._read)  # NotImplementedError where loops cannot

    def _read(self) -> None:
        self.bell.drain()
        self._arrived(self)

    def settle(self, future: Any, value: Any, error: BaseException | None) -> None:
        """Called by the loop's thread, or by the thread of an ending worker."""
        try:
            is_here = asyncio.get_running_loop() is self.loop
        except RuntimeError:
            is_here = False
        if is_here:
            _settle(future, value, error)
        elif self.loop is not None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                self.loop.call_soon_threadsafe(_settle, future, value, error)

    def close(self) -> None:
        """Also stop watching, on the loop's own thread; the bell closes with the last reference to it."""
        super().close()
        if self.loop is not None:
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self.loop.remove_reader, self.bell.fileno())


class ThreadPort(Port):
    """Replies for `concurrent.futures` futures and for loops that watch no descriptors, read by a thread."""

    def __init__(self, queue: ReplyQueue, arrived: Callable[[Port], None], name: str) -> None:
        super().__init__(queue, Bell(blocks=True))
        self._arrived = arrived
        self._thread = threading.Thread(target=self._read, name=f"{name}-replies", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self.is_closed:
            self.bell.drain()
            self._arrived(self)

    def settle(self, future: Any, value: Any, error: BaseException | None) -> None:
        if isinstance(future, asyncio.Future):
            with suppress(RuntimeError):
                future.get_loop().call_soon_threadsafe(_settle, future, value, error)
        else:
            _settle(future, value, error)

    def close(self) -> None:
        super().close()
        self.bell.ring()

    def join(self) -> None:
        """Wait for the thread, without any lock: it may be settling a future, which runs the user's callbacks."""
        if self._thread is not threading.current_thread():
            self._thread.join()


def _settle(future: Any, value: Any, error: BaseException | None) -> None:
    if isinstance(future, concurrent.futures.Future):
        if not future.set_running_or_notify_cancel():
            return
    elif future.done():
        return
    if error is None:
        future.set_result(value)
    elif isinstance(error, StopIteration) and isinstance(future, asyncio.Future):  # asyncio refuses it
        stopped = RuntimeError("a job raised StopIteration")
        stopped.__cause__ = error
        future.set_exception(stopped)
    else:
        future.set_exception(error)
