"""Run plain code in worker threads, away from the event loop.

Knows: executors, contextvars, cancellation. Does not know: plans, generators, what the code does. What is
entered and what is left use different threads: if every worker waits for a connection out of a pool, the
exits that give connections back still find a thread.
"""

import threading
from collections.abc import Awaitable, Callable
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
RunInThread = Callable[[Callable[[], T]], Awaitable[T]]

_UNSET = object()
_MOST_EXIT_THREADS = 16

_exit_executors: "WeakKeyDictionary[asyncio.AbstractEventLoop, ThreadPoolExecutor]" = WeakKeyDictionary()
_exit_lock = threading.Lock()


async def run_in_thread(function: Callable[[], T]) -> T:
    """Run `function` in the default executor of the running loop and return what it returns.

    Contextvars that the caller set are visible inside, and those set inside are visible to the caller
    afterwards. A cancelled caller waits until `function` is done, since it may hold something that has to be
    left; if it had no thread yet, it is never called.
    """
    return await _run(function, None)


async def run_exit_in_thread(function: Callable[[], T]) -> T:
    """Do what `run_in_thread` does in threads that are kept for exits, one small executor per loop."""
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - as above

    loop = asyncio.get_running_loop()
    with _exit_lock:
        executor = _exit_executors.get(loop)
        if executor is None:
            executor = _exit_executors[loop] = ThreadPoolExecutor(_MOST_EXIT_THREADS, "dependency-exit")
    return await _run(function, executor, must_run=True)


async def _run(
    function: Callable[[], T], executor: "ThreadPoolExecutor | None", *, must_run: bool = False
) -> T:
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

    context = copy_context()
    ticket = [None]
    future = asyncio.get_running_loop().run_in_executor(executor, context.run, _outcome_of, function, ticket)
    try:
        value, error = await asyncio.shield(future)
    except asyncio.CancelledError as cancelled:
        if not must_run and _tear(ticket):
            raise
        _, error = await _stubbornly(future)
        _take_over(context)
        raise cancelled from error
    _take_over(context)
    if error is not None:
        raise error
    return value  # type: ignore[return-value]  # without an error there is a value


def _outcome_of(function: Callable[[], T], ticket: list[None]) -> tuple[T | None, BaseException | None]:
    # A future can't carry StopIteration, so every exception travels as a value.
    try:
        return (function() if _tear(ticket) else None), None
    except BaseException as error:
        return None, error


def _tear(ticket: list[None]) -> bool:
    """Give the ticket to the worker or to a cancelled caller: the work is done now, or never."""
    try:
        ticket.pop()
    except IndexError:
        return False
    return True


async def _stubbornly(future: "asyncio.Future[T]") -> T:
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            continue
    return future.result()


def _take_over(context: Context) -> None:
    variable: ContextVar[Any]
    for variable, value in context.items():
        if variable.get(_UNSET) is not value:
            variable.set(value)
