"""What each converter accepts, what it makes of it, and how it writes it."""

import pickle
import uuid

import pytest

from fasterapi_router import Converter
from fasterapi_router.converter import BUILT_IN

ID = "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("str", "a b.c", "a b.c"),
        ("int", "0042", 42),
        ("float", "1.50", 1.5),
        ("float", "3", 3.0),
        ("uuid", ID, uuid.UUID(ID)),
        ("uuid", ID.replace("-", "").upper(), uuid.UUID(ID)),
        ("path", "a//b", "a//b"),
        ("path", "", ""),
    ],
)
def test_built_in_converters_accept_and_convert(name, text, value):
    converter = BUILT_IN[name]
    assert converter.accepts(text)
    assert converter.convert(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("str", ""),
        ("str", "a/b"),
        ("int", ""),
        ("int", "-1"),
        ("int", "1_0"),
        ("int", " 1"),
        ("int", "1\n"),
        ("int", "١"),
        ("float", "1."),
        ("float", ".5"),
        ("float", "1e3"),
        ("float", "nan"),
        ("uuid", ID[:-1]),
        ("uuid", "{" + ID + "}"),
    ],
)
def test_built_in_converters_refuse(name, text):
    assert not BUILT_IN[name].accepts(text)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("str", "a", "a"),
        ("int", 7, "7"),
        ("float", 0.0000001, "0.0000001"),
        ("float", 2, "2"),
        ("uuid", uuid.UUID(ID), ID),
        ("path", "a/b", "a/b"),
    ],
)
def test_values_are_written_as_the_pattern_wants_them(name, value, text):
    assert BUILT_IN[name].to_text(value) == text
    assert BUILT_IN[name].accepts(text)


@pytest.mark.parametrize("text", ["", "a/b"])
def test_only_a_catch_all_takes_nothing_or_slashes(text):
    """Whatever the user's pattern says: segments would not match otherwise."""
    assert not Converter(".*").accepts(text)
    assert Converter(".*", is_catch_all=True).accepts(text)


def test_converters_compare_and_travel_by_their_parts():
    converter = Converter("[a-z]+", str.upper, rank=5)
    copy = pickle.loads(pickle.dumps(converter))
    assert copy == converter
    assert copy.accepts("abc")
    assert converter != Converter("[a-z]+")
