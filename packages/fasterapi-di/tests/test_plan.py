"""The order of steps, and what runs together."""

import functools
from collections.abc import Iterator
from typing import Any

import pytest

from fasterapi_di import CallableReader, Depends, Plan, build_graph, build_plan, inline
from fasterapi_di.plan import Group, Hop


def a() -> str:
    return "a"


def b(a: Any = Depends(a)) -> str:
    return "b"


async def c(b: Any = Depends(b)) -> str:
    return "c"


def g(a: Any = Depends(a)) -> Iterator[str]:
    yield "g"


class Made:
    def __init__(self, a: Any = Depends(a)) -> None: ...


@inline
def quick(made: Any = Depends(Made)) -> None: ...


def plan(target: Any, **options: Any) -> Plan:
    return build_plan(build_graph(target, bind=lambda parameter, node: None), **options)


def shape(target: Any, **options: Any) -> list[Any]:
    """Stages as nested names: a hop is a list, a group is a set."""

    def told(stage: Any) -> Any:
        if isinstance(stage, Hop):
            return [step.node.name for step in stage.steps]
        return {step.node.name for step in stage.steps} if isinstance(stage, Group) else stage.node.name

    return [told(stage) for stage in plan(target, **options).stages]


def sync_target(b: Any = Depends(b), g: Any = Depends(g)) -> None: ...
async def async_target(b: Any = Depends(b), g: Any = Depends(g)) -> None: ...
def mixed(a: Any = Depends(a), c: Any = Depends(c), g: Any = Depends(g)) -> None: ...
def with_class(made: Any = Depends(Made), b: Any = Depends(b)) -> None: ...
async def quick_only(quick: Any = Depends(quick)) -> None: ...
def marked(a: Any = Depends(a, inline=True)) -> None: ...
def limited(a: Any = Depends(a, max_concurrency=1), b: Any = Depends(b)) -> None: ...


@inline
def inline_target(a: Any = Depends(a)) -> None: ...


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (sync_target, [["a", "b", "g", "sync_target"]]),
        (async_target, [["a", "b", "g"], "async_target"]),
        (mixed, [["a", "b"], "c", ["g", "mixed"]]),
        (with_class, [["a", "Made", "b", "with_class"]]),
        (quick_only, [["a"], "Made", "quick", "quick_only"]),
        (marked, ["a", ["marked"]]),
        (limited, [["a"], ["b", "limited"]]),
        (inline_target, [["a"], "inline_target"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_neighbouring_plain_steps_share_one_hop(target: Any, expected: list[Any]) -> None:
    assert shape(target, threads=True) == expected


@pytest.mark.parametrize(
    ("target", "threads", "expected"),
    [
        (sync_target, True, True),
        (sync_target, False, False),
        (async_target, True, False),
        (marked, True, False),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_target_that_shares_a_hop_is_known(target: Any, threads: bool, expected: bool) -> None:
    graph = build_graph(target, bind=lambda parameter, node: None)
    assert build_plan(graph, threads=threads).target_shares_hop is expected


def test_without_threads_nothing_hops() -> None:
    assert shape(mixed) == ["a", "b", "c", "g", "mixed"]


async def left(a: Any = Depends(a)) -> None: ...
async def right() -> None: ...
async def after_left(left: Any = Depends(left)) -> None: ...
async def wide(after: Any = Depends(after_left), right: Any = Depends(right)) -> None: ...
async def chain(after: Any = Depends(after_left)) -> None: ...
async def broken_by_generator(
    left: Any = Depends(left), g: Any = Depends(g), right: Any = Depends(right)
) -> None: ...


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (wide, [{"a", "left", "after_left", "right"}, "wide"]),
        (chain, ["a", "left", "after_left", "chain"]),
        (broken_by_generator, ["a", "left", "g", "right", "broken_by_generator"]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_coroutines_that_can_overlap_are_grouped(target: Any, expected: list[Any]) -> None:
    assert shape(target, parallel=True) == expected


def test_parallel_coroutines_among_hops() -> None:
    def target(b: Any = Depends(b), wide: Any = Depends(wide)) -> None: ...

    assert shape(target, parallel=True, threads=True) == [
        ["a"],
        ["b"],
        {"left", "after_left", "right", "wide"},
        ["target"],
    ]


def test_steps_are_reads_calls_target() -> None:
    def target(x: int, b: Any = Depends(b)) -> None: ...

    graph = build_graph(target, bind=lambda parameter, node: CallableReader(parameter.name, lambda: 1))
    made = build_plan(graph)
    assert [repr(step.slot) for step in made.steps] == ["x", "a", "b", "result"]
    assert made.steps == (*made.reads, *made.calls, made.target)
    assert "Read(slot=x" in repr(made)


def test_readers_with_equal_keys_are_read_once() -> None:
    def target(x: int, y: int, z: int) -> None: ...

    keys = {"x": "same", "y": "same", "z": None}
    graph = build_graph(
        target, bind=lambda parameter, node: CallableReader("n", lambda: 1, key=keys[parameter.name])
    )
    assert len(build_plan(graph).reads) == 2


def test_caller_parameters_keep_their_order() -> None:
    def target(x: int, a: Any = Depends(a), *, y: int = 2) -> None: ...

    assert [parameter.name for parameter in plan(target).caller_parameters] == ["x", "y"]


async def async_generator() -> Any:
    yield


@pytest.mark.parametrize(
    ("target", "options", "expected"),
    [
        (sync_target, {}, False),
        (sync_target, {"threads": True}, True),
        (mixed, {}, True),
        (async_target, {}, True),
        (async_generator, {}, True),
        (g, {}, False),
        (functools.partial(Made, "a"), {"threads": True}, False),
    ],
    ids=repr,
)
def test_whether_a_loop_is_needed(target: Any, options: dict[str, Any], expected: bool) -> None:
    assert plan(target, **options).is_async is expected


def test_an_async_reader_needs_a_loop() -> None:
    def target(x: int) -> None: ...

    graph = build_graph(target, bind=lambda parameter, node: CallableReader("x", a, is_async=True))
    assert build_plan(graph).is_async
