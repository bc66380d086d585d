"""Limits, and what users may set."""

import pytest

from fasterapi._limits import (
    DEFAULT_LIMITS,
    LIMITS_KEY,
    BodyLimits,
    limits_of,
    validate_form_limits,
    validate_max_body_size,
)
from fasterapi.exceptions import FasterAPIError


def test_every_default_is_a_limit():
    assert all(isinstance(getattr(DEFAULT_LIMITS, name), int) for name in BodyLimits.__slots__)


def test_limits_of_a_scope():
    limits = BodyLimits(max_fields=1)
    assert limits_of({LIMITS_KEY: limits}) is limits
    assert limits_of({}) is DEFAULT_LIMITS


def test_limits_are_changed_by_copies():
    assert BodyLimits().with_form_limits({"max_files": 2, "max_part_size": 3}) == BodyLimits(
        max_files=2, max_part_size=3
    )
    assert BodyLimits().with_form_limits(None) == BodyLimits()
    assert BodyLimits().with_max_body_size(5) == BodyLimits(max_body_size=5, max_form_size=5)
    assert BodyLimits().with_max_body_size(None).max_form_size is None


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        ({"max_parts": 1}, "there is no limit 'max_parts'"),
        ({"max_fields": -1}, "max_fields must be a non-negative integer"),
        ({"max_fields": True}, "not True"),
        ({"max_files": 1.5}, "not 1.5"),
        ({"max_part_size": None}, "not None"),
    ],
)
def test_form_limits_are_known_sizes(limits, error):
    with pytest.raises(FasterAPIError, match=error):
        validate_form_limits(limits)


def test_no_form_limits_are_none():
    assert validate_form_limits(None) == {}


@pytest.mark.parametrize("size", [-1, True, 1.5, "1"])
def test_a_body_size_is_a_non_negative_integer(size):
    with pytest.raises(ValueError, match="max_body_size must be"):
        validate_max_body_size(size)
    validate_max_body_size(0)
    validate_max_body_size(None)
