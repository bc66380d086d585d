"""One event loop in one thread, for callers that have none.

Knows: threads and asyncio. Does not know: ASGI, HTTP.
Invariant: the loop is started by the first call, and all of its tasks end before `stop` returns.
"""

import asyncio
import inspect
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar, overload

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread of its own.

    Calls see a copy of their caller's context variables.

    >>> import asyncio
    >>> loop = LoopThread()
    >>> loop.call(asyncio.sleep, 0, "slept")
    'slept'
    >>> loop.stop()
    """

    def __init__(
        self,
        loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None,
        debug: bool | None = None,
    ) -> None:
        self._loop_factory = loop_factory
        self._debug = debug
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None

    @overload
    def call(self, function: Callable[..., Coroutine[Any, Any, T]], *args: object) -> T: ...
    @overload
    def call(self, function: Callable[..., T], *args: object) -> T: ...
    def call(self, function: Callable[..., Any], *args: object) -> Any:
        """Run `function(*args)` in the loop, wait for it, return its result or raise its exception."""
        future = self.start_task_soon(function, *args)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # the wait was interrupted (Ctrl-C): leave nothing running
            raise

    def start_task_soon(self, function: Callable[..., Any], *args: object) -> "Future[Any]":
        """Run `function(*args)` in the loop without waiting for it."""
        if threading.current_thread() is self._thread:
            raise RuntimeError(
                "TestClient was called in the event loop that runs its application: it would wait forever.\n"
                "  fix: use AsyncTestClient inside the application"
            )
        loop = self._started()
        return asyncio.run_coroutine_threadsafe(_invoke(function, args), loop)

    def stop(self) -> None:
        """Cancel what still runs, close the loop, end the thread. A later call starts a new one."""
        with self._lock:
            thread, loop, stopping = self._thread, self._loop, self._stopping
            self._thread = self._loop = self._stopping = None
        if thread is None or loop is None or stopping is None:
            return
        loop.call_soon_threadsafe(stopping.set)
        if thread is not threading.current_thread():  # the garbage collector may call from the loop itself
            thread.join()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                running: Future[None] = Future()
                self._thread = threading.Thread(
                    target=self._run, args=(running,), name="fasterapi-testclient", daemon=True
                )
                self._thread.start()
                running.result()
            assert self._loop is not None
            return self._loop

    def _run(self, running: "Future[None]") -> None:
        async def serve() -> None:
            stopping = self._stopping = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            running.set_result(None)
            await stopping.wait()

        try:
            with asyncio.Runner(loop_factory=self._loop_factory, debug=self._debug) as runner:
                runner.run(serve())
        except BaseException as error:
            if running.done():
                raise
            running.set_exception(error)  # the loop could not be made: tell the caller who waits for it


async def _invoke(function: Callable[..., Any], args: tuple[object, ...]) -> Any:
    result = function(*args)
    return await result if inspect.isawaitable(result) else result
