"""What a request left out is in the dataclass all the same, and so in the answer."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from fasterapi.validation import Adapter
from fasterapi.validation.serializer import ResponseSerializer


@dataclass
class Point:
    x: int
    y: int = 0


@dataclass(frozen=True)
class Frozen:
    x: int = 1


@dataclass(slots=True)
class Slotted:
    x: int
    y: int = 0


@dataclass
class Line:
    start: Point
    ends: list[Point] = field(default_factory=list)
    names: dict[str, Point] = field(default_factory=dict)


class Shape(msgspec.Struct):
    points: tuple[Point, ...]
    line: Line | None = None


CASES: list[tuple[Any, bytes, Any]] = [
    (Point, b'{"x":1}', {"x": 1, "y": 0}),
    (Point, b'{"x":1,"y":2}', {"x": 1, "y": 2}),
    (Frozen, b"{}", {"x": 1}),
    (Slotted, b'{"x":1}', {"x": 1, "y": 0}),
    (list[Point], b'[{"x":1}]', [{"x": 1, "y": 0}]),
    (Point | None, b"null", None),
    (
        Line,
        b'{"start":{"x":1},"ends":[{"x":2}],"names":{"a":{"x":3}}}',
        {"start": {"x": 1, "y": 0}, "ends": [{"x": 2, "y": 0}], "names": {"a": {"x": 3, "y": 0}}},
    ),
    (Shape, b'{"points":[{"x":1}]}', {"points": [{"x": 1, "y": 0}], "line": None}),
]


@pytest.mark.parametrize(("type_", "body", "expected"), CASES)
def test_what_is_decoded_is_encoded_with_its_defaults(type_, body, expected):
    adapter = Adapter(type_)
    for value in (adapter.decode(body), adapter.convert(msgspec.json.decode(body))):
        assert msgspec.json.decode(msgspec.json.encode(value)) == expected


@pytest.mark.parametrize(("type_", "body", "expected"), CASES)
def test_a_result_that_is_made_a_dataclass_has_its_defaults(type_, body, expected):
    assert msgspec.json.decode(ResponseSerializer(type_).encode(msgspec.json.decode(body))) == expected
