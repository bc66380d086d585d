"""What a callable is does not depend on how it is wrapped."""

import asyncio
import functools
import sys
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from fasterapi_di import kind_of, location, name_of
from fasterapi_di.callables import is_class, is_plain_coroutine, is_plain_generator


def plain() -> None: ...


async def coroutine() -> None: ...


def generator() -> Any:
    yield


async def async_generator() -> Any:
    yield


def decorated(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        return function(*arguments, **keywords)

    return wrapper


class Plain:
    def __call__(self) -> None: ...
    def method(self) -> None: ...


class Async:
    async def __call__(self) -> None: ...
    async def method(self) -> None: ...
    @classmethod
    async def of_class(cls) -> None: ...
    @staticmethod
    async def static() -> None: ...


class Generator:
    def __call__(self) -> Any:
        yield

    async def method(self) -> Any:
        yield


class DecoratedCall:
    __call__ = decorated(async_generator)


def generator_over_plain() -> Any:
    @functools.wraps(plain)
    def wrapper() -> Any:
        yield

    return wrapper


def async_over(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper() -> Any: ...

    return wrapper


def async_generator_over(function: Any) -> Any:
    @functools.wraps(function)
    async def wrapper() -> Any:
        yield

    return wrapper


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (async_over(Plain), "async"),
        (async_over(plain), "async"),
        (async_generator_over(generator), "async_generator"),
        (async_generator_over(Plain), "async_generator"),
        (plain, "sync"),
        (coroutine, "async"),
        (generator, "generator"),
        (async_generator, "async_generator"),
        (lambda: None, "sync"),
        (print, "sync"),
        (Plain, "sync"),
        (Async, "sync"),  # to construct is never async, even if instances can be awaited when called
        (Plain(), "sync"),
        (Async(), "async"),
        (Generator(), "generator"),
        (DecoratedCall(), "async_generator"),
        (Plain().method, "sync"),
        (Async().method, "async"),
        (Async.of_class, "async"),
        (Async.static, "async"),
        (Generator().method, "async_generator"),
        (functools.partial(plain), "sync"),
        (functools.partial(coroutine), "async"),
        (functools.partial(functools.partial(generator)), "generator"),
        (functools.partial(Async()), "async"),
        (functools.partial(Plain), "sync"),
        (decorated(plain), "sync"),
        (decorated(coroutine), "async"),
        (decorated(decorated(async_generator)), "async_generator"),
        (functools.partial(decorated(generator)), "generator"),
        (generator_over_plain(), "generator"),
        (contextmanager(generator), "generator"),
        (asynccontextmanager(async_generator), "async_generator"),
        (functools.lru_cache(plain), "sync"),
    ],
    ids=repr,
)
def test_kind(call: Any, kind: str) -> None:
    assert kind_of(call) == kind


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="since 3.12 the mark is `inspect.markcoroutinefunction`"
)
def test_asyncio_mark_of_coroutine_functions() -> None:
    def marked() -> None: ...

    marked._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]
    assert kind_of(marked) == "async"


def test_mark_of_another_library_means_nothing() -> None:
    def marked() -> None: ...

    marked._is_coroutine = object()  # type: ignore[attr-defined]
    assert kind_of(marked) == "sync"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (generator, True),
        (functools.partial(generator), True),
        (Generator(), True),
        (Generator().method, True),
        (decorated(generator), False),
        (contextmanager(generator), False),
    ],
    ids=repr,
)
def test_only_undecorated_generators_are_sure_to_give_generators(call: Any, expected: bool) -> None:
    assert is_plain_generator(call) is expected


def test_only_undecorated_coroutine_functions_are_sure_to_give_coroutines() -> None:
    assert is_plain_coroutine(functools.partial(coroutine))
    assert not is_plain_coroutine(decorated(coroutine))


def test_class_behind_a_partial_is_a_class() -> None:
    assert is_class(functools.partial(Plain))
    assert not is_class(Plain())


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (plain, "plain"),
        (functools.partial(plain), "plain"),
        (Async.of_class, "Async.of_class"),
        (Plain, "Plain"),
        (Plain(), "Plain(...)"),
        (len, "len"),
    ],
)
def test_name(call: Any, name: str) -> None:
    assert name_of(call) == name


def test_name_leaves_out_enclosing_functions() -> None:
    class Local:
        def method(self) -> None: ...

    assert name_of(Local().method) == "Local.method"


THIS_FILE = __file__.rpartition("/")[2]


@pytest.mark.parametrize(
    "call",
    [plain, decorated(plain), functools.partial(plain), Plain, Plain(), Plain().method, Generator()],
    ids=repr,
)
def test_location_is_file_and_line(call: Any) -> None:
    file, _, line = location(call).rpartition(":")
    assert file.endswith(THIS_FILE)
    assert int(line) > 0


def test_location_of_the_function_behind_a_decorator() -> None:
    assert location(decorated(plain)) == location(plain)
    assert location(plain).endswith(f":{plain.__code__.co_firstlineno}")


class WithoutMethods:
    attribute = 1


def test_location_without_code_is_the_module() -> None:
    assert location(len) == "module builtins"
    assert location(dict) == "module builtins"
    since_3_13 = "__firstlineno__" in vars(WithoutMethods)
    assert location(WithoutMethods).startswith("module ") is not since_3_13


def test_location_outside_the_present_directory_is_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    assert location(plain).startswith("/")
