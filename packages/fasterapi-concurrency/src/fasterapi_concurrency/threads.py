"""Blocking calls in worker threads: the way of every `def` handler and `def` dependency.

Knows: threads, context variables, event loops. Does not know: interpreters, processes, what is called.
A call costs one future: the worker thread posts the outcome into the mailbox of the caller's loop. Threads are
started as calls need them, up to the limit, and end after `IDLE_SECONDS` without work.
"""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import queue
import threading
import time
import weakref
from asyncio import CancelledError, get_running_loop
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from contextvars import Context, copy_context
from types import GeneratorType
from typing import Any, Final, ParamSpec, TypeVar, cast

from fasterapi_concurrency.errors import InvalidLimitError
from fasterapi_concurrency.mailbox import Mailbox

P = ParamSpec("P")
T = TypeVar("T")

DEFAULT_LIMIT: Final = 40  # as anyio and Starlette
TEARDOWN_LIMIT: Final = 10
IDLE_SECONDS: Final = 10.0
EXIT_GRACE_SECONDS: Final = 5.0  # calls still running at interpreter exit get this long
_UNSET: Final = object()
_END: Final = object()
_Call = tuple[Mailbox, "asyncio.Future[Any]", Context, Callable[..., Any], tuple[Any, ...], dict[str, Any]]
_limiters: weakref.WeakValueDictionary[int, ThreadLimiter] = weakref.WeakValueDictionary()


class ThreadLimiter:
    """At most `total_tokens` calls at a time, in threads of its own; more calls wait in order of arrival.

    Separate limiters never wait for each other: whoever holds all threads of one cannot keep a call in another
    from running. One limiter serves any number of event loops, one after another or at the same time.

    >>> import asyncio
    >>> asyncio.run(ThreadLimiter(2).run(sum, [1, 2, 3]))
    6
    """

    def __init__(self, total_tokens: int = DEFAULT_LIMIT, *, name: str = "fasterapi") -> None:
        self._name = name
        self._limit = _checked_limit(total_tokens)
        self._reset()

    def _reset(self) -> None:
        self._jobs: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        # Lengths are what counts here; append and pop need no lock. A thread is idle from before it looks for a
        # call until after it has one. Whoever has changed a length looks at both again, so nobody waits unseen.
        self._idle: deque[None] = deque()
        self._busy: deque[None] = deque()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()  # for the line above

    @property
    def total_tokens(self) -> int:
        """The limit; assigning takes effect for the next call, running calls are never stopped."""
        return self._limit

    @total_tokens.setter
    def total_tokens(self, value: int) -> None:
        self._limit = _checked_limit(value)
        for _ in range(self._jobs.qsize()):
            self._help_waiting()

    @property
    def borrowed_tokens(self) -> int:
        """How many calls run now."""
        return len(self._busy)

    @property
    def available_tokens(self) -> int:
        """How many more calls would run at once."""
        return max(0, self._limit - len(self._busy))

    @property
    def waiting(self) -> int:
        """How many calls wait for a thread."""
        return self._jobs.qsize()

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `fn` in a worker thread and wait for it.

        `fn` sees the caller's context variables, and the caller sees those that `fn` set. Cancelling the waiting
        task raises `CancelledError` at once: a call that waits never runs; one that runs is finished by its thread,
        and the outcome is dropped. `StopIteration` arrives as `RuntimeError`, as it does from any coroutine (PEP 479).
        """
        context = copy_context()
        future = self._start_call(context, fn, args, kwargs)
        try:
            return await future
        finally:
            if context != copy_context() and not future.cancelled():
                _adopt(context)

    async def run_to_completion(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Like `run`, but a cancelled caller waits for `fn` to end before it sees the `CancelledError`.

        For steps that must not be left half-way, such as entering and leaving a resource.
        """
        context = copy_context()
        future = self._start_call(context, fn, args, kwargs)
        try:
            return await asyncio.shield(future)
        except CancelledError:
            while not future.done():
                with suppress(CancelledError):
                    await asyncio.wait([future])
            future.exception()  # seen: the cancellation is what the caller hears of
            raise
        finally:
            if context != copy_context():
                _adopt(context)

    def _start_call(
        self, context: Context, fn: Callable[..., T], args: Any, kwargs: Any
    ) -> asyncio.Future[T]:
        loop = get_running_loop()
        future = loop.create_future()
        self._jobs.put((Mailbox.of(loop), future, context, fn, args, kwargs))
        try:
            self._help_waiting()
        except (RuntimeError, MemoryError):  # no thread is there, and none can be started
            future.cancel()
            raise
        return future

    def _help_waiting(self) -> None:
        """Start a thread if more calls wait than threads do."""
        if self._jobs.qsize() > len(self._idle) and len(self._threads) < self._limit:
            self._start_thread()

    def _start_thread(self) -> None:
        with self._lock:
            if len(self._threads) >= self._limit:
                return
            if id(self) not in _limiters:
                _watch(self)
            name = f"{self._name}-{len(self._threads)}"
            thread = threading.Thread(target=self._serve, name=name, daemon=True)
            self._threads.add(thread)
            self._idle.append(None)
        try:
            thread.start()
        except (RuntimeError, MemoryError):  # too many threads in the process
            with self._lock:
                self._threads.discard(thread)
                self._idle.pop()
                if not self._threads:
                    raise

    def _serve(self) -> None:
        """Run calls until there is none for a while, or fewer threads are wanted."""
        jobs, idle, busy = self._jobs, self._idle, self._busy
        try:
            while True:
                try:
                    job = jobs.get(timeout=IDLE_SECONDS)
                except queue.Empty:
                    idle.pop()
                    if self._may_leave():
                        return
                    idle.append(None)
                    continue
                idle.pop()
                if job is None:
                    return
                busy.append(None)
                try:
                    self._help_waiting()
                    _call(job)
                finally:
                    busy.pop()
                del job  # an idle thread keeps nothing alive
                if len(self._threads) > self._limit and self._may_leave():
                    return
                idle.append(None)
        finally:
            self._threads.discard(threading.current_thread())

    def _may_leave(self) -> bool:
        """Whether this thread may end: not if a call has come while it was still counted."""
        thread = threading.current_thread()
        with self._lock:
            self._threads.discard(thread)
            if self._jobs.empty() or len(self._threads) >= self._limit:
                return True
            self._threads.add(thread)
            return False

    def _stop(self, deadline: float) -> None:
        threads = list(self._threads)
        for _ in threads:
            self._jobs.put(None)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))


