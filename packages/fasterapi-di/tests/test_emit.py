"""Every shape of dependency has a reviewed text, and each text is executed."""

import asyncio
import functools
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from fasterapi_di import (
    INVALID,
    AppScope,
    CallableReader,
    CodeBuilder,
    CodeError,
    Depends,
    ExpressionReader,
    Graph,
    build_graph,
    build_plan,
    compile_source,
    emit,
    emit_steps,
    inline,
    interpret,
)

log: list[str] = []


@pytest.fixture(autouse=True)
def _fresh_log() -> None:
    log.clear()


class Settings:
    def __init__(self) -> None:
        log.append("settings")

    def __repr__(self) -> str:
        return "settings"


def get_name() -> str:
    log.append("name")
    return "Ada"


async def get_user(name: str = Depends(get_name)) -> str:
    log.append("user")
    return f"user {name}"


def open_database(settings: Settings = Depends()) -> Iterator[str]:
    log.append("open database")
    try:
        yield "database"
    finally:
        log.append("close database")


async def open_session(database: str = Depends(open_database)) -> Any:
    log.append("open session")
    try:
        yield f"session of {database}"
    finally:
        log.append("close session")


async def open_cursor(session: str = Depends(open_session)) -> Any:
    log.append("open cursor")
    yield f"cursor of {session}"
    log.append("close cursor")


@contextmanager
def open_file() -> Iterator[str]:
    log.append("open file")
    yield "file"
    log.append("close file")


@asynccontextmanager
async def open_socket() -> Any:
    log.append("open socket")
    yield "socket"
    log.append("close socket")


def count() -> int:
    log.append("count")
    return len(log)


class Greeter:
    def greet(self, name: str = Depends(get_name)) -> str:
        return f"Hello {name}"

    def __call__(self) -> str:
        return "called"

    def __repr__(self) -> str:
        return "greeter"


greeter = Greeter()


@dataclass
class Page:
    number: int = 1
    name: str = Depends(get_name)


def nothing_to_inject(number: int) -> int:
    return number


def one_value(name: str = Depends(get_name)) -> str:
    return name


def caller_parameters(
    first: int, /, name: str = Depends(get_name), second: int = 2, *, third: int, fourth: Any = ("4",)
) -> Any:
    return first, name, second, third, fourth


async def async_value(user: str = Depends(get_user)) -> str:
    return user


def shared_and_not(
    first: int = Depends(count),
    second: int = Depends(count),
    own: int = Depends(count, use_cache=False),
    transient: int = Depends(count, scope="transient"),
) -> Any:
    return first == second, own, transient


def kinds_of_callables(
    page: Page = Depends(),
    hello: str = Depends(greeter.greet),
    called: str = Depends(greeter),
    part: str = Depends(functools.partial(greeter.greet, "Grace")),
) -> Any:
    return page, hello, called, part


def one_generator(database: str = Depends(open_database)) -> str:
    log.append("target")
    return f"used {database}"


async def nested_generators(
    cursor: str = Depends(open_cursor), database: str = Depends(open_database)
) -> Any:
    log.append("target")
    return cursor, database


async def context_managers(file: str = Depends(open_file), socket: str = Depends(open_socket)) -> Any:
    return file, socket


async def endings(
    session: str = Depends(open_session), file: str = Depends(open_file, scope="function")
) -> Any:
    log.append("target")
    return session, file


async def crossed_endings(
    file: str = Depends(open_file, scope="function"), session: str = Depends(open_session)
) -> Any:
    log.append("target")
    return file, session


async def limited(
    name: str = Depends(get_name, max_concurrency=2),
    database: str = Depends(open_database, max_concurrency=1),
) -> Any:
    return name, database


def limited_without_loop(
    name: str = Depends(get_name, max_concurrency=2),
    database: str = Depends(open_database, max_concurrency=1),
) -> Any:
    return name, database


def yields(name: str = Depends(get_name), database: str = Depends(open_database)) -> Iterator[str]:
    log.append("begin")
    yield name
    yield database


async def yields_async(name: str = Depends(get_name)) -> Any:
    yield name
    yield "end"


def app_value(number: int, settings: Settings = Depends(Settings, scope="app")) -> Any:
    return number, settings


async def app_value_async(session: str = Depends(open_socket, scope="app")) -> Any:
    return session


def positional_only_default(name: str = "-", extra: int = 1, /, *, sure: bool = False) -> str:
    return f"{name}{extra}{sure}"


def keeps_defaults(value: str = Depends(positional_only_default)) -> str:
    return value


async def get_left(name: str = Depends(get_name)) -> str:
    await asyncio.sleep(0)
    return f"left {name}"


async def get_right() -> str:
    await asyncio.sleep(0)
    return "right"


async def get_both(left: str = Depends(get_left), right: str = Depends(get_right)) -> str:
    return f"{left}, {right}"


async def parallel(both: str = Depends(get_both), right: str = Depends(get_right)) -> Any:
    return both, right


@inline
def get_cheap(name: str = Depends(get_name)) -> str:
    return f"cheap {name}"


