"""Leaf values come from an expression or a function, in code and in the interpreter alike."""

import asyncio
from typing import Any

import pytest

from fasterapi_di import CallableReader, CodeBuilder, CodeError, ExpressionReader, Reader, compile_source


def emitted(reader: Reader, context: dict[str, Any]) -> Any:
    code = CodeBuilder()
    with code.function("read", list(context), is_async=reader.is_async):
        value = code.local("value")
        reader.emit(code, value)
        code.line(f"return {value}")
    result = compile_source(code.source("read", "<read>"))(**context)
    return asyncio.run(result) if reader.is_async else result


def read(reader: Reader, context: dict[str, Any]) -> Any:
    result = reader.read(context)
    return asyncio.run(result) if reader.is_async else result


async def give(value: Any = "given") -> Any:
    return value


@pytest.mark.parametrize(
    ("reader", "expected"),
    [
        (ExpressionReader("method", "scope['method']"), "GET"),
        (ExpressionReader("upper", "convert(scope['method'])", {"convert": str.lower}), "get"),
        (ExpressionReader("later", "await give(scope)", {"give": give}), {"method": "GET"}),
        (CallableReader("now", lambda: 12), 12),
        (CallableReader("size", len, argument="scope"), 1),
        (CallableReader("given", give, True), "given"),
        (CallableReader("given", give, is_async=True, argument="scope"), {"method": "GET"}),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_code_and_interpreter_give_the_same(reader: Reader, expected: Any) -> None:
    context = {"scope": {"method": "GET"}}
    assert emitted(reader, context) == read(reader, context) == expected


def test_names_of_the_namespace_are_renamed_where_they_clash() -> None:
    code = CodeBuilder()
    readers = [ExpressionReader("a", "scope + [convert(scope)]", {"convert": call}) for call in (len, str)]
    with code.function("read", ["scope"]):
        for reader, name in zip(readers, ("first", "second"), strict=True):
            reader.emit(code, code.reserve(name))
        code.line("return first, second")
    assert compile_source(code.source("read", "<read>"))([7]) == ([7, 1], [7, "[7]"])


def test_an_expression_is_async_if_it_awaits() -> None:
    assert ExpressionReader("a", "await f()", {"f": give}).is_async
    assert not ExpressionReader("a", "f()", {"f": give}).is_async


@pytest.mark.parametrize("expression", ["a = 1", "import os", "", "1; 2"])
def test_only_expressions_are_accepted(expression: str) -> None:
    with pytest.raises(CodeError, match="not an expression"):
        ExpressionReader("a", expression)


def test_repr_names_the_reader() -> None:
    assert repr(CallableReader("now", lambda: 1)) == "CallableReader('now')"