def _call(job: _Call) -> None:
    mailbox, future, context, fn, args, kwargs = job
    if future.cancelled():  # while the call waited
        return
    try:
        value = context.run(fn, *args, **kwargs)
    except StopIteration as error:  # a future refuses it
        stopped = RuntimeError("a function in a worker thread raised StopIteration")
        stopped.__cause__ = error
        mailbox.post(future, None, stopped)
    except BaseException as error:
        mailbox.post(future, None, error)
    else:
        mailbox.post(future, value, None)


def _adopt(context: Context) -> None:
    for variable, value in context.items():
        if variable.get(_UNSET) is not value:
            variable.set(value)


def _checked_limit(value: int) -> int:
    if value < 1:
        raise InvalidLimitError(f"a thread limit must be at least 1, not {value!r}")
    return value


def _watch(limiter: ThreadLimiter) -> None:
    _limiters[id(limiter)] = limiter
    _register_hooks()


@functools.cache
def _register_hooks() -> None:
    """Once, and not at import: a process that never starts a thread is left alone."""
    atexit.register(_stop_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_reset_all)


def _stop_all() -> None:
    deadline = time.monotonic() + EXIT_GRACE_SECONDS
    for limiter in _living_limiters():
        limiter._stop(deadline)


def _reset_all() -> None:
    """A forked child has none of its parent's threads."""
    for limiter in _living_limiters():
        limiter._reset()


def _living_limiters() -> list[ThreadLimiter]:
    return [limiter for reference in _limiters.valuerefs() if (limiter := reference()) is not None]


_default = ThreadLimiter(DEFAULT_LIMIT, name="fasterapi-thread")
_teardown = ThreadLimiter(TEARDOWN_LIMIT, name="fasterapi-teardown")

# Bound methods, not wrappers: this is the hot path of every `def` handler.
run_in_threadpool = _default.run
run_teardown_in_threadpool = _teardown.run_to_completion


def current_default_thread_limiter() -> ThreadLimiter:
    """The limiter behind `run_in_threadpool`; set its `total_tokens` to change the limit of 40.

    >>> current_default_thread_limiter().total_tokens
    40
    """
    return _default


def current_teardown_thread_limiter() -> ThreadLimiter:
    """The limiter behind `run_teardown_in_threadpool`.

    Releasing a resource must not queue behind calls that wait for that resource, so it has threads of its own.
    """
    return _teardown


async def iterate_in_threadpool(iterable: Iterable[T]) -> AsyncIterator[T]:
    """Iterate over a blocking iterable, one worker-thread call for each item.

    A generator that is not run to its end is closed, in a worker thread as well.

    >>> import asyncio
    >>> async def collect():
    ...     return [item async for item in iterate_in_threadpool("ab")]
    >>> asyncio.run(collect())
    ['a', 'b']
    """
    iterator = iter(iterable)
    if isinstance(iterator, GeneratorType):
        walk = _Walk(iterator)
        try:
            while (item := await run_in_threadpool(walk.step)) is not _END:
                yield cast(T, item)
        finally:
            if walk.leave():
                await run_teardown_in_threadpool(iterator.close)
    else:
        while (item := await run_in_threadpool(_next_or_end, iterator)) is not _END:
            yield cast(T, item)


def _next_or_end(iterator: Iterator[T]) -> T | object:
    return next(iterator, _END)


class _Walk:
    """A generator on its way; whoever leaves in the middle of a step lets the step close it, at its end."""

    def __init__(self, generator: GeneratorType[T, Any, Any]) -> None:
        self._generator = generator
        self._is_in_step = self._is_left = False
        self._lock = threading.Lock()  # for the line above

    def step(self) -> Any:
        with self._lock:
            if self._is_left:
                return _END
            self._is_in_step = True
        try:
            return next(self._generator, _END)
        finally:
            with self._lock:
                self._is_in_step = False
                is_left = self._is_left
            if is_left:
                self._generator.close()

    def leave(self) -> bool:
        """Take no more steps; whether the caller must close the generator."""
        with self._lock:
            self._is_left = True
            return not self._is_in_step
