"""A bounded pool of workers behind `run`, `submit` and `map`.

Knows: jobs from the call to the outcome. Does not know: how workers are made or reached (a `Crew`), how things
are pickled (a `Shipper`), what becomes of workers that die, fork or shut down (`foreman`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
from asyncio import CancelledError, get_running_loop
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Any, Literal, ParamSpec, Self, TypeVar

from fasterapi_concurrency import remote
from fasterapi_concurrency.errors import JobTimeoutError, QueueFullError
from fasterapi_concurrency.foreman import Foreman
from fasterapi_concurrency.jobs import Job
from fasterapi_concurrency.lifecycle import Lifecycle
from fasterapi_concurrency.threads import run_teardown_in_threadpool
from fasterapi_concurrency.transfer import describe

P = ParamSpec("P")
T = TypeVar("T")


class PoolFuture(concurrent.futures.Future[T]):
    """The future of a job: unlike those of `concurrent.futures`, it can be cancelled while the job runs."""

    def __init__(self, foreman: Foreman, job: Job) -> None:
        super().__init__()
        self._foreman = foreman
        self._job = job

    def cancel(self) -> bool:
        """Drop the job if it waits, interrupt it if it runs; false if it is done."""
        if not super().cancel():
            return False
        self._foreman.drop(self._job)
        return True

    def running(self) -> bool:
        """Whether a worker has taken the job."""
        return not self.done() and self._foreman.is_taken(self._job)


class WorkerPool(Lifecycle, concurrent.futures.Executor):
    """What pools of all kinds of workers have in common; use `SubInterpreterPool` or `ProcessPool`."""

    async def run(
        self,
        fn: Callable[..., T],
        /,
        *args: Any,
        timeout: float | None = None,  # noqa: ASYNC109 - part of the contract: a late job is dropped
        **kwargs: Any,
    ) -> T:
        """Call `fn(*args, **kwargs)` in a worker and wait for the result.

        While `max_queue` jobs wait, this waits for its turn. After `timeout` seconds, waiting included, it raises
        `JobTimeoutError`. A caller that is cancelled or times out drops its job: if it waits it never runs, if it
        runs it is interrupted at its next bytecode (a call into C that does not return cannot be interrupted; its
        worker is replaced, and the call runs on alone). Use `functools.partial` for an `fn` with its own `timeout`.

        Raises `NotTransferableError` before anything is queued if `fn` or an argument cannot cross, and whatever
        `fn` raises, with the worker's traceback as its cause.
        """
        if timeout is not None:
            return await self._run_until(timeout, fn, args, kwargs)
        job = self.prepare(fn, args, kwargs)
        if job.unproven:
            await self._prove(job)
        loop = get_running_loop()
        slot = self.take_slot()
        if slot is None:
            slot = await self.slots.take()
        job.future = future = loop.create_future()
        self.dispatch(job, slot, loop)
        try:
            return await future  # type: ignore[no-any-return] # the outcome of `fn`
        except CancelledError:
            if future.cancelled():
                self.drop(job)
            raise

    async def _run_until(
        self, seconds: float, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> T:
        try:
            async with asyncio.timeout(seconds) as scope:
                return await self.run(fn, *args, **kwargs)
        except TimeoutError:
            if not scope.expired():
                raise
            raise JobTimeoutError(f"{describe(fn)} did not finish within {seconds:g} s") from None

    async def _prove(self, job: Job) -> None:
        for module in job.unproven:
            if module not in self.shipper.verdicts:
                self.shipper.verdicts[module] = await self.run(remote.probe, module)
            self.judge(job, module)

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> concurrent.futures.Future[T]:
        """Queue a call and return its future, from any thread.

        Raises `QueueFullError` instead of waiting, and `NotTransferableError` as `run` does. The first time that a
        function refers to an installed package, a worker is asked whether it can import it, and waited for.
        """
        job = self.prepare(fn, args, kwargs)
        for module in job.unproven:
            if module not in self.shipper.verdicts:
                self.shipper.verdicts[module] = self.wait_for(self.submit(remote.probe, module))
            self.judge(job, module)
        slot = self.take_slot()
        if slot is None:
            raise QueueFullError(
                f"{self.max_queue} jobs wait already\n  fix: wait for some, use `run`, or raise max_queue"
            )
        future = job.future = PoolFuture[T](self, job)
        self.dispatch(job, slot, None)
        return future

    def map(
        self,
        fn: Callable[..., T],
        /,
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,  # noqa: ARG002 - as for a ThreadPoolExecutor, it has no effect
        buffersize: int | None = None,
    ) -> Iterator[T]:
        """Yield the results of `fn` in the order of the arguments, as `concurrent.futures.Executor.map` does.

        At most `buffersize` calls (by default as many as the pool may hold) are under way or not yet collected,
        so `iterables` may be endless. Leaving the iterator early cancels the calls that are under way.
        """
        rows = zip(*iterables, strict=False)
        limit = buffersize or self.max_workers + self.max_queue
        futures: deque[concurrent.futures.Future[T]] = deque()
        deadline = None if timeout is None else self.now() + timeout

        def fill() -> None:
            for row in rows:
                while True:
                    try:
                        futures.append(self.submit(fn, *row))
                        break
                    except QueueFullError:
                        if not futures:
                            raise
                        concurrent.futures.wait([futures[-1]])
                if len(futures) >= limit:
                    return

        def results() -> Iterator[T]:
            try:
                while futures:
                    left = None if deadline is None else max(0.0, deadline - self.now())
                    result = futures[0].result(left)
                    futures.popleft()
                    fill()
                    yield result
            finally:
                for future in futures:
                    future.cancel()

        fill()
        return results()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; finish those that wait (or cancel them) and end the workers.

        With `wait` it returns when threads, interpreters and descriptors are gone. A worker that is lost in an
        uninterruptible call is not waited for.
        """
        self.close(wait=wait, cancel_queued=cancel_futures)

    async def aclose(self, *, cancel_futures: bool = False) -> None:
        """`shutdown` without blocking the event loop."""
        await run_teardown_in_threadpool(self.shutdown, cancel_futures=cancel_futures)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        await self.aclose(cancel_futures=error is not None)
        return False
