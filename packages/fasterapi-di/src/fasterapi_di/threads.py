"""Run plain code in worker threads, away from the event loop.

Knows: executors, contextvars, cancellation. Does not know: plans, generators, what the code does. What is
entered and what is left use different threads: if every worker waits for a connection out of a pool, the
exits that give connections back still find a thread.
"""

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import Context, ContextVar, copy_context
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
RunInThread = Callable[[Callable[[], T]], Awaitable[T]]
Outcome = tuple[Any, BaseException | None]

_UNSET = object()
_IDLE_SECONDS = 1.0


async def run_in_thread(function: Callable[[], T]) -> T:
    """Run `function` in the default executor of the running loop and return what it returns.

    Contextvars that the caller set are visible inside, and those set inside are visible to the caller
    afterwards. A cancelled caller waits until `function` is done, since it may hold something that has to be
    left; if it had no thread yet, it is never called.
    """
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

    context, ticket = copy_context(), [None]
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(None, context.run, _outcome_of, function, ticket)
    value: T = await _result(future, context, ticket)
    return value


async def run_exit_in_thread(function: Callable[[], T]) -> T:
    """Do what `run_in_thread` does in a thread for exits: there always is one, and `function` is called."""
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

    context, ticket = copy_context(), [None]
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Outcome] = loop.create_future()

    def work() -> None:
        outcome = context.run(_outcome_of, function, ticket)
        with suppress(RuntimeError):  # the loop was closed under its tasks: nobody waits any more
            loop.call_soon_threadsafe(future.set_result, outcome)

    _exit_threads.submit(work)
    value: T = await _result(future, context, [])
    return value


class _ExitThreads:
    """Threads that wait a moment for the next exit and end when there is none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[Callable[[], None]]] = []

    def submit(self, work: Callable[[], None]) -> None:
        with self._lock:
            inbox = self._idle.pop() if self._idle else None
        if inbox is None:
            inbox = SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), name="dependency-exit", daemon=True).start()
        inbox.put(work)

    def _serve(self, inbox: "SimpleQueue[Callable[[], None]]") -> None:
        while True:
            try:
                work = inbox.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if inbox in self._idle:
                        self._idle.remove(inbox)
                        return
                continue  # somebody has just taken the inbox: work is on its way
            work()
            del work  # an idle thread keeps nothing alive
            with self._lock:
                self._idle.append(inbox)


_exit_threads = _ExitThreads()


async def _result(future: "asyncio.Future[Outcome]", context: Context, ticket: list[None]) -> Any:
    import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

    try:
        value, error = await asyncio.shield(future)
    except asyncio.CancelledError as cancelled:
        if _tear(ticket):
            raise
        _, error = await _stubbornly(future)
        _take_over(context)
        raise cancelled from error
    _take_over(context)
    if error is not None:
        raise error
    return value


def _outcome_of(function: Callable[[], Any], ticket: list[None]) -> Outcome:
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
