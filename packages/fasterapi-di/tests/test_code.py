"""Names can't clash, and nothing that a user wrote becomes code."""

import builtins
import keyword
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fasterapi_di import CodeBuilder, CodeError, compile_source
from fasterapi_di.code import clean_name

AWKWARD = [
    "it's",
    "class",
    "match",
    "None",
    "_",
    "__class__",
    "ärger",
    "名前",
    "",
    "9",
    "a b",
    "x\ny",
    "print",
    "ﬁ",
    "a" * 500,
]


@pytest.mark.parametrize("hint", AWKWARD)
def test_awkward_hints_become_names(hint: str) -> None:
    code = CodeBuilder()
    names = [code.local(hint), code.local(hint), code.global_(object(), hint)]
    assert len(set(names)) == 3
    for name in names:
        assert name.isascii() and name.isidentifier() and not keyword.iskeyword(name)
        assert not hasattr(builtins, name)


@given(st.lists(st.tuples(st.text(), st.booleans()), min_size=1))
@example([("a", True), ("a", False), ("a_2", True)])
def test_any_hints_give_a_working_function(hints: list[tuple[str, bool]]) -> None:
    code = CodeBuilder()
    values = []
    with code.function("call"):
        names = []
        for number, (hint, is_global) in enumerate(hints):
            if is_global:
                names.append(code.global_([number], hint))
            else:
                names.append(code.local(hint))
                code.line(f"{names[-1]} = [{number}]")
            values.append([number])
        code.line(f"return [{', '.join(names)}]")
    assert compile_source(code.source("call", "<any>"))() == values


def test_the_same_object_keeps_its_name() -> None:
    code = CodeBuilder()
    value = object()
    assert code.global_(value, "value") == code.global_(value, "other") == "value"


def test_builtins_keep_their_names() -> None:
    code = CodeBuilder()
    assert code.global_(next, "next") == "next"
    assert code.global_(max, "next") == "next_2"


def test_a_parameter_may_be_named_like_a_builtin() -> None:
    code = CodeBuilder()
    with code.function("call", ["next", "id"]):
        code.line(f"return {code.global_(next, 'next')}(next), id")
    assert compile_source(code.source("call", "<shadow>"))(iter("a"), 2) == ("a", 2)


def test_parameters_with_kinds_and_defaults() -> None:
    default: list[Any] = []
    code = CodeBuilder()
    with code.function("call", ["a", "/", ("b", default), "*", ("default_b", 2)]):
        code.line("return a, b, default_b")
    call = compile_source(code.source("call", "<kinds>"))
    assert call(1) == (1, [], 2)
    assert call(1)[1] is default


@pytest.mark.parametrize("name", ["class", "it's", "", "1", "a b", "a=print()"])
def test_parameters_must_be_names(name: str) -> None:
    with pytest.raises(CodeError, match="can't be a name"):
        CodeBuilder().reserve(name)


def test_a_name_is_reserved_once() -> None:
    code = CodeBuilder()
    code.reserve("scope")
    with pytest.raises(CodeError, match="used twice"):
        code.reserve("scope")
    assert code.local("scope") == "scope_2"


def test_blocks_are_indented_and_never_empty() -> None:
    code = CodeBuilder()
    with code.function("call", is_async=True):
        with code.block("if 1:"):
            pass
        code.line("return 2")
    assert code.source("call", "<x>").text == "async def call():\n    if 1:\n        pass\n    return 2\n"


@pytest.mark.parametrize("line", ["a\nb", "a\rb"])
def test_a_line_is_one_line(line: str) -> None:
    with pytest.raises(CodeError, match="line break"):
        CodeBuilder().line(line)


def test_a_header_ends_in_a_colon() -> None:
    with pytest.raises(CodeError, match="colon"), CodeBuilder().block("try"):
        pass


def undefined(code: CodeBuilder) -> None:
    code.line("return missing")


def undefined_in_nested_function(code: CodeBuilder) -> None:
    with code.block("def inner():"):
        code.line("return missing")
    code.line("return inner")


@pytest.mark.parametrize("write", [undefined, undefined_in_nested_function])
def test_undefined_names_are_refused(write: Any) -> None:
    code = CodeBuilder()
    with code.function("call"):
        write(code)
    with pytest.raises(CodeError, match="undefined name 'missing'"):
        code.source("call", "<x>")


def test_a_local_may_not_hide_a_value_of_the_namespace() -> None:
    code = CodeBuilder()
    with code.function("call"):
        value = code.global_(object(), "value")
        code.line(f"{value} = 1")
    with pytest.raises(CodeError, match="names a value of its namespace"):
        code.source("call", "<x>")


def test_source_needs_its_function() -> None:
    with pytest.raises(CodeError, match="no function 'call'"):
        CodeBuilder().source("call", "<x>")


def test_clean_name_of_soft_keywords() -> None:
    assert clean_name("match") == "match_"
