"""The Cookie header: what browsers send, and what attackers do."""

import sys

import pytest

from hypothesis import example, given
from hypothesis import strategies as st

from fasterapi.requests import find_cookie, is_token, parse_cookies


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("a=1", {"a": "1"}),
        ("a=1; b=2;c=3", {"a": "1", "b": "2", "c": "3"}),
        ("a=1; a=2", {"a": "2"}),
        ("a=1=2", {"a": "1=2"}),
        ("a=", {"a": ""}),
        ("", {}),
        (" ; ;", {}),
        ("flag", {"": "flag"}),
        ("=value", {"": "value"}),
        ('a="x y"', {"a": "x y"}),
        ('a="x\\"y\\\\z"', {"a": 'x"y\\z'}),
        ('a="\\054\\073"', {"a": ",;"}),
        ('a="', {"a": '"'}),
        ('a="x', {"a": '"x'}),
        ('a=x"', {"a": 'x"'}),
        ("a=\xfc", {"a": "ü"}),
        ("a = 1 ", {"a": "1"}),
    ],
)
def test_cookies(header, expected):
    assert parse_cookies(header) == expected


@given(st.text(st.sampled_from('ab=;" \\\t\xa0,0'), max_size=40), st.sampled_from(["a", "ab", "aa", "b"]))
@example("a=1; xa=2", "a")
@example("a=1; a =2", "a")
@example("a=1;a=2", "a")
@example('b=a; a="x\\054y"', "a")
def test_one_cookie_is_found_as_it_would_be_parsed(header, name):
    assert find_cookie(header, name) == parse_cookies(header).get(name)


@pytest.mark.parametrize(
    ("name", "expected"), [("session", True), ("__Host-a", True), ("", False), ("a b", False), ("a=", False)]
)
def test_only_tokens_are_names(name, expected):
    assert is_token(name) is expected


@pytest.mark.parametrize("header", ["=__Host-a=bad", "=__Host-a", "__Host-a"])
def test_a_nameless_cookie_never_gets_a_name(header):
    """CVE-2023-23934: a cookie from a sibling domain must not pose as a protected one."""
    assert "__Host-a" not in parse_cookies(header)


def test_the_cost_is_linear():
    """CVE-2024-7592: counted in lines of Python that run, which no clock disturbs."""

    def lines(header: str) -> int:
        count = 0

        def trace(frame, event, arg):
            nonlocal count
            count += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            parse_cookies(header)
            find_cookie(header, "a")
        finally:
            sys.settrace(before)
        return count

    small, large = (lines('a="' + "\\x" * size + '"') for size in (500, 5000))
    assert large < 11 * small
