"""The Range header, against files of 100 bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.responses._ranges import (
    MAX_RANGES,
    MalformedRangeHeader,
    RangeNotSatisfiable,
    parse_range_header,
    part_header,
)


def spans(header, size=100):
    return [(found.start, found.end) for found in parse_range_header(header, size)]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", [(0, 10)]),
        ("bytes=90-", [(90, 100)]),
        ("bytes=-10", [(90, 100)]),
        ("bytes=-200", [(0, 100)]),
        ("bytes=50-500", [(50, 100)]),
        ("Bytes = 0 - 9 ", [(0, 10)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=20-29,0-9", [(0, 10), (20, 30)]),  # in order
        ("bytes=0-9,5-19", [(0, 20)]),  # overlapping
        ("bytes=0-9,10-19", [(0, 20)]),  # adjacent
        ("bytes=0-99,10-19", [(0, 100)]),  # contained
        ("bytes=0-9,,-,x,1-y,5", [(0, 10)]),  # what is no range is ignored
        ("bytes=" + ",".join(["0-9"] * MAX_RANGES), [(0, 10)]),
        ("bytes=" + ",".join(["0-9"] * (MAX_RANGES + 1)), []),
    ],
)
def test_ranges(header, expected):
    assert spans(header) == expected


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "items=0-9",
        "bytes=a-b",
        "bytes=5",
        "bytes=9-5",
        "bytes=+1-2",
        "bytes=1_0-",
        "bytes=٣-",
        "bytes=0-" + "9" * 20,
    ],
)
def test_what_is_no_range_at_all(header):
    with pytest.raises(MalformedRangeHeader):
        spans(header)


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=100-", 100), ("bytes=-0", 100), ("bytes=0-9,200-", 100), ("bytes=0-", 0)]
)
def test_a_range_behind_the_end(header, size):
    with pytest.raises(RangeNotSatisfiable):
        spans(header, size)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=100))
def test_ranges_are_in_order_apart_and_cover_what_was_asked(asked):
    asked = [(min(pair), max(pair)) for pair in asked]
    found = spans("bytes=" + ",".join(f"{first}-{last}" for first, last in asked))
    assert all(one_end < next_start for (_, one_end), (next_start, _) in zip(found, found[1:], strict=False))
    wanted = {byte for first, last in asked for byte in range(first, last + 1)}
    assert {byte for start, end in found for byte in range(start, end)} == wanted


def test_many_ranges_are_not_even_looked_at():
    """CVE-2025-62727: 20,000 ranges cost one count of commas."""
    assert parse_range_header("bytes=" + "0-,x" * 20_000, 10**9) == []


def test_the_frame_of_one_of_several_parts():
    (found,) = parse_range_header("bytes=0-9", 100)
    assert part_header(found, 100, "text/plain", "b") == (
        b"--b\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-9/100\r\n\r\n"
    )
