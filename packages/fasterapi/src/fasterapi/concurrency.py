"""Off the event loop: threads, processes and sub-interpreters, under FastAPI's and Starlette's names.

Knows: which pool a name means. Does not know: how the pools work (`fasterapi_concurrency`).
"""

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def is_coroutine(func: Callable[..., Any]) -> bool:
    """Whether calling `func` gives a coroutine: functions, methods, partials, objects with `async __call__`.

    >>> async def handler(): ...
    >>> is_coroutine(functools.partial(handler)), is_coroutine(print)
    (True, False)
    """
    while isinstance(func, functools.partial):
        func = func.func
    return inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(getattr(func, "__call__", None))  # noqa: B004 - its kind matters


async def run_in_threadpool(func: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call `func` in a worker thread."""
    return await asyncio.to_thread(func, *args, **kwargs)


_END: Any = object()


async def iterate_in_threadpool(iterator: Iterable[T]) -> AsyncIterator[T]:
    """Iterate in a worker thread, one item per hop."""
    steps = iter(iterator)
    while (item := await run_in_threadpool(next, steps, _END)) is not _END:
        yield item
