"""Single steps: names, arguments, guards."""

import asyncio
from typing import Any

import pytest

from fasterapi_di import (
    INVALID,
    CallableReader,
    CodeBuilder,
    Depends,
    build_graph,
    build_plan,
    compile_source,
    emit,
    emit_steps,
)


def text(target: Any, **options: Any) -> str:
    return emit(build_plan(build_graph(target, bind=lambda parameter, node: None), **options)).text


def settings() -> str:
    return "settings"


class Loader:
    def load(self) -> str:
        return "loaded"

    def __call__(self) -> str:
        return "called"


@pytest.mark.parametrize(
    ("dependency", "line"),
    [
        (settings, "settings = settings_2()"),  # the value has the first right to its parameter's name
        (Loader().load, "settings = load()"),
        (Loader(), "settings = Loader()"),
        (lambda: 1, "settings = lambda_()"),
    ],
)
def test_names_in_the_text(dependency: Any, line: str) -> None:
    def target(settings: Any = Depends(dependency)) -> None: ...

    assert line in text(target)


def test_values_nobody_uses_are_not_kept() -> None:
    graph = build_graph(lambda: None, bind=lambda parameter, node: None, extra=[Depends(settings)])
    assert emit(build_plan(graph)).text.splitlines()[1] == "    settings()"


def test_arguments_are_positional_until_one_is_left_out() -> None:
    def get_value(
        a: str = Depends(settings), b: int = 2, c: str = Depends(settings), *, d: str = Depends(settings)
    ) -> Any:
        return a, b, c, d

    def target(value: Any = Depends(get_value)) -> Any:
        return value

    assert "value = get_value(a, c=a, d=a)" in text(target)


# Guards: a framework's readers may give INVALID.


def route(target: Any, **options: Any) -> Any:
    def bind(parameter: Any, node: Any) -> CallableReader:
        value = INVALID if parameter.name.startswith("bad") else parameter.name
        return CallableReader(parameter.name, lambda: value, key=parameter.name, can_fail=True)

    code = CodeBuilder()
    with code.function("call", is_async=True):
        plan = build_plan(build_graph(target, bind=bind), **options)
        emit_steps(plan, code, failed="True", before_target=lambda code: code.line("raise LookupError"))
    return compile_source(code.source("call", "<route>"))


@pytest.mark.parametrize(
    "options", [{}, {"threads": True}, {"parallel": True}, {"threads": True, "parallel": True}], ids=repr
)
def test_what_is_called_although_something_is_invalid(options: dict[str, Any]) -> None:
    called: list[str] = []

    def plain(good: str) -> None:
        called.append("plain")

    def never(bad: str, good: str) -> None:
        called.append("never")

    async def later(good: str, other: str) -> None:
        called.append("later")

    async def never_later(never: Any = Depends(never), good: Any = Depends(plain)) -> None:
        called.append("never_later")

    def opens(good: str) -> Any:
        called.append("opens")
        try:
            yield
        finally:
            called.append("closes")

    async def never_opens(never: Any = Depends(never_later)) -> Any:
        called.append("never_opens")
        yield

    async def limited(bad: str) -> None:
        called.append("limited")

    def limited_opens(bad: str) -> Any:
        called.append("limited_opens")
        yield

    def target(
        a: Any = Depends(plain),
        b: Any = Depends(later),
        c: Any = Depends(never_later),
        d: Any = Depends(opens),
        e: Any = Depends(never_opens),
        f: Any = Depends(limited, max_concurrency=1),
        g: Any = Depends(limited_opens, max_concurrency=1),
    ) -> None:
        called.append("target")

    with pytest.raises(LookupError):
        asyncio.run(route(target, **options)())
    assert sorted(called) == ["closes", "later", "opens", "plain"]


def test_without_failed_there_are_no_guards() -> None:
    def target(a: str) -> str:
        return a

    graph = build_graph(target, bind=lambda parameter, node: CallableReader("a", str, can_fail=True))
    assert "INVALID" not in emit(build_plan(graph)).text
