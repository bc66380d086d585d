"""Compiled functions can be read, debugged and forgotten."""

import gc
import inspect
import linecache
import traceback

from fasterapi_di import CodeBuilder, Depends, Source, compile_source, inject


def source(filename: str, text: str = "def call():\n    return undefined_thing\n") -> Source:
    return Source(text, {"undefined_thing": 1}, "call", filename)


def test_text_is_kept_on_the_function() -> None:
    function = compile_source(source("<kept>"))
    assert vars(function)["__source__"] == source("<kept>").text
    assert inspect.getsource(function) == source("<kept>").text


def test_traceback_shows_the_generated_line() -> None:
    def get_broken() -> None:
        raise LookupError("nothing here")

    @inject
    def target(broken: None = Depends(get_broken)) -> None: ...

    try:
        target()
    except LookupError:
        text = traceback.format_exc()
    assert "<dependencies of target>" in text
    assert "broken = get_broken()" in text


def test_lines_survive_checkcache() -> None:
    function = compile_source(source("<checked {id}>"))
    linecache.checkcache()
    assert linecache.getline("<checked {id}>", 2) == "    return undefined_thing\n"
    assert function() == 1


def test_filenames_are_unique() -> None:
    functions = [compile_source(source("<GET /users/{id}>")) for _ in range(3)]
    names = [function.__code__.co_filename for function in functions]
    assert names == ["<GET /users/{id}>", "<GET /users/{id} (2)>", "<GET /users/{id} (3)>"]


def test_filename_without_brackets_gets_its_number_at_the_end() -> None:
    functions = [compile_source(source("generated")) for _ in range(2)]
    assert functions[1].__code__.co_filename == "generated (2)"


def test_lines_go_away_with_the_function() -> None:
    function = compile_source(source("<gone>"))
    del function
    gc.collect()
    compile_source(source("<next>"))
    assert "<gone>" not in linecache.cache


def test_lines_do_not_vanish_under_a_loop_over_linecache() -> None:
    function = compile_source(source("<looped>"))
    filenames = list(linecache.cache)  # as `linecache.checkcache` begins
    del function
    gc.collect()
    assert all(filename in linecache.cache for filename in filenames)


def test_text_sees_its_namespace_only() -> None:
    code = CodeBuilder()
    with code.function("call"):
        code.line(f"return {code.global_(len, 'length')}('four')")
    function = compile_source(code.source("call", "<namespace>"))
    assert function() == 4
    assert set(function.__globals__) == {"length", "__builtins__"}
