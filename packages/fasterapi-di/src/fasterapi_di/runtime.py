"""What generated code calls while it runs.

Knows: generators, exceptions, task groups. Does not know: plans, text, lifetimes, threads. Leaving a
generator follows `contextlib.contextmanager` to the letter: an exception is thrown in at the `yield`; it is
swallowed if the generator then ends, replaced if another one comes out, and goes on, with its original
traceback, if it comes out itself.
"""

import inspect
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from fasterapi_di.errors import GeneratorProtocolError
from fasterapi_di.markers import INVALID
from fasterapi_di.threads import RunInThread

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
AnyGenerator = Generator[Any, Any, Any] | AsyncGenerator[Any, Any]


def start(generator: Generator[T, Any, Any]) -> T:
    """Run up to the `yield` and return its value. Raises `GeneratorProtocolError` if there is none."""
    try:
        return next(generator)
    except StopIteration as error:
        raise _never_yielded(generator) from error


async def start_async(generator: AsyncGenerator[T, Any]) -> T:
    """Run up to the `yield` and return its value. Raises `GeneratorProtocolError` if there is none."""
    try:
        return await generator.__anext__()
    except StopAsyncIteration as error:
        raise _never_yielded(generator) from error


def finish(generator: Generator[Any, Any, Any]) -> None:
    """Run from the `yield` to the end. Raises `GeneratorProtocolError` at a second `yield`."""
    for _ in generator:
        refuse_second_yield(generator)


async def finish_async(generator: AsyncGenerator[Any, Any]) -> None:
    """Run from the `yield` to the end. Raises `GeneratorProtocolError` at a second `yield`."""
    async for _ in generator:
        await refuse_second_yield_async(generator)


def swallows(generator: Generator[Any, Any, Any], error: BaseException) -> bool:
    """Throw `error` into `generator`; whether it was swallowed. Raises what the generator raises instead.

    A generator that has ended takes no part: the error is not swallowed. If it ended without a `yield`, the
    `StopIteration` of `next` arrives here and becomes a `GeneratorProtocolError`.
    """
    if getattr(generator, "gi_frame", generator) is None:
        if isinstance(error, StopIteration):
            raise _never_yielded(generator) from error
        return False
    traceback = error.__traceback__
    try:
        generator.throw(error)
    except StopIteration as stop:
        return stop is not error
    except RuntimeError as raised:
        if raised is error or _hides(raised, error, StopIteration):
            error.__traceback__ = traceback
            return False
        raise
    except BaseException as raised:
        if raised is not error:
            raise
        error.__traceback__ = traceback
        return False
    return refuse_second_yield(generator)


async def swallows_async(generator: AsyncGenerator[Any, Any], error: BaseException) -> bool:
    """Do for an async generator what `swallows` does for a plain one."""
    if (
        getattr(generator, "ag_frame", generator) is None
    ):  # `athrow` would answer StopAsyncIteration: "swallowed"
        if isinstance(error, StopAsyncIteration):
            raise _never_yielded(generator) from error
        return False
    traceback = error.__traceback__
    try:
        await generator.athrow(error)
    except StopAsyncIteration as stop:
        return stop is not error
    except RuntimeError as raised:
        if raised is error or _hides(raised, error, (StopIteration, StopAsyncIteration)):
            error.__traceback__ = traceback
            return False
        raise
    except BaseException as raised:
        if raised is not error:
            raise
        error.__traceback__ = traceback
        return False
    return await refuse_second_yield_async(generator)


def _hides(raised: RuntimeError, error: BaseException, kinds: Any) -> bool:
    # PEP 479: a StopIteration that leaves a generator arrives as a RuntimeError caused by it.
    return isinstance(error, kinds) and raised.__cause__ is error


def refuse_second_yield(generator: Generator[Any, Any, Any]) -> bool:
    """Close `generator`, which should have ended, and raise `GeneratorProtocolError`."""
    try:
        raise _yielded_again(generator)
    finally:
        generator.close()


async def refuse_second_yield_async(generator: AsyncGenerator[Any, Any]) -> bool:
    """Close `generator`, which should have ended, and raise `GeneratorProtocolError`."""
    try:
        raise _yielded_again(generator)
    finally:
        await generator.aclose()


