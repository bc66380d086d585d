"""The compiled function does what the interpreter of the same plan does: same calls, same order, same outcome.

Random graphs of plain and async functions and generators that share values or not, raise before and after their
`yield`, swallow and replace exceptions, and are cancelled at any await.
"""

import asyncio
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fasterapi_di import Depends, build_graph, build_plan, compile_source, emit, interpret

KINDS = ("sync", "async", "generator", "async_generator")
# What a generator does: nothing special, raise before its value or at its exit, swallow or replace an exception.
GENERATOR_MOODS = ("calm", "fails", "fails at exit", "swallows", "replaces", "never yields", "yields twice")
FUNCTION_MOODS = ("calm", "calm", "calm", "fails")


@dataclass(frozen=True)
class Asked:
    node: int
    use_cache: bool


@dataclass(frozen=True)
class Recipe:
    kind: str
    mood: str
    scope: str | None
    asks: tuple[Asked, ...]


@st.composite
def recipes(draw: st.DrawFn, kinds: tuple[str, ...], most: int = 8) -> tuple[Recipe, ...]:
    made: list[Recipe] = []
    for number in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(kinds))
        is_generator = kind.endswith("generator")
        is_target = False
        scope = (
            draw(st.sampled_from((None, "function", "request"))) if is_generator and not is_target else None
        )
        asks = draw(
            st.lists(
                st.builds(Asked, st.integers(0, number - 1), st.sampled_from((True, True, False))), max_size=3
            )
            if number
            else st.just([])
        )
        if is_generator and scope != "function":
            asks = [asked for asked in asks if made[asked.node].scope != "function"]
        mood = draw(st.sampled_from(GENERATOR_MOODS if is_generator else FUNCTION_MOODS))
        made.append(Recipe(kind, mood, scope, tuple(asks)))
    asked = draw(st.lists(st.integers(0, len(made) - 1), min_size=1, max_size=4))
    target = draw(st.sampled_from([kind for kind in kinds if not kind.endswith("generator")]))
    made.append(
        Recipe(
            target, draw(st.sampled_from(FUNCTION_MOODS)), None, tuple(Asked(node, True) for node in asked)
        )
    )
    return tuple(made)


class Boom(Exception):
    pass


class Suspend:
    def __await__(self) -> Any:
        yield None


Log = list[Any]


def make(recipes: tuple[Recipe, ...], log: Log) -> Callable[..., Any]:
    """Build the callables of a graph; the last one is the target."""
    calls: list[Callable[..., Any]] = []
    for number, recipe in enumerate(recipes):
        call = {
            "sync": plain,
            "async": coroutine,
            "generator": generator,
            "async_generator": async_generator,
        }[recipe.kind](number, recipe.mood, log)
        parameters = [
            inspect.Parameter(
                f"p{position}",
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=Depends(
                    calls[asked.node], use_cache=asked.use_cache, scope=recipes[asked.node].scope
                ),
            )
            for position, asked in enumerate(recipe.asks)
        ]
        call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        call.__name__ = call.__qualname__ = f"node_{number}"
        calls.append(call)
    return calls[-1]


def plain(number: int, mood: str, log: Log) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        log.append(("call", number, (*values, *named.values())))
        if mood == "fails":
            raise Boom(number)
        return f"v{number}"

    return call


def coroutine(number: int, mood: str, log: Log) -> Callable[..., Any]:
    async def call(*values: Any, **named: Any) -> Any:
        log.append(("call", number, (*values, *named.values())))
        await Suspend()
        if mood == "fails":
            raise Boom(number)
        await Suspend()
        return f"v{number}"

    return call


def generator(number: int, mood: str, log: Log) -> Callable[..., Any]:
    def call(*values: Any, **named: Any) -> Any:
        log.append(("open", number, (*values, *named.values())))
        if mood == "fails":
            raise Boom(number)
        if mood == "never yields":
            return
        try:
            yield f"v{number}"
        except BaseException as error:
            log.append(("thrown", number, told(error)))
            if mood == "replaces":
                raise Boom(-number) from None
            if mood != "swallows":
                raise
        finally:
            log.append(("close", number))
        if mood == "fails at exit":
            raise Boom(number)
        if mood == "yields twice":
            yield None

    return call


