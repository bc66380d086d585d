"""A piece of text is divided as a greedy regular expression would, but never searched without bound."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi_router.converter import BUILT_IN
from fasterapi_router.pattern import ATTEMPTS, Pattern
from fasterapi_router.template import Field


def pattern(*tokens):
    """A str is literal, ("int",) a field."""
    return Pattern(
        tuple(
            token if isinstance(token, str) else Field("x", BUILT_IN[token[0]], token[0]) for token in tokens
        )
    )


BARE, INT, FLOAT, PATH = ("str",), ("int",), ("float",), ("path",)


@pytest.mark.parametrize(
    ("tokens", "text", "values"),
    [
        ([BARE, ".", BARE], "a.b", ("a", "b")),
        ([BARE, ".", BARE], "a.b.c", ("a.b", "c")),
        ([BARE, ".", BARE], "...", (".", ".")),
        ([BARE, ".", BARE], "..", None),
        ([BARE, ".", BARE], "a.", None),
        ([BARE, ".", BARE], ".a", None),
        ([BARE, "-", BARE, "-", BARE], "1-2-3-4", ("1-2", "3", "4")),
        ([BARE, "-", BARE, "-", BARE], "-----", ("-", "-", "-")),
        ([BARE, "-", BARE, "-", BARE], "----", None),
        ([BARE, "--", BARE], "a---b", ("a-", "b")),
        (["v", BARE], "v1", ("1",)),
        (["v", BARE], "v", None),
        (["v", BARE], "w1", None),
        (["<", BARE, ">"], "<>>", (">",)),
        (["<", BARE, ">"], "<>", None),
        ([BARE, BARE, BARE], "abcd", ("ab", "c", "d")),
        ([INT, "-", BARE], "1-2-3", ("1", "2-3")),
        ([BARE, "-", INT], "1-2-3", ("1-2", "3")),
        ([BARE, "-", INT], "1-2-x", None),
        ([INT, BARE], "12", ("1", "2")),
        ([INT, BARE], "12a", ("12", "a")),
        ([INT, BARE], "a", None),
        ([FLOAT, ".", FLOAT], "1.2.3", ("1.2", "3")),
        ([PATH, "/edit"], "a/b/edit", ("a/b",)),
        ([PATH, "/edit"], "/edit", ("",)),
        ([PATH, "/edit"], "edit", None),
        ([PATH, "/", PATH], "a/b/c", ("a/b", "c")),
        ([PATH, "/", PATH], "/", ("", "")),
        ([PATH, "aa", PATH], "aaa", ("a", "")),
        ([PATH, "/x/", BARE], "a/x/b/x/c", ("a/x/b", "c")),
        ([PATH, "/x/", BARE], "a/x/b/c", None),
        ([BARE, "/", PATH], "a/b/c", ("a", "b/c")),
        ([BARE, "-", PATH], "a-b/c-d", ("a", "b/c-d")),
        ([BARE, "-", PATH], "a/b-c", None),
        (["p", PATH], "p", ("",)),
    ],
)
def test_the_first_field_takes_as_much_as_it_can(tokens, text, values):
    assert pattern(*tokens).match(text) == values


@given(st.text("ab1-.", max_size=12))
def test_division_agrees_with_regular_expressions(text):
    import re

    for tokens, regex in [
        ([BARE, "-", BARE], "([^/]+)-([^/]+)"),
        ([BARE, "-", BARE, ".", BARE], r"([^/]+)-([^/]+)\.([^/]+)"),
        ([BARE, "--", BARE, BARE], "([^/]+)--([^/]+)([^/]+)"),
        ([BARE, "-", INT], "([^/]+)-([0-9]+)"),
        ([INT, BARE, "-", INT], "([0-9]+)([^/]+)-([0-9]+)"),
        ([PATH, "-", BARE], "(.*)-([^/]+)"),
        (["a", PATH, "-", PATH, "b"], "a(.*)-(.*)b"),
    ]:
        expected = re.fullmatch(regex, text)
        assert pattern(*tokens).match(text) == (expected and expected.groups())


def test_a_search_gives_up_after_a_bounded_number_of_divisions():
    """The bound is what keeps a hostile text from costing cubic time; no honest path comes near it."""
    ambiguous = pattern(BARE, "-", BARE, "-", INT)
    assert ambiguous.match("a" + "-" * 40 + "-1") is not None
    assert ambiguous.match("-" * (ATTEMPTS * 2) + "x") is None
