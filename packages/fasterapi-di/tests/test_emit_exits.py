"""Exits are nested blocks where these give the right order, and lists elsewhere."""

from collections.abc import Iterator
from typing import Any

import pytest

from fasterapi_di import Depends, build_graph, build_plan, emit
from fasterapi_di.emit_exits import nests


def open_a() -> Iterator[str]:
    yield "a"


def generators(*declared: Any) -> Any:
    """The opened calls of a plan whose target asks for these."""
    import inspect

    def target(**_: Any) -> None: ...

    target.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(f"p{number}", inspect.Parameter.KEYWORD_ONLY, default=marker)
            for number, marker in enumerate(declared)
        ]
    )
    return build_plan(build_graph(target, bind=lambda parameter, node: None))


def request() -> Any:
    return Depends(open_a, use_cache=False)


def function() -> Any:
    return Depends(open_a, use_cache=False, scope="function")


def limited() -> Any:
    return Depends(open_a, use_cache=False, max_concurrency=1)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ([], True),
        ([request()], True),
        ([request(), function()], True),
        ([function(), function()], True),
        ([function(), request()], False),  # the function's exit comes first, so it can't be outside
        ([request(), function(), request()], False),
        ([request()] * 3, True),
        ([request()] * 4, False),
        ([limited(), request()], True),
        ([limited(), limited()], False),  # each limit needs a block of its own
    ],
)
def test_whether_blocks_can_be_nested(declared: list[Any], expected: bool) -> None:
    assert nests(generators(*declared).generators, most=3) is expected


@pytest.mark.parametrize("count", [12, 13, 40])
def test_no_text_nests_deeper_than_python_allows(count: int) -> None:
    source = emit(generators(*[request() for _ in range(count)]))
    depth = max((len(line) - len(line.lstrip())) // 4 for line in source.text.splitlines())
    assert depth <= 15
    compile(source.text, "<deep>", "exec")
