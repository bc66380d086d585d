"""Work that is done after the response was sent.

Knows: functions and their arguments. Does not know: requests, responses.
Invariant: a failing task is logged and keeps neither the next one nor the connection from going on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, ParamSpec

from fasterapi.concurrency import is_coroutine, run_in_threadpool

P = ParamSpec("P")

logger = logging.getLogger("fasterapi")


class BackgroundTask:
    """One call to make later: a coroutine function on the event loop, any other in a worker thread.

    >>> import asyncio
    >>> asyncio.run(BackgroundTask(print, "sent")())
    sent
    """

    def __init__(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        self.func = func
        self.args: tuple[Any, ...] = args
        self.kwargs: dict[str, Any] = kwargs
        self.is_async = is_coroutine(func)

    async def __call__(self) -> None:
        """Make the call. An exception is logged (logger `fasterapi`), with its traceback, and not raised.

        A call that is cancelled, as by a server that waits no longer for its end, is logged too.
        """
        try:
            if self.is_async:
                await self.func(*self.args, **self.kwargs)
            else:
                await run_in_threadpool(self.func, *self.args, **self.kwargs)
        except asyncio.CancelledError:
            logger.warning("background task %s was cancelled", self._name)
            raise
        except Exception:
            logger.exception("background task %s failed", self._name)

    @property
    def _name(self) -> Any:
        return getattr(self.func, "__qualname__", self.func)

    async def run(self) -> None:
        """The same as calling the task."""
        await self()


class BackgroundTasks(BackgroundTask):
    r"""Calls to make later, one after the other, in the order in which they were added.

    >>> import asyncio
    >>> tasks = BackgroundTasks()
    >>> tasks.add_task(print, "first")
    >>> tasks.add_task(print, "second", end="!\n")
    >>> asyncio.run(tasks())
    first
    second!
    """

    def __init__(self, tasks: Sequence[BackgroundTask] | None = None) -> None:
        self.tasks = list(tasks or ())

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add one more call."""
        self.tasks.append(BackgroundTask(func, *args, **kwargs))

    async def __call__(self) -> None:
        """Make the calls; those that are added meanwhile as well."""
        ended = 0
        try:
            for task in self.tasks:
                await task()
                ended += 1
        except asyncio.CancelledError:
            for task in self.tasks[ended + 1 :]:
                logger.warning("background task %s was not begun", getattr(task, "_name", task))
            raise

    @property
    def _name(self) -> Any:
        return [getattr(task, "_name", task) for task in self.tasks]
