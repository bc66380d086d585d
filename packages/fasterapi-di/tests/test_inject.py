"""`inject` supplies what is declared and leaves the rest as it was."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fasterapi_di import AsyncDependencyError, Depends, ScopeError, inject

log: list[Any] = []


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    log.clear()


def get_name() -> str:
    log.append("name")
    return "Ada"


async def get_name_async() -> str:
    return "Ada, later"


def open_file() -> Iterator[str]:
    log.append("open")
    try:
        yield "file"
    except BaseException as error:
        log.append(repr(error))
        raise
    finally:
        log.append("close")


Name = Annotated[str, Depends(get_name)]


# What comes out looks like what went in.


def test_arguments_of_the_caller_stay() -> None:
    @inject
    def greet(greeting: str, /, name: Name, mark: str = "!", *, times: int = 1) -> str:
        """Say hello."""
        return f"{greeting} {name}{mark}" * times

    assert greet("Hello") == "Hello Ada!"
    assert greet("Hello", "?", times=2) == "Hello Ada?Hello Ada?"
    assert str(inspect.signature(greet)) == "(greeting: str, /, mark: str = '!', *, times: int = 1) -> str"
    assert (greet.__name__, greet.__doc__, greet.__module__) == ("greet", "Say hello.", __name__)
    with pytest.raises(TypeError):
        greet()
    with pytest.raises(TypeError):
        greet(greeting="Hello")


def test_defaults_are_the_same_objects() -> None:
    items: list[int] = []

    @inject
    def target(items: list[int] = items, name: str = Depends(get_name)) -> list[int]:
        return items

    assert target() is items


@pytest.mark.parametrize("options", [{}, {"overrides": {}}, {"threads": True}])
def test_what_needs_nothing_is_returned_unchanged(options: dict[str, Any]) -> None:
    def target(a: int, *values: int, **named: int) -> None: ...

    assert inject(target, **options) is target
    assert inject(**options)(target) is target


def test_injecting_twice_changes_nothing() -> None:
    @inject
    def target(name: str = Depends(get_name)) -> str:
        return name

    assert inject(target) is target


def test_kinds_are_kept() -> None:
    @inject
    async def coroutine(name: Name) -> str:
        return name

    @inject
    def generator(name: Name) -> Iterator[str]:
        yield name

    @inject
    async def async_generator(name: Name) -> AsyncIterator[str]:
        yield name

    assert inspect.iscoroutinefunction(coroutine)
    assert inspect.isgeneratorfunction(generator)
    assert inspect.isasyncgenfunction(async_generator)


def test_a_plain_function_stays_plain_and_needs_no_loop() -> None:
    @inject
    def target(file: str = Depends(open_file)) -> str:
        return file

    assert target() == "file"
    assert log == ["open", "close"]


class Service:
    prefix = "Dr."

    @inject
    def method(self, title: str, name: str = Depends(get_name)) -> str:
        return f"{self.prefix} {title} {name}"

    @inject
    @classmethod
    def of_class(cls, name: str = Depends(get_name)) -> str:
        return f"{cls.prefix} {name}"

    @classmethod
    @inject
    def of_class_inside(cls, name: str = Depends(get_name)) -> str:
        return f"{cls.prefix} {name}"

    @inject
    @staticmethod
    def static(name: str = Depends(get_name)) -> str:
        return name

    async def later(self, name: str = Depends(get_name)) -> str:
        return f"{self.prefix} {name}"


def test_methods() -> None:
    assert Service().method("h.c.") == "Dr. h.c. Ada"
    assert Service.of_class() == Service.of_class_inside() == "Dr. Ada"
    assert Service.static() == Service().static() == "Ada"
    assert asyncio.run(inject(Service().later)()) == "Dr. Ada"


def test_classes_and_objects() -> None:
    @dataclass
    class Page:
        number: int
        name: str = Depends(get_name)

    class Greeter:
        def __call__(self, name: str = Depends(get_name)) -> str:
            return f"Hello {name}"

    assert inject(Page)(3) == Page(3, "Ada")
    assert inject(Greeter())() == "Hello Ada"


def test_an_injected_function_can_be_a_dependency() -> None:
    @inject
    def open_named(name: str = Depends(get_name)) -> Iterator[str]:
        yield f"file of {name}"

    @inject
    def target(number: int, file: str = Depends(open_named)) -> Any:
        return number, file

    assert target(1) == (1, "file of Ada")


def test_calls_do_not_share_values() -> None:
    @inject
    def target(name: str = Depends(get_name)) -> None: ...

    target()
    target()
    assert log == ["name", "name"]


def test_awkward_parameter_names_of_the_caller() -> None:
    @inject
    def target(
        next: int,
        result: int,
        get_name: int,
        target: int,
        error: int,
        ärger: int,
        file: str = Depends(open_file),
    ) -> Any:
        return next, result, get_name, target, error, ärger, file

    assert target(1, 2, 3, 4, 5, 6) == (1, 2, 3, 4, 5, 6, "file")


@pytest.mark.parametrize("name", ["it's", "class", "名前", "__init__", "print(1)", "a\nb", ""])
def test_awkward_names_of_functions(name: str) -> None:
    def get_value() -> int:
        return 3

    def target(value: int = Depends(get_value)) -> int:
        return value

    target.__name__ = target.__qualname__ = get_value.__name__ = get_value.__qualname__ = name
    assert inject(target)() == 3


@example("a\0b", "\ud800")
@given(st.text(), st.text())
def test_any_names_of_functions(name: str, other: str) -> None:
    def get_value() -> int:
        return 3

    def target(value: int = Depends(get_value)) -> int:
        return value

    target.__name__ = target.__qualname__ = name
    get_value.__name__ = get_value.__qualname__ = other
    assert inject(target)() == 3


def test_objects_lend_their_names_only() -> None:
    class Greeter:
        def __init__(self, name: str = Depends(get_name)) -> None:
            self.name = name

        def __call__(self, name: str = Depends(get_name)) -> str:
            return name

    assert inject(Greeter).__name__ == "Greeter"
    for call in (inject(Greeter), inject(Greeter())):
        assert set(vars(call)) == {"__source__", "__signature__", "__wrapped__"}


def test_a_default_whose_repr_is_hostile_stays_a_value() -> None:
    class Hostile(str):
        def __repr__(self) -> str:
            return "__import__('os').abort()"

    @inject
    def target(text: str = Hostile("x'\"\n"), name: str = Depends(get_name)) -> str:
        return text

    assert target() == "x'\"\n"


# Generators as targets.


def test_values_sent_and_exceptions_thrown_reach_the_generator() -> None:
    @inject
    def target(first: int, file: str = Depends(open_file)) -> Any:
        received = [(yield first)]
        try:
            yield received
        except LookupError as error:
            yield repr(error)
        return file

    generator = target(1)
    assert next(generator) == 1
    assert generator.send("sent") == ["sent"]
    assert generator.throw(LookupError("thrown")) == "LookupError('thrown')"
    with pytest.raises(StopIteration) as stopped:
        next(generator)
    assert stopped.value.value == "file"
    assert log == ["open", "close"]


def test_values_sent_and_exceptions_thrown_reach_the_async_generator() -> None:
    @inject
    async def target(first: int, file: str = Depends(open_file)) -> Any:
        received = [(yield first)]
        try:
            yield received
        except LookupError as error:
            yield repr(error)
        yield file

    async def run() -> None:
        generator = target(1)
        assert await anext(generator) == 1
        assert await generator.asend("sent") == ["sent"]
        assert await generator.athrow(LookupError("thrown")) == "LookupError('thrown')"
        assert await anext(generator) == "file"
        with pytest.raises(StopAsyncIteration):
            await anext(generator)

    asyncio.run(run())
    assert log == ["open", "close"]


def test_closing_early_leaves_everything() -> None:
    inner: list[str] = []

    @inject
    def target(file: str = Depends(open_file)) -> Any:
        try:
            yield file
        finally:
            inner.append("closed")

    generator = target()
    next(generator)
    generator.close()
    assert (inner, log) == (["closed"], ["open", "GeneratorExit()", "close"])


def test_closing_an_async_generator_early_leaves_everything() -> None:
    @inject
    async def target(file: str = Depends(open_file)) -> Any:
        try:
            yield file
        finally:
            log.append("closed")

    async def run() -> None:
        generator = target()
        await anext(generator)
        await generator.aclose()

    asyncio.run(run())
    assert log == ["open", "closed", "GeneratorExit()", "close"]


def test_a_plain_generator_with_threads_becomes_an_async_one() -> None:
    @inject(threads=False)
    def target(name: str = Depends(get_name_async)) -> Any:
        yield name
        yield "end"

    async def run() -> Any:
        return [item async for item in target()]  # type: ignore[attr-defined]

    assert asyncio.run(run()) == ["Ada, later", "end"]


# Async or not.


def test_a_plain_function_may_not_need_a_loop_unknowingly() -> None:
    with pytest.raises(AsyncDependencyError, match="get_name_async is async"):

        @inject
        def target(name: str = Depends(get_name_async)) -> None: ...


def test_threads_make_it_async_knowingly() -> None:
    @inject(threads=False)
    def target(name: str = Depends(get_name_async)) -> str:
        return name

    @inject(threads=True)
    def in_thread(name: str = Depends(get_name)) -> str:
        return name

    @inject(threads=False)
    def plain(name: str = Depends(get_name)) -> str:
        return name

    assert asyncio.run(target()) == "Ada, later"
    assert asyncio.run(in_thread()) == asyncio.run(plain()) == "Ada"


def test_app_values_need_a_scope() -> None:
    with pytest.raises(ScopeError, match="no AppScope"):

        @inject
        def target(name: str = Depends(get_name, scope="app")) -> None: ...


# Overrides.


def test_overrides_may_change_at_any_moment() -> None:
    overrides: dict[Any, Any] = {}

    @inject(overrides=overrides)
    def target(number: int, name: str = Depends(get_name), *, mark: str = "!") -> str:
        return f"{number} {name}{mark}"

    assert target(1) == "1 Ada!"
    overrides[get_name] = lambda: "Grace"
    assert target(2, mark="?") == "2 Grace?"
    overrides[get_name] = lambda other=Depends(lambda: "Edsger"): other
    assert target(3) == "3 Edsger!"
    del overrides[get_name]
    assert target(4) == "4 Ada!"


def test_an_override_may_be_of_another_kind() -> None:
    overrides: dict[Any, Any] = {get_name: open_file}

    @inject(overrides=overrides)
    async def target(name: str = Depends(get_name)) -> str:
        return name

    assert asyncio.run(target()) == "file"
    overrides[get_name] = get_name_async
    assert asyncio.run(target()) == "Ada, later"
    assert log == ["open", "close"]


def test_an_async_override_of_a_plain_function_is_an_error() -> None:
    @inject(overrides={get_name: get_name_async})
    def target(name: str = Depends(get_name)) -> None: ...

    with pytest.raises(AsyncDependencyError):
        target()


def test_overrides_of_generators() -> None:
    overrides: dict[Any, Any] = {get_name: lambda: "Grace"}

    @inject(overrides=overrides)
    def target(name: str = Depends(get_name)) -> Any:
        sent = yield name
        return sent

    @inject(overrides=overrides)
    async def target_async(name: str = Depends(get_name)) -> Any:
        yield (yield name)

    generator = target()
    assert next(generator) == "Grace"
    with pytest.raises(StopIteration, match="sent"):
        generator.send("sent")

    async def run() -> None:
        generator = target_async()
        assert await anext(generator) == "Grace"
        assert await generator.asend("sent") == "sent"

    asyncio.run(run())


def test_a_variant_is_compiled_once() -> None:
    compiled: list[Any] = []

    class Counting(dict[Any, Any]):
        pass

    def replacement() -> str:
        return "Grace"

    overrides = Counting({get_name: replacement})

    @inject(overrides=overrides)
    def target(name: str = Depends(get_name)) -> Any:
        frame = inspect.currentframe()
        assert frame is not None and frame.f_back is not None
        compiled.append(frame.f_back.f_code)

    target()
    target()
    assert compiled[0] is compiled[1]


# Parallel.


def test_independent_coroutines_overlap() -> None:
    first_began = asyncio.Event()

    async def first() -> str:
        first_began.set()
        await second_began.wait()
        return "first"

    second_began = asyncio.Event()

    async def second() -> str:
        second_began.set()
        await first_began.wait()
        return "second"

    @inject(parallel=True)
    async def target(a: str = Depends(first), b: str = Depends(second)) -> Any:
        return a, b

    assert asyncio.run(asyncio.wait_for(target(), 10)) == ("first", "second")


def test_a_failure_cancels_what_runs_beside_it() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise LookupError

    async def beside() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    @inject(parallel=True)
    async def target(
        a: Any = Depends(fail), b: Any = Depends(beside), file: Any = Depends(open_file)
    ) -> None: ...

    with pytest.raises(LookupError):
        asyncio.run(target())
    assert log == ["cancelled"]


def test_plain_steps_after_parallel_ones_wait_for_them() -> None:
    def after(name: str = Depends(get_name_async)) -> str:
        return f"after {name}"

    @contextmanager
    def decorated() -> Any:
        yield

    async def wrapped(name: str = Depends(get_name)) -> str:
        return name

    @inject(parallel=True)
    async def target(a: Any = Depends(after), b: Any = Depends(wrapped), c: Any = Depends(decorated)) -> Any:
        return a, b, c

    assert asyncio.run(target()) == ("after Ada, later", "Ada", None)
