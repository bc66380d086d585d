"""What is echoed to the client is always encodable and never large."""

import decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.validation.echo import MAX_ITEMS, MAX_TEXT, echo

CASES: list[tuple[Any, Any]] = [
    (None, None),
    (True, True),
    ("a", "a"),
    ("ü", "ü"),
    ("\ud800", "?"),
    (5, 5),
    (2**70, 2**70),
    (1.5, 1.5),
    (float("nan"), None),
    (float("inf"), None),
    (b"ab\xff", "ab\ufffd"),
    (bytearray(b"ab"), "ab"),
    ((1, {2}), [1, [2]]),
    ({1: 2, "\ud800": "x", None: 3}, {"1": 2, "?": "x", "None": 3}),
    (object(), "object"),
    (decimal.Decimal("1.5"), "Decimal"),
]


@pytest.mark.parametrize(("value", "expected"), CASES, ids=lambda case: repr(case)[:20])
def test_value_is_copied_safely(value: Any, expected: Any) -> None:
    assert echo(value) == expected


def test_long_texts_are_cut() -> None:
    assert echo("x" * (MAX_TEXT + 5)) == "x" * MAX_TEXT + "..."


def test_wide_values_are_cut() -> None:
    assert len(echo(list(range(MAX_ITEMS * 10)))) < MAX_ITEMS
    assert len(echo({str(number): number for number in range(MAX_ITEMS * 10)})) < MAX_ITEMS


def test_deep_values_are_cut() -> None:
    value: Any = {"a": 1}
    for _ in range(10_000):
        value = [value]
    assert "..." in str(echo(value))
    for _ in range(10_000):
        value = {"a": value}
    assert "..." in str(echo(value))


def test_integers_too_long_to_print_are_shown_in_hexadecimal() -> None:
    assert echo(10**100_000).startswith("0x")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.binary(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(codec=None)) | st.integers(), inner)
    ),
)


@given(values)
def test_every_echo_can_be_encoded(value: Any) -> None:
    msgspec.json.decode(msgspec.json.encode(echo(value)))