def unwind(exits: list[Generator[Any, Any, Any]], error: BaseException | None) -> bool:
    """Leave all of `exits`, the last one first; whether `error` was swallowed. Raises what remains instead.

    The meaning is that of nested `with` statements: each exit gets what the one inside it left over.
    """
    pending = error
    while exits:
        generator = exits.pop()
        try:
            if pending is None:
                finish(generator)
            elif swallows(generator, pending):
                pending = None
        except BaseException as raised:
            pending = raised
    return _outcome(error, pending)


async def unwind_async(
    exits: list[AnyGenerator], error: BaseException | None, run: RunInThread[Any] | None = None
) -> bool:
    """Do what `unwind` does for plain and async generators; plain ones go through `run` if it is given."""
    pending = error
    while exits:
        generator = exits.pop()
        try:
            if pending is None:
                await leave_async(generator, None, run)
            elif await leave_async(generator, pending, run):
                pending = None
        except BaseException as raised:
            pending = raised
    return _outcome(error, pending)


async def leave_async(
    generator: AnyGenerator, error: BaseException | None, run: RunInThread[Any] | None
) -> object:
    """Finish any kind of generator, or throw `error` into it; the result is true if it was swallowed."""
    if isinstance(generator, AsyncGenerator):
        return await (finish_async(generator) if error is None else swallows_async(generator, error))
    leave = (lambda: finish(generator)) if error is None else (lambda: swallows(generator, error))
    return leave() if run is None else await run(leave)


def _outcome(error: BaseException | None, pending: BaseException | None) -> bool:
    if pending is not None and pending is not error:
        raise pending
    return pending is None


class Parallel:
    """A task group whose only failure comes out as it is; several come out as an exception group."""

    def __init__(self) -> None:
        import asyncio  # noqa: PLC0415 - a program without an event loop never pays for this import

        self._group = asyncio.TaskGroup()

    async def __aenter__(self) -> "asyncio.TaskGroup":
        return await self._group.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self._group.__aexit__(kind, error, traceback)
        except BaseExceptionGroup as group:
            # A task that awaits a failed one fails with the same exception object: count it once.
            failures = list({id(failure): failure for failure in group.exceptions}.values())
            if len(failures) == 1:
                raise failures[0] from None
            raise BaseExceptionGroup("several parallel dependencies failed", failures) from None


def unopened() -> Generator[Any, Any, Any]:
    """Stand for a generator that was not opened yet: to leave it does nothing."""
    return
    yield


def skipped() -> Generator[Any, Any, Any]:
    """Stand for a generator that can't be opened because an argument is invalid."""
    yield INVALID


async def skipped_async() -> AsyncGenerator[Any, Any]:
    """Stand for an async generator that can't be opened because an argument is invalid."""
    yield INVALID


def as_generator(opened: Any) -> Generator[Any, Any, Any]:
    """Return the generator that a decorated function gave; a context manager becomes one."""
    if inspect.isgenerator(opened) or not hasattr(opened, "__enter__"):
        return opened  # type: ignore[no-any-return]  # a decorator may return its own kind of generator
    return _from_context_manager(opened)


def as_async_generator(opened: Any) -> AsyncGenerator[Any, Any]:
    """Return the async generator that a decorated function gave; an async context manager becomes one."""
    if inspect.isasyncgen(opened) or not hasattr(opened, "__aenter__"):
        return opened  # type: ignore[no-any-return]  # a decorator may return its own kind of generator
    return _from_async_context_manager(opened)


def _from_context_manager(manager: AbstractContextManager[T]) -> Generator[T]:
    with manager as value:
        yield value


async def _from_async_context_manager(manager: AbstractAsyncContextManager[T]) -> AsyncGenerator[T]:
    async with manager as value:
        yield value


def _never_yielded(generator: AnyGenerator) -> GeneratorProtocolError:
    return GeneratorProtocolError(
        f"the dependency {_name(generator)} ended without a `yield`",
        where=[_place(generator)],
        fix="yield exactly one value on every way through it",
    )


def _yielded_again(generator: AnyGenerator) -> GeneratorProtocolError:
    return GeneratorProtocolError(
        f"the dependency {_name(generator)} did not stop after its `yield`",
        where=[_place(generator)],
        fix="yield exactly one value; what follows the `yield` is the exit",
    )


def _name(generator: AnyGenerator) -> str:
    return str(getattr(generator, "__qualname__", type(generator).__name__)).rpartition("<locals>.")[2]


def _place(generator: AnyGenerator) -> str:
    code = getattr(generator, "gi_code", None) or getattr(generator, "ag_code", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else f"module {type(generator).__module__}"
