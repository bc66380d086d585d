"""A whole function: parameters, name, file name. (test_emit.py has the texts of all shapes.)"""

import asyncio
from typing import Any

import pytest

from fasterapi_di import build_graph, build_plan, compile_source, emit, read_signature
from fasterapi_di.emit_function import declared, forwarded


@pytest.mark.parametrize(
    ("function", "parameters", "arguments"),
    [
        (lambda: 0, [], ""),
        (lambda a, b=1: 0, ["a", ("b", 1)], "a, b"),
        (lambda a, /, b: 0, ["a", "/", "b"], "a, b"),
        (lambda a, b=2, /: 0, ["a", ("b", 2), "/"], "a, b"),
        (lambda *, a, b=1: 0, ["*", "a", ("b", 1)], "a=a, b=b"),
        (lambda a, /, b, *, c=3: 0, ["a", "/", "b", "*", ("c", 3)], "a, b, c=c"),
    ],
)
def test_parameters_are_declared_and_forwarded_by_their_kinds(
    function: Any, parameters: Any, arguments: str
) -> None:
    assert declared(read_signature(function)) == parameters
    assert forwarded(read_signature(function)) == arguments


def target(a: int) -> int:
    return a


def plan() -> Any:
    return build_plan(build_graph(target, bind=lambda parameter, node: None))


def test_names_can_be_chosen() -> None:
    source = emit(plan(), "run_target", "<a file>")
    assert (source.name, source.filename) == ("run_target", "<a file>")
    assert source.text.startswith("def run_target(a):")


def test_names_tell_the_target_if_nothing_is_chosen() -> None:
    source = emit(plan())
    assert (source.name, source.filename) == ("call_target", "<dependencies of target>")


def test_a_plain_plan_can_be_made_async() -> None:
    function = compile_source(emit(plan(), is_async=True))
    assert asyncio.run(function(3)) == 3
