"""Leaving a generator means what it means in contextlib."""

import asyncio
import traceback
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from fasterapi_di import Depends, GeneratorProtocolError, inject
from fasterapi_di import runtime


class Boom(Exception):
    pass


class Other(Exception):
    pass


# What a generator may do with the exception that is thrown in.
def passes_on() -> Any:
    yield


def reraises() -> Any:
    try:
        yield
    except BaseException as error:
        raise error


def cleans_up() -> Any:
    try:
        yield
    finally:
        pass


def swallows() -> Any:
    try:
        yield
    except BaseException:
        pass


def swallows_and_returns() -> Any:
    try:
        yield
    except BaseException:
        return


def replaces() -> Any:
    try:
        yield
    except BaseException:
        raise Other


def replaces_by_runtime_error() -> Any:
    try:
        yield
    except BaseException as error:
        raise RuntimeError("own") from error


def fails_in_finally() -> Any:
    try:
        yield
    finally:
        raise Other


def yields_again() -> Any:
    try:
        yield
    except BaseException:
        yield


def as_async(function: Any) -> Any:
    """The async generator that does the same as a plain one."""

    async def generator() -> Any:
        plain = function()
        try:
            value = plain.send(None)
            while True:
                try:
                    sent = yield value
                except BaseException as error:
                    value = plain.throw(error)
                else:
                    value = plain.send(sent)
        except StopIteration:
            return

    return generator


BODIES = [
    passes_on,
    reraises,
    cleans_up,
    swallows,
    swallows_and_returns,
    replaces,
    replaces_by_runtime_error,
    fails_in_finally,
    yields_again,
]
ERRORS = [
    Boom,
    KeyboardInterrupt,
    RuntimeError,
    StopIteration,
    StopAsyncIteration,
    GeneratorExit,
    asyncio.CancelledError,
]


def told(error: BaseException | None) -> Any:
    if error is None:
        return None
    if isinstance(error, GeneratorProtocolError) or "generator didn't stop" in str(error):
        return "protocol"
    return type(error), str(error), type(error.__cause__), type(error.__context__)


def outcome(leave: Any) -> Any:
    try:
        return leave()
    except BaseException as error:
        return told(error)


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("body", BODIES)
def test_plain_generators_are_left_as_in_contextlib(body: Any, error: Any) -> None:
    def ours() -> bool:
        generator = body()
        next(generator)
        return runtime.swallows(generator, error("text"))

    def theirs() -> bool:
        manager = contextmanager(body)()
        manager.__enter__()
        thrown = error("text")
        return bool(manager.__exit__(type(thrown), thrown, None))

    assert outcome(ours) == outcome(theirs)


# The adapter above changes these two on their way.
UNCHANGED = [error for error in ERRORS if error not in (StopIteration, GeneratorExit)]


@pytest.mark.parametrize("error", UNCHANGED)
@pytest.mark.parametrize("body", BODIES)
def test_async_generators_are_left_as_in_contextlib(body: Any, error: Any) -> None:
    async def ours() -> bool:
        generator = as_async(body)()
        await generator.__anext__()
        return await runtime.swallows_async(generator, error("text"))

    async def theirs() -> bool:
        manager = asynccontextmanager(as_async(body))()
        await manager.__aenter__()
        thrown = error("text")
        return bool(await manager.__aexit__(type(thrown), thrown, None))

    assert outcome(lambda: asyncio.run(ours())) == outcome(lambda: asyncio.run(theirs()))


def test_the_original_traceback_is_kept() -> None:
    def open_value() -> Any:
        try:
            yield
        finally:
            pass

    def fail() -> None:
        raise Boom

    @inject
    def target(first: Any = Depends(open_value), second: Any = Depends(open_value, use_cache=False)) -> None:
        fail()

    with pytest.raises(Boom) as raised:
        target()
    names = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert names[1:] == ["call_target", "target", "fail"]


def test_a_replaced_exception_keeps_the_first_as_context() -> None:
    def open_value() -> Any:
        try:
            yield
        finally:
            raise Other("at exit")

    @inject
    def target(value: Any = Depends(open_value)) -> None:
        raise Boom("first")

    with pytest.raises(Other) as raised:
        target()
    assert repr(raised.value.__context__) == "Boom('first')"