def async_generator(number: int, mood: str, log: Log) -> Callable[..., Any]:
    async def call(*values: Any, **named: Any) -> Any:
        log.append(("open", number, (*values, *named.values())))
        await Suspend()
        if mood == "fails":
            raise Boom(number)
        if mood == "never yields":
            return
        try:
            yield f"v{number}"
        except BaseException as error:
            log.append(("thrown", number, told(error)))
            if mood == "replaces":
                raise Boom(-number) from None
            if mood != "swallows":
                raise
        finally:
            await Suspend()
            log.append(("close", number))
        if mood == "fails at exit":
            raise Boom(number)
        if mood == "yields twice":
            yield None

    return call


def told(error: BaseException) -> Any:
    return (
        RuntimeError if isinstance(error, RuntimeError) else repr(error)
    )  # texts of contextlib differ from ours


def outcome(run: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "returned", run()
    except Boom as error:
        return "raised", error.args
    except RuntimeError:  # a generator that broke the protocol
        return "raised", RuntimeError
    except asyncio.CancelledError:
        return "cancelled", None


def drive(coroutine: Any, cancel_at: int = -1) -> Any:
    """Run a coroutine without a loop; throw CancelledError in at the given suspension."""
    step = 0
    try:
        coroutine.send(None)
        while True:
            if step == cancel_at:
                coroutine.throw(asyncio.CancelledError())
            else:
                coroutine.send(None)
            step += 1
    except StopIteration as stop:
        return stop.value


@given(recipes(("sync", "generator")))
def test_plain_graphs_run_like_the_interpreter(recipes: tuple[Recipe, ...]) -> None:
    log: Log = []
    plan = build_plan(build_graph(make(recipes, log), bind=lambda parameter, node: None))
    expected = outcome(lambda: interpret(plan)), list(log)
    log.clear()
    assert (outcome(compile_source(emit(plan))), log) == expected


@given(recipes(KINDS), st.integers(-1, 12))
def test_async_graphs_run_like_the_interpreter_cancelled_or_not(
    recipes: tuple[Recipe, ...], cancel_at: int
) -> None:
    log: Log = []
    plan = build_plan(build_graph(make(recipes, log), bind=lambda parameter, node: None))
    function = compile_source(emit(plan, is_async=True))
    expected = outcome(lambda: drive(as_coroutine(interpret(plan)), cancel_at)), list(log)
    log.clear()
    assert (outcome(lambda: drive(function(), cancel_at)), log) == expected


@settings(max_examples=40)
@given(recipes(KINDS))
def test_threads_change_nothing_but_the_thread(recipes: tuple[Recipe, ...]) -> None:
    log: Log = []
    graph = build_graph(make(recipes, log), bind=lambda parameter, node: None)
    inline, threaded = build_plan(graph), build_plan(graph, threads=True)
    expected = outcome(lambda: drive(as_coroutine(interpret(inline)))), list(log)
    log.clear()
    function = compile_source(emit(threaded, is_async=True))
    assert (outcome(lambda: asyncio.run(function())), log) == expected


@settings(max_examples=60)
@given(recipes(("sync", "async")))
def test_parallel_steps_give_the_same_values(recipes: tuple[Recipe, ...]) -> None:
    log: Log = []
    calm = tuple(Recipe(recipe.kind, "calm", recipe.scope, recipe.asks) for recipe in recipes)
    graph = build_graph(make(calm, log), bind=lambda parameter, node: None)
    expected = drive(as_coroutine(interpret(build_plan(graph)))), sorted(map(repr, log))
    log.clear()
    function = compile_source(emit(build_plan(graph, parallel=True), is_async=True))
    assert (asyncio.run(function()), sorted(map(repr, log))) == expected


@pytest.mark.parametrize("count", [11, 12, 13, 25, 60])
@pytest.mark.parametrize("kind", ["generator", "async_generator"])
def test_any_number_of_generators_is_left_in_reverse_order(kind: str, count: int) -> None:
    chain = tuple(
        Recipe(kind, "calm", None, (Asked(number - 1, True),) if number else ()) for number in range(count)
    )
    log: Log = []
    target = Recipe("sync", "calm", None, (Asked(count - 1, True),))
    plan = build_plan(build_graph(make((*chain, target), log), bind=lambda parameter, node: None))
    drive(compile_source(emit(plan, is_async=True))())
    assert [entry[1] for entry in log if entry[0] == "close"] == list(reversed(range(count)))


def as_coroutine(result: Any) -> Any:
    if inspect.iscoroutine(result):
        return result

    async def give() -> Any:
        return result

    return give()
