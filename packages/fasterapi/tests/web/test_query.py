"""Query strings → dicts: the pairs of the standard library, and nothing else."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.requests import parse_query_first, parse_query_multi

CASES = [
    b"",
    b"a=1",
    b"a=1&b=2&a=3",
    b"a=&b",
    b"=1&=&",
    b"&&a=1&&",
    b"a=1=2&b==",
    b"a=x+y&a+b=%2B",
    b"a=%C3%BC&%C3%BC=1",
    b"a=%FF%FE&b=%C3",  # no UTF-8
    b"a=%&b=%2&c=%zz&d=%2g",  # no escapes
    b"a=1;b=2",
    b"role=user&x=;role=admin",
    b"\xc3\xbc=\xff&a=\xff%C3%BC",  # raw bytes, which some clients send
    b"a=%00&b=\x00",
    b"%26=%3D&a=%3D%26",
]


def expected(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)


def multi(pairs):
    values = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return values


@pytest.mark.parametrize("query", CASES)
def test_the_last_value_of_a_name_is_the_one(query):
    assert parse_query_first(query) == dict(expected(query))


@pytest.mark.parametrize("query", CASES)
def test_all_values_of_a_name_in_order(query):
    assert parse_query_multi(query) == multi(expected(query))


@given(st.text(alphabet="ab&=+%;2Cü\xff", max_size=30).map(lambda text: text.encode("latin-1")))
def test_any_query_string_gives_the_pairs_of_the_standard_library(query):
    pairs = expected(query)
    assert parse_query_first(query) == dict(pairs)
    assert parse_query_multi(query) == multi(pairs)


def test_a_semicolon_separates_nothing():
    """CVE-2026-53538, CVE-2021-23336: two readers must not see different fields."""
    assert parse_query_multi(b"role=user&x=;role=admin") == {"role": ["user"], "x": [";role=admin"]}
