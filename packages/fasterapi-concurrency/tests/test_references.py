"""Globals are found where the bytecode uses them, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi_concurrency.references import global_names


def names(source):
    return {
        name: sorted(chains)
        for name, chains in global_names(compile(source, "<case>", "exec").co_consts[0]).items()
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return a", {"a": [()]}),
        ("return a.b.c(1)", {"a": [("b", "c")]}),
        ("return a.b + a.c", {"a": [("b",), ("c",)]}),
        ("x = a\n return x.b", {"a": [()]}),  # by another name: any attribute
        ("return x.a", {"x": [("a",)]}),  # `a` is an attribute, not a global
        ("global g\n g = 1", {"g": [()]}),
        ("global g\n del g", {"g": [()]}),
        ("a.b = 1", {"a": [()]}),  # changing the object is using it
        ("return [a.f(i) for i in y]", {"a": [("f",)], "y": [()]}),
        ("return lambda: b.c", {"b": [("c",)]}),
        ("class C:\n  z = w.v\n return C", {"w": [("v",)]}),
        ("import os\n return os.path", {}),  # a local name
    ],
)
def test_names_and_attribute_chains(body, expected):
    found = names(f"def f(p):\n {body}\n")
    found.pop("__name__", None)
    assert found == expected


@given(st.integers(min_value=1, max_value=700))
def test_long_functions_need_extended_arguments(count):
    source = "def f():\n" + "".join(f" v{n}.w{n}\n" for n in range(count))
    assert names(source) == {f"v{n}": [(f"w{n}",)] for n in range(count)}
