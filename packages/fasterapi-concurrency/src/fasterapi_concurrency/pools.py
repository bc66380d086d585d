"""The pools that users make, and the ones behind the module's functions.

Knows: which workers this Python offers. Does not know: how any of them works.
"""

from __future__ import annotations

import functools
import platform
import sys
import threading
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

from fasterapi_concurrency import interpreters
from fasterapi_concurrency.crew import Backend, Crew
from fasterapi_concurrency.interpreter_crew import InterpreterCrew
from fasterapi_concurrency.jobs import ReplyQueue
from fasterapi_concurrency.pool import WorkerPool
from fasterapi_concurrency.process_crew import ProcessCrew, ReplyList
from fasterapi_concurrency.transfer import Shipper

P = ParamSpec("P")
T = TypeVar("T")

# One each for all pools: what a function looks like when it is sent does not depend on the pool.
_TO_INTERPRETERS: Final = Shipper("a sub-interpreter", by_name=False)
_TO_PROCESSES: Final = Shipper("a worker process", by_name=True)


class ProcessPool(WorkerPool):
    """Workers that are processes of their own: everything that can be pickled, and any package, runs there.

    A worker is a fresh Python that shares nothing with this process, so it needs no guard around the main module.
    A running job that is cancelled is killed with its process, which a new one replaces.

    >>> with ProcessPool(1) as pool:
    ...     pool.submit(pow, 2, 10).result()
    1024
    """

    @property
    def backend(self) -> Backend:
        return Backend("processes", "asked for by ProcessPool")

    def _make_crew(self, slots: int) -> Crew:
        return ProcessCrew(self.max_workers, slots, self, self.name)

    def _make_replies(self) -> ReplyQueue:
        return ReplyList()

    def _make_shipper(self) -> Shipper:
        return _TO_PROCESSES


class SubInterpreterPool(WorkerPool):
    """Workers that are interpreters of this process, each with its own GIL: parallel Python without copies.

    On Python 3.11 and 3.12, which have no usable sub-interpreters, workers are processes instead; `backend` says
    so. On 3.13 and later there is no other way than interpreters: what cannot run in one is an error that names
    the culprit.

    `max_workers` defaults to the CPUs that this process may use. `max_queue` jobs may wait: then `run` waits and
    `submit` raises `QueueFullError`. `start="eager"` starts all workers at once instead of with the first jobs.

    >>> with SubInterpreterPool(1) as pool:
    ...     list(pool.map(lambda n: n * n, range(4)))
    [0, 1, 4, 9]
    """

    @property
    def backend(self) -> Backend:
        if sys.version_info < (3, 13):
            python = platform.python_version()
            return Backend("processes", f"Python {python} has no usable sub-interpreters; 3.13 has")
        return Backend("interpreters", interpreters.check())

    def _make_crew(self, slots: int) -> Crew:
        if sys.version_info < (3, 13):
            return ProcessCrew(self.max_workers, slots, self, self.name)
        interpreters.check()
        return InterpreterCrew(self.max_workers, slots, self, self.name)

    def _make_replies(self) -> ReplyQueue:
        return ReplyList() if sys.version_info < (3, 13) else interpreters.CrossQueue()

    def _make_shipper(self) -> Shipper:
        if sys.version_info < (3, 13):
            return _TO_PROCESSES
        return _TO_INTERPRETERS


_making = threading.Lock()  # a function's cache alone would let two threads make two pools


def default_interpreters() -> SubInterpreterPool:
    """The pool behind `run_in_subinterpreter`, made at its first use and closed at interpreter exit."""
    with _making:
        return _default_interpreters()


def default_processes() -> ProcessPool:
    """The pool behind `run_in_process`, made at its first use and closed at interpreter exit."""
    with _making:
        return _default_processes()


@functools.cache
def _default_interpreters() -> SubInterpreterPool:
    return SubInterpreterPool(name="fasterapi-default")


@functools.cache
def _default_processes() -> ProcessPool:
    return ProcessPool(name="fasterapi-default-processes")


async def run_in_subinterpreter(
    fn: Callable[..., T],
    /,
    *args: Any,
    timeout: float | None = None,  # noqa: ASYNC109 - part of the contract: a late job is dropped
    **kwargs: Any,
) -> T:
    """Call `fn` in a worker interpreter of a pool that all callers share; see `SubInterpreterPool.run`.

    >>> import asyncio
    >>> asyncio.run(run_in_subinterpreter(sum, range(10)))
    45
    """
    return await default_interpreters().run(fn, *args, timeout=timeout, **kwargs)


async def run_in_process(
    fn: Callable[..., T],
    /,
    *args: Any,
    timeout: float | None = None,  # noqa: ASYNC109 - part of the contract: a late job is dropped
    **kwargs: Any,
) -> T:
    """Call `fn` in a worker process of a pool that all callers share; see `ProcessPool.run`.

    >>> import asyncio
    >>> asyncio.run(run_in_process(divmod, 7, 2))
    (3, 1)
    """
    return await default_processes().run(fn, *args, timeout=timeout, **kwargs)
