"""The ports of a pool, at which outcomes arrive: one for each event loop, one for all threads.

Knows: futures of both kinds, event loops, bells. Does not know: interpreters, processes, pickles.
A worker rings a bell by the number of its descriptor, and may do so after the reply was read. So bells and queues are
never closed while workers live: those of closed loops wait for the next loop, to which a late ring does no harm.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fasterapi_concurrency.jobs import Reply, ReplyQueue
from fasterapi_concurrency.wakeup import Bell


class Line:
    """A reply queue with its bell, which serves one port after another."""

    def __init__(self, queue: ReplyQueue, bell: Bell) -> None:
        self.queue = queue
        self.bell = bell
        self.is_closed = False
        self.lock = threading.RLock()  # whoever reads, or closes, holds it

    def close(self) -> None:
        """No worker is left that could reply. The bell closes with the last reference to it."""
        with self.lock:
            if not self.is_closed:
                self.is_closed = True
                self.queue.close()


class Port:
    """Where replies arrive; `take` reads them, in any thread that holds `lock`."""

    loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, line: Line, arrived: Callable[[Port], None]) -> None:
        self.line = line
        self.queue = line.queue
        self.ring_fd = line.bell.token[1]
        self.lock = line.lock
        self.will_ring = False  # its loop will wake workers at the end of this turn
        self._arrived = arrived

    def take(self) -> list[Reply]:
        if self.line.is_closed:
            return []
        return [self.queue.get() for _ in range(self.queue.count())]

    def settle(self, future: Any, value: Any, error: BaseException | None) -> None:
        """Complete `future`, from any thread."""
        raise NotImplementedError

    def close(self) -> None:
        """Read no more; no worker is left that could reply."""
        self.line.close()


class LoopPort(Port):
    """Replies for the futures of one event loop, read by the loop itself."""

    def __init__(
        self,
        line: Line,
        loop: asyncio.AbstractEventLoop,
        arrived: Callable[[Port], None],
        orphaned: Callable[[Port, asyncio.AbstractEventLoop], None],
    ) -> None:
        super().__init__(line, arrived)
        self.loop = loop
        watch = _Watch(self)
        loop.add_reader(line.bell.fileno(), watch)  # NotImplementedError where loops cannot
        self._watch = weakref.ref(watch, lambda _: orphaned(self, loop))

    def read(self) -> None:
        self.line.bell.drain()
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
            try:
                self.loop.call_soon_threadsafe(_settle, future, value, error)
            except RuntimeError:  # the loop is closed: only `read_on` may want to know
                self.line.bell.ring()

    def read_on(self, is_done: Callable[[], bool]) -> None:
        """Read in this thread what comes after the loop was closed, until `is_done`."""
        os.set_blocking(self.line.bell.fileno(), True)
        while not self.line.is_closed and not is_done():
            self.read()
        os.set_blocking(self.line.bell.fileno(), False)

    def close(self) -> None:
        """Also stop watching, on the loop's own thread."""
        super().close()
        if self.loop is not None:
            try:
                self.loop.call_soon_threadsafe(self.loop.remove_reader, self.line.bell.fileno())
            except RuntimeError:  # closed: `read_on` shall end
                self.line.bell.ring()


class _Watch:
    """What a loop calls for its port. Nobody else refers to it, so it goes when the loop is closed."""

    __slots__ = ("__weakref__", "_port")

    def __init__(self, port: LoopPort) -> None:
        self._port = port

    def __call__(self) -> None:
        self._port.read()


class ThreadPort(Port):
    """Replies for `concurrent.futures` futures and for loops that watch no descriptors, read by a thread."""

    def __init__(self, line: Line, arrived: Callable[[Port], None], name: str) -> None:
        super().__init__(line, arrived)
        self._thread = threading.Thread(target=self._read, name=f"{name}-replies", daemon=True)
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether this thread is the one that reads."""
        return self._thread is threading.current_thread()

    def _read(self) -> None:
        while not self.line.is_closed:
            self.read()

    def read(self) -> None:
        """Wait for replies, and read them."""
        self.line.bell.drain()
        try:
            self._arrived(self)
        except BaseException:  # such as `sys.exit()` in a callback: others wait for their replies
            threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))

    def settle(self, future: Any, value: Any, error: BaseException | None) -> None:
        if isinstance(future, asyncio.Future):
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                future.get_loop().call_soon_threadsafe(_settle, future, value, error)
        else:
            _settle(future, value, error)

    def close(self) -> None:
        super().close()
        self.line.bell.ring()

    def join(self) -> None:
        """Wait for the thread, without any lock: it may be settling a future, which runs the user's callbacks."""
        if not self.is_here:
            self._thread.join()


class Ports:
    """All ports of one pool, opened as they are needed."""

    def __init__(
        self,
        make_queue: Callable[[], ReplyQueue],
        arrived: Callable[[Port], None],
        has_jobs: Callable[[Port], bool],
        name: str,
    ) -> None:
        self._make_queue = make_queue
        self._arrived = arrived
        self._has_jobs = has_jobs
        self._name = name
        self._of_loops: dict[asyncio.AbstractEventLoop, Port] = {}
        self._lines: list[Line] = []
        self._spare: list[Line] = []
        self.of_threads: ThreadPort | None = None

    def of(self, loop: asyncio.AbstractEventLoop | None) -> Port:
        """The port for futures of `loop`, or for those of threads; called under the pool's lock."""
        port = self._of_loops.get(loop) if loop is not None else self.of_threads
        return port or (self._open_for_threads() if loop is None else self._open_for(loop))

    def _open_for_threads(self) -> ThreadPort:
        line = self._new_line(Bell(blocks=True))
        self.of_threads = ThreadPort(line, self._arrived, self._name)
        return self.of_threads

    def _new_line(self, bell: Bell) -> Line:
        line = Line(self._make_queue(), bell)
        self._lines.append(line)
        return line

    def _open_for(self, loop: asyncio.AbstractEventLoop) -> Port:
        for other, port in list(self._of_loops.items()):
            if other.is_closed():
                self._orphaned(port, other)
        line = self._spare.pop() if self._spare else self._new_line(Bell())
        try:
            opened: Port = LoopPort(line, loop, self._arrived, self._orphaned)
        except NotImplementedError:  # the loop watches no descriptors
            self._spare.append(line)
            opened = self.of(None)
        self._of_loops[loop] = opened
        return opened

    def _orphaned(self, port: Port, loop: asyncio.AbstractEventLoop) -> None:
        """The loop was closed. Its jobs keep their slots until somebody has read their replies."""
        if self._of_loops.pop(loop, None) is None or not isinstance(port, LoopPort):
            return
        if self._has_jobs(port):
            name = f"{self._name}-rest"
            threading.Thread(target=self._read_on, args=(port,), name=name, daemon=True).start()
        else:
            self._spare.append(port.line)

    def _read_on(self, port: LoopPort) -> None:
        port.read_on(lambda: not self._has_jobs(port))
        self._spare.append(port.line)

    def all(self) -> list[Port]:
        """Those that somebody reads, each once; from any thread."""
        ports = {id(port): port for port in list(self._of_loops.values())}
        if self.of_threads is not None:
            ports[id(self.of_threads)] = self.of_threads
        return list(ports.values())

    def close(self) -> None:
        """No worker is left, and no job."""
        ports = self.all()
        self._of_loops.clear()
        self.of_threads = None
        for port in ports:
            port.close()
        lines, self._lines, self._spare = self._lines, [], []
        for line in lines:
            line.close()


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