@dataclass(frozen=True)
class Shape:
    target: Callable[..., Any]
    result: Any
    arguments: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    log: tuple[str, ...] | None = None


IN_DATABASE = ("settings", "open database", "target", "close database")
SHAPES = [
    Shape(nothing_to_inject, 3, {"number": 3}),
    Shape(one_value, "Ada"),
    Shape(caller_parameters, (1, "Ada", 2, 3, ("4",)), {"first": 1, "third": 3}),
    Shape(async_value, "user Ada"),
    Shape(shared_and_not, (True, 2, 3)),
    Shape(kinds_of_callables, (Page(1, "Ada"), "Hello Ada", "called", "Hello Grace"), log=("name",)),
    Shape(one_generator, "used database", log=IN_DATABASE),
    Shape(
        nested_generators,
        ("cursor of session of database", "database"),
        log=(
            "settings",
            "open database",
            "open session",
            "open cursor",
            "target",
            "close cursor",
            "close session",
            "close database",
        ),
    ),
    Shape(
        context_managers,
        ("file", "socket"),
        log=("open file", "open socket", "close socket", "close file"),
    ),
    Shape(
        endings,
        ("session of database", "file"),
        log=(
            "settings",
            "open database",
            "open session",
            "open file",
            "target",
            "close file",
            "close session",
            "close database",
        ),
    ),
    Shape(
        crossed_endings,
        ("file", "session of database"),
        log=(
            "open file",
            "settings",
            "open database",
            "open session",
            "target",
            "close file",
            "close session",
            "close database",
        ),
    ),
    Shape(limited, ("Ada", "database")),
    Shape(limited_without_loop, ("Ada", "database")),
    Shape(yields, ["Ada", "database"], log=("name", "settings", "open database", "begin", "close database")),
    Shape(yields_async, ["Ada", "end"]),
    Shape(keeps_defaults, "-1False"),
    Shape(parallel, ("left Ada, right", "right"), options={"parallel": True}),
]
THREADED = [
    Shape(one_value, "Ada"),
    Shape(async_value, "user Ada"),
    Shape(one_generator, "used database", log=IN_DATABASE),
    Shape(nested_generators, ("cursor of session of database", "database")),
    Shape(crossed_endings, ("file", "session of database")),
    Shape(context_managers, ("file", "socket")),
    Shape(limited, ("Ada", "database")),
    Shape(kinds_of_callables, (Page(1, "Ada"), "Hello Ada", "called", "Hello Grace")),
]


def plan_of(shape: Shape, **options: Any) -> Any:
    graph: Graph = build_graph(shape.target, bind=lambda parameter, node: None)
    return build_plan(graph, **shape.options, **options)


def finished(result: Any) -> Any:
    """Await what has to be awaited, and list what is generated."""
    if hasattr(result, "__await__"):
        return asyncio.run(result)
    if hasattr(result, "__aiter__"):

        async def collect() -> Any:
            return [item async for item in result]

        return asyncio.run(collect())
    return list(result) if hasattr(result, "send") else result


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.target.__name__)
def test_text_is_the_reviewed_one_and_works(shape: Shape, golden: Callable[[str, str], None]) -> None:
    source = emit(plan_of(shape))
    golden(f"{shape.target.__name__}.txt", source.text)
    assert finished(call(compile_source(source), shape)) == shape.result
    assert shape.log is None or tuple(log) == shape.log


@pytest.mark.parametrize("shape", THREADED, ids=lambda shape: shape.target.__name__)
def test_text_for_threads_is_the_reviewed_one_and_works(
    shape: Shape, golden: Callable[[str, str], None]
) -> None:
    source = emit(plan_of(shape, threads=True))
    golden(f"threads_{shape.target.__name__}.txt", source.text)
    assert finished(call(compile_source(source), shape)) == shape.result
    assert shape.log is None or tuple(log) == shape.log


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.target.__name__)
def test_interpreter_agrees(shape: Shape) -> None:
    assert finished(interpret(plan_of(shape), **shape.arguments)) == shape.result
    assert shape.log is None or tuple(log) == shape.log


def call(function: Callable[..., Any], shape: Shape) -> Any:
    arguments = dict(shape.arguments)
    first = [arguments.pop("first")] if "first" in arguments else []
    return function(*first, **arguments)


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize(("target", "result"), [(app_value, (1, "settings")), (app_value_async, "socket")])
def test_app_values_are_fetched_in_one_look(
    target: Any, result: Any, threads: bool, golden: Callable[[str, str], None]
) -> None:
    scope = AppScope()
    graph = build_graph(target, bind=lambda parameter, node: None)
    source = emit(build_plan(graph, app_scope=scope, threads=threads))
    golden(f"{'threads_' if threads else ''}{target.__name__}.txt", source.text)
    function = compile_source(source)

    async def run() -> list[Any]:
        arguments = [1] if target is app_value else []
        called = [function(*arguments), function(*arguments)]
        results = [await item if hasattr(item, "__await__") else item for item in called]
        await scope.aclose()
        return results

    results = asyncio.run(run())
    assert [repr(item).replace("'", "") for item in results] == [repr(result).replace("'", "")] * 2
    assert len([entry for entry in log if entry in ("settings", "open socket")]) == 1


