"""The interpreter is the plain reading of a plan. (test_equivalence.py compares it with compiled functions.)"""

import asyncio
from typing import Any

import pytest

from fasterapi_di import INVALID, CallableReader, Depends, build_graph, build_plan, interpret
from fasterapi_di.interpreter import _drive


def plan(target: Any, bind: Any = lambda parameter, node: None) -> Any:
    return build_plan(build_graph(target, bind=bind))


def test_caller_arguments_are_given_by_name() -> None:
    def target(a: int, /, b: int = 2, *, c: int) -> Any:
        return a, b, c

    assert interpret(plan(target), a=1, c=3) == (1, 2, 3)
    with pytest.raises(TypeError, match="'a'"):
        interpret(plan(target), c=3)


def test_context_is_for_readers() -> None:
    def target(size: int) -> int:
        return size

    made = plan(target, lambda parameter, node: CallableReader("size", len, argument="message"))
    assert interpret(made, {"message": "four"}) == 4


def test_async_readers_are_awaited() -> None:
    async def give() -> int:
        return 4

    def target(size: int) -> int:
        return size

    made = plan(target, lambda parameter, node: CallableReader("size", give, is_async=True))
    assert asyncio.run(interpret(made)) == 4


def test_an_invalid_value_skips_the_target_and_what_needs_it() -> None:
    log: list[str] = []

    def checks(size: int) -> None:
        log.append("checks")

    def opens() -> Any:
        log.append("open")
        yield
        log.append("close")

    def target(opens: Any = Depends(opens), checks: Any = Depends(checks)) -> None:
        log.append("target")

    made = plan(target, lambda parameter, node: CallableReader("size", lambda: INVALID, can_fail=True))
    assert interpret(made) is INVALID
    assert log == ["open", "close"]


def test_async_generators_run_step_by_step() -> None:
    def get_end() -> int:
        return 3

    async def later() -> int:
        return 3

    async def numbers(end: int = Depends(get_end)) -> Any:
        for number in range(end):
            yield number

    def plain_numbers(end: int = Depends(later)) -> Any:
        yield from range(end)

    async def collect(target: Any) -> list[int]:
        return [number async for number in interpret(plan(target))]

    assert asyncio.run(collect(numbers)) == asyncio.run(collect(plain_numbers)) == [0, 1, 2]


def test_a_plan_without_async_steps_may_not_wait() -> None:
    async def waits() -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="waited"):
        _drive(waits())
