"""Server-Sent Events: the bytes and the refusals of FastAPI's own module."""

import importlib

import pytest

sse = pytest.importorskip("fastapi.sse")
from fasterapi import sse as ours  # noqa: E402 - after the skip

EVENTS = [
    {},
    {"data_str": ""},
    {"data_str": "a\nb\r\nc\rd\x0b\u2028e\n"},
    {"comment": "a\nb", "event": "e", "data_str": "d", "id": "1", "retry": 0},
    {"event": "", "id": ""},
]


@pytest.mark.parametrize("event", EVENTS)
def test_the_wire_format(event):
    assert ours.format_sse_event(**event) == sse.format_sse_event(**event)
    assert ours.KEEPALIVE_COMMENT == sse.KEEPALIVE_COMMENT


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"data": {"a": 1}},
        {"raw_data": "x"},
        {"data": 1, "raw_data": "x"},
        {"data": None, "raw_data": "x"},
        {"event": "a\nb"},
        {"event": "a\0b"},
        {"id": "a\0"},
        {"id": "a\r"},
        {"id": 5},
        {"event": 5},
        {"retry": -1},
        {"retry": 0},
        {"comment": "a\nb"},
    ],
)
def test_an_event_is_made_or_refused(fields):
    def make(module):
        try:
            event = module.ServerSentEvent(**fields)
        except ValueError:
            return "refused"
        return tuple(getattr(event, name) for name in ("data", "raw_data", "event", "id", "retry", "comment"))

    assert make(ours) == make(importlib.import_module("fastapi.sse"))
