"""A log record is one line of JSON, whatever is in it."""

import json
import logging
import sys

import pytest

from fasterapi.logs import JSONFormatter, printable


def record(message="text", *args, **extra):
    made = logging.makeLogRecord({"name": "shop", "levelname": "INFO", "msg": message, "args": args})
    made.created = 1_700_000_000.25
    vars(made).update(extra)
    return made


def line(*args, **extra):
    text = JSONFormatter().format(record(*args, **extra))
    assert text.isprintable()
    return json.loads(text)


def test_a_record_has_time_level_logger_message_and_extras():
    assert line("sold %d", 3, currency="EUR", user={"id": 7}) == {
        "time": "2023-11-14T22:13:20.250000Z",
        "level": "INFO",
        "logger": "shop",
        "message": "sold 3",
        "currency": "EUR",
        "user": {"id": 7},
    }


class Broken:
    def __repr__(self):
        raise RuntimeError


class Known:
    def __repr__(self):
        return "<known\n>"


CYCLE: list = []
CYCLE.append(CYCLE)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Known(), "<known\n>"),
        ({1, 2}, [1, 2]),
        (2**80, 2**80),
        ("\ud800", "\\ud800"),
        ("é\U0001f600", "é\U0001f600"),
        ("\x7f\x9b\u2028\U000e0001", "\x7f\x9b\u2028\U000e0001"),
        (CYCLE, "[[...]]"),
        (Broken(), "<Broken, whose repr raises RuntimeError>"),
        (float("nan"), None),
        (b"bytes", "Ynl0ZXM="),
    ],
    ids="own-class set huge surrogate text hidden cycle broken nan bytes".split(),
)
def test_every_value_has_a_form(value, written):
    assert line(value=value)["value"] == written


def test_an_exception_is_its_traceback_in_the_same_line():
    try:
        raise LookupError("gone\nfor good")
    except LookupError:
        content = line(exc_info=sys.exc_info(), stack_info="Stack")
    assert content["exception"].startswith("Traceback")
    assert content["exception"].endswith("LookupError: gone\nfor good")
    assert content["stack"] == "Stack"


def test_extras_can_be_left_out():
    assert "color_message" not in line(color_message="x")
    assert "other" not in JSONFormatter(exclude=["other"]).format(record(other=1))


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("plain é", "plain é"),
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[0m", r"\x1b[0m"),
        ("\u202e", r"\u202e"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_is_not_to_be_seen_is_escaped(text, safe):
    assert printable(text) == safe
