"""Off the event loop: threads, processes and sub-interpreters, under FastAPI's and Starlette's names.

Knows: which pool a name means. Does not know: how the pools work (`fasterapi_concurrency`).
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from fasterapi._lazy import lazy_names
from fasterapi_concurrency import (
    current_default_thread_limiter,
    iterate_in_threadpool,
    run_in_threadpool,
    run_teardown_in_threadpool,
)

_POOLS = ("SubInterpreterPool", "run_in_process", "run_in_subinterpreter")
if TYPE_CHECKING:
    from fasterapi_concurrency import SubInterpreterPool, run_in_process, run_in_subinterpreter
else:
    __getattr__, __dir__ = lazy_names(__name__, {"fasterapi_concurrency": _POOLS})

__all__ = [
    "SubInterpreterPool",
    "asynccontextmanager",
    "contextmanager_in_threadpool",
    "current_default_thread_limiter",
    "install_event_loop",
    "is_coroutine",
    "iterate_in_threadpool",
    "run_in_executor",
    "run_in_process",
    "run_in_subinterpreter",
    "run_in_threadpool",
    "run_teardown_in_threadpool",
    "run_until_first_complete",
]

T = TypeVar("T")


def is_coroutine(func: Callable[..., Any]) -> bool:
    """Whether calling `func` gives a coroutine: functions, methods, partials, objects with `async __call__`.

    >>> async def handler(): ...
    >>> is_coroutine(functools.partial(handler)), is_coroutine(print)
    (True, False)
    """
    while isinstance(func, functools.partial):
        func = func.func
    if inspect.iscoroutinefunction(func):
        return True
    return not inspect.isclass(func) and inspect.iscoroutinefunction(getattr(type(func), "__call__", None))  # noqa: B004 - its kind matters


@asynccontextmanager
async def contextmanager_in_threadpool(cm: AbstractContextManager[T]) -> AsyncGenerator[T, None]:
    """Enter and leave `cm` in worker threads.

    Whoever is cancelled while entering waits for it, so that what was entered is left. Leaving has threads of
    its own: a pool that waits for a connection to be given back must not keep it from being given back.
    """
    entered = False

    def enter() -> T:
        nonlocal entered
        value = cm.__enter__()
        entered = True
        return value

    try:
        value = await current_default_thread_limiter().run_to_completion(enter)
    except asyncio.CancelledError as error:
        if entered:
            await run_teardown_in_threadpool(cm.__exit__, type(error), error, error.__traceback__)
        raise
    try:
        yield value
    except BaseException as error:
        if not await run_teardown_in_threadpool(cm.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await run_teardown_in_threadpool(cm.__exit__, None, None, None)


async def run_in_executor(func: Callable[..., T], *args: Any) -> T:
    """Call `func` in a process of its own; `run_in_process` under its older name, for positional arguments."""
    from fasterapi_concurrency import run_in_process  # noqa: PLC0415 - pools are rarely used

    return await run_in_process(func, *args)


async def run_until_first_complete(*args: tuple[Callable[..., Awaitable[Any]], Mapping[str, Any]]) -> None:
    """Call every `(function, keyword arguments)`, wait for the first to end, and cancel the others.

    >>> async def at_once():
    ...     print("done")
    >>> asyncio.run(run_until_first_complete((at_once, {}), (asyncio.sleep, {"delay": 60})))
    done
    """
    tasks = [asyncio.ensure_future(func(**kwargs)) for func, kwargs in args]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


def install_event_loop() -> str:
    """Make uvloop the event loop of this process if it is installed; the name of the loop that is used then.

    Only an application that starts its loop by itself needs this; uvicorn chooses on its own.
    """
    try:
        import uvloop  # noqa: PLC0415 - an extra
    except ImportError:
        return "asyncio"
    with warnings.catch_warnings():
        # Policies are deprecated from Python 3.14 on, but nothing else reaches loops that others start.
        warnings.simplefilter("ignore", DeprecationWarning)
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    return "uvloop"