def test_every_failing_exit_is_reported() -> None:
    def failing(name: str) -> Any:
        def open_value() -> Any:
            try:
                yield
            finally:
                raise Other(name)

        return open_value

    @inject
    def target(
        a: Any = Depends(failing("a")), b: Any = Depends(failing("b")), c: Any = Depends(failing("c"))
    ) -> None: ...

    with pytest.raises(Other) as raised:
        target()
    chain = [raised.value, raised.value.__context__, raised.value.__context__.__context__]  # type: ignore[union-attr]
    assert [str(error) for error in chain] == ["a", "b", "c"]


def never() -> Any:
    return
    yield


async def never_async() -> Any:
    return
    yield


def twice() -> Any:
    yield
    yield


async def twice_async() -> Any:
    yield
    yield


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize(
    ("dependency", "what"),
    [
        (never, "never ended without"),
        (never_async, "never_async ended without"),
        (twice, "twice did not stop"),
        (twice_async, "twice_async did not stop"),
    ],
)
def test_generators_that_yield_not_exactly_once_are_named(dependency: Any, what: str, threads: bool) -> None:
    @inject(threads=threads)
    async def target(value: Any = Depends(dependency)) -> None: ...

    with pytest.raises(GeneratorProtocolError, match=what) as raised:
        asyncio.run(target())
    assert "test_runtime.py:" in str(raised.value)


def test_the_error_of_a_generator_that_yields_twice_comes_after_it_is_closed() -> None:
    log: list[str] = []

    def twice() -> Any:
        try:
            yield 1
            yield 2
        finally:
            log.append("closed")

    @inject
    def target(value: Any = Depends(twice)) -> None: ...

    with pytest.raises(GeneratorProtocolError):
        target()
    assert log == ["closed"]


@pytest.mark.parametrize("error", [StopIteration("x"), StopAsyncIteration("x")], ids=repr)
def test_stop_iteration_of_a_target_arrives_as_it_is_or_as_python_says(error: Exception) -> None:
    @inject
    def target(value: Any = Depends(cleans_up)) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        target()
    assert raised.value is error


def test_swallowing_gives_none() -> None:
    @inject
    def target(value: Any = Depends(swallows)) -> str:
        raise Boom

    assert target() is None


def test_context_managers_become_generators() -> None:
    log: list[str] = []

    class Manager:
        def __enter__(self) -> str:
            return "value"

        def __exit__(self, *_: Any) -> bool:
            log.append("left")
            return True

    class AsyncManager:
        async def __aenter__(self) -> str:
            return "value"

        async def __aexit__(self, *_: Any) -> bool:
            log.append("left")
            return True

    generator = runtime.as_generator(Manager())
    assert (next(generator), runtime.swallows(generator, Boom()), log) == ("value", True, ["left"])

    async def run() -> Any:
        generator = runtime.as_async_generator(AsyncManager())
        return await generator.__anext__(), await runtime.swallows_async(generator, Boom())

    assert (asyncio.run(run()), log) == (("value", True), ["left"] * 2)


class OwnGenerator:
    """A generator that is not Python's: some decorators give these."""

    def __init__(self) -> None:
        self.items = iter(["value"])

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return next(self.items)

    def throw(self, error: BaseException) -> Any:
        raise error


def test_a_foreign_generator_is_left_alone() -> None:
    generator = runtime.as_generator(OwnGenerator())
    assert next(generator) == "value"
    assert runtime.swallows(generator, Boom()) is False
    with pytest.raises(GeneratorProtocolError, match="OwnExhausted"):
        runtime.start(OwnExhausted())  # type: ignore[arg-type]


class OwnExhausted(OwnGenerator):
    def __init__(self) -> None:
        self.items = iter([])


def test_several_failures_of_parallel_tasks_come_as_a_group() -> None:
    async def fail(name: str) -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            raise Other(name) from None

    async def fail_first() -> None:
        await asyncio.sleep(0)
        raise Boom

    async def run() -> None:
        async with runtime.Parallel() as group:
            group.create_task(fail("late"))
            group.create_task(fail_first())

    with pytest.raises(BaseExceptionGroup) as raised:
        asyncio.run(run())
    assert sorted(type(error).__name__ for error in raised.value.exceptions) == ["Boom", "Other"]


def test_a_failure_that_several_tasks_share_comes_out_as_it_is() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise Boom

    async def after(value: Any = Depends(fail)) -> None: ...
    async def beside() -> None:
        await asyncio.sleep(10)

    @inject(parallel=True)
    async def target(after: Any = Depends(after), beside: Any = Depends(beside)) -> None: ...

    with pytest.raises(Boom):
        asyncio.run(target())
