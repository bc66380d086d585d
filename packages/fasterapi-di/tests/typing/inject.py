"""What type checkers see. Checked by `mypy --strict` and `pyright`; never imported."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any, assert_type

from fasterapi_di import (
    AppScope,
    CallableReader,
    Depends,
    Graph,
    Node,
    Parameter,
    Plan,
    PlanCache,
    Reader,
    Source,
    build_graph,
    build_plan,
    compile_source,
    emit,
    inject,
    inline,
    read_signature,
    run_in_thread,
)


def get_name() -> str:
    return "Ada"


Name = Annotated[str, Depends(get_name)]


# A marker is a legal default for any type, with every option.
def defaults(
    text: str = Depends(get_name),
    number: int = Depends(get_name, use_cache=False),
    pool: bytes = Depends(get_name, scope="app"),
    quick: float = Depends(get_name, inline=True, max_concurrency=3),
    by_type: AppScope = Depends(),
) -> None: ...


# `inject` keeps the type of a callable, as a function and as a decorator, with and without options.
@inject
def plain(number: int, name: str = Depends(get_name)) -> bytes:
    return b""


@inject(scope=AppScope(), parallel=True, overrides={get_name: get_name})
async def coroutine(number: int, name: str = Depends(get_name)) -> bytes:
    return b""


@inject
def generator(name: str = Depends(get_name)) -> Iterator[int]:
    yield 1


@inject
async def async_generator(name: str = Depends(get_name)) -> AsyncIterator[int]:
    yield 1


class Service:
    @inject
    def method(self, number: int, name: str = Depends(get_name)) -> bytes:
        return b""


async def use() -> None:
    assert_type(plain(1), bytes)
    assert_type(await coroutine(1), bytes)
    assert_type(generator(), Iterator[int])
    assert_type(async_generator(), AsyncIterator[int])
    assert_type(Service().method(1), bytes)
    plain("one")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


# With `threads` a plain function becomes an async one, and an async one stays as it is.
def for_threads(number: int, name: str = Depends(get_name)) -> bytes:
    return b""


in_threads = inject(for_threads, threads=True)
decorated = inject(threads=False)(for_threads)


async def use_threads() -> None:
    assert_type(await in_threads(1), bytes)
    assert_type(await decorated(1), bytes)
    assert_type(await inject(coroutine, threads=True)(1), bytes)
    assert_type(await run_in_thread(lambda: 1), int)


@inline
def quick(number: int) -> str:
    return ""


assert_type(quick(1), str)


# The parts a framework uses.
def bind(parameter: Parameter, node: Node) -> Reader | None:
    return CallableReader(parameter.name, get_name)


graph = build_graph(plain, bind=bind, extra=[Depends(get_name)], overrides={get_name: get_name})
assert_type(graph, Graph)
plan = build_plan(graph, threads=True, app_scope=AppScope())
assert_type(plan, Plan)
assert_type(emit(plan), Source)
assert_type(compile_source(emit(plan)), Callable[..., Any])
assert_type(read_signature(plain), tuple[Parameter, ...])
cache: PlanCache[int] = PlanCache(lambda overrides: (graph, len(overrides)))
assert_type(cache.variant({}), int)