# A framework writes its own lines around the steps.


def fail_or(name: str, **options: Any) -> ExpressionReader:
    return ExpressionReader(
        name, f"scope.get({name!r}, INVALID)", {"INVALID": INVALID}, can_fail=True, **options
    )


def checked(token: str, name: str = Depends(get_name)) -> str:
    log.append(f"checked {token}")
    return f"checked {token}"


def open_account(token: str, page: int) -> Iterator[str]:
    log.append(f"open account {token} {page}")
    yield f"account {token}"
    log.append("close account")


async def show(
    page: int,
    checked: str = Depends(checked),
    account: str = Depends(open_account, scope="function"),
    session: str = Depends(open_session),
    name: str = Depends(get_name),
) -> Any:
    log.append("show")
    return page, checked, account, name


def show_plain(page: int, session: str = Depends(open_database), checked: str = Depends(checked)) -> Any:
    log.append("show")
    return page, session, checked


def route(target: Any, *, threads: bool = False, extra: Any = ()) -> Any:
    graph = build_graph(
        target, bind=lambda parameter, node: fail_or(parameter.name, key=parameter.name), extra=extra
    )
    plan = build_plan(graph, threads=threads)
    code = CodeBuilder()

    def refuse(code: CodeBuilder) -> None:
        with code.block("if errors:"):
            code.line(f"raise {code.global_(ValueError, 'ValueError')}(errors)")

    def send_result(code: CodeBuilder, result: str) -> None:
        code.line(f"await send({result})")

    with code.function("call_route", ["scope", "send"], is_async=True):
        errors = code.reserve("errors")
        code.line(f"{errors} = 'page' not in scope or 'token' not in scope")
        emit_steps(plan, code, before_target=refuse, after_target=send_result, failed="errors")
    return code.source("call_route", "<route>")


async def send(result: Any) -> None:
    log.append(f"send {result}")


async def show_account(
    page: int, account: str = Depends(open_account), session: str = Depends(open_session)
) -> Any:
    log.append("show")
    return page, account


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("target", [show, show_plain, show_account])
def test_framework_route(target: Any, threads: bool, golden: Callable[[str, str], None]) -> None:
    source = route(target, threads=threads, extra=[Depends(count)])
    golden(f"route_{'threads_' if threads else ''}{target.__name__}.txt", source.text)
    function = compile_source(source)
    asyncio.run(function({"page": 1, "token": "t"}, send))
    sent = next(number for number, entry in enumerate(log) if entry.startswith("send"))
    assert log[0] == "count"
    assert ("close account" in log[:sent]) == (target is show)
    assert "close database" in log[sent:]


@pytest.mark.parametrize("threads", [False, True])
@pytest.mark.parametrize("target", [show, show_plain, show_account])
def test_dependencies_run_where_their_own_arguments_are_valid(target: Any, threads: bool) -> None:
    function = compile_source(route(target, threads=threads))
    with pytest.raises(ValueError):
        asyncio.run(function({"token": "t"}, send))
    assert ("checked t" in log) == (target is not show_account)
    assert "open database" in log and "close database" in log
    assert not any(entry.startswith(("open account", "show", "send")) for entry in log)


def test_reads_come_before_all_calls() -> None:
    order: list[str] = []

    def reader(name: str) -> CallableReader:
        return CallableReader(name, lambda: order.append(name), key=name)

    def first(a: int, b: int) -> None:
        order.append("first")

    def second(b: int, c: int) -> None:
        order.append("second")

    def target(d: int, y: None = Depends(second), x: None = Depends(first)) -> None:
        order.append("target")

    graph = build_graph(
        target,
        bind=lambda parameter, node: reader(parameter.name),
        extra=[Depends(lambda e: order.append("extra"))],
    )
    plan = build_plan(graph)
    interpret(plan)
    interpreted = list(order)
    order.clear()
    compile_source(emit(plan))()
    assert order == interpreted == ["e", "b", "c", "a", "d", "extra", "second", "first", "target"]


def test_run_in_thread_can_be_replaced() -> None:
    def target(name: str = Depends(get_name)) -> str:
        return name

    async def own_runner(function: Callable[[], Any]) -> Any:
        log.append("hop")
        return function()

    plan = build_plan(build_graph(target, bind=lambda parameter, node: None), threads=True)
    code = CodeBuilder()
    with code.function("call", is_async=True):
        emit_steps(
            plan,
            code,
            run_in_thread=own_runner,
            after_target=lambda code, result: code.line(f"return {result}"),
        )
    assert asyncio.run(compile_source(code.source("call", "<call>"))()) == "Ada"
    assert log == ["hop", "name"]


def test_a_reader_that_uses_an_undefined_name_is_refused() -> None:
    def target(a: int) -> None: ...

    graph = build_graph(target, bind=lambda parameter, node: ExpressionReader("a", "request.path"))
    with pytest.raises(CodeError, match="undefined name 'request'"):
        emit(build_plan(graph))
