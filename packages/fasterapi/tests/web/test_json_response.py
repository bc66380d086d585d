"""Responses of JSON, whole and line by line."""

import datetime
import decimal
import enum
import uuid

import msgspec
import pytest

from fasterapi.responses import JSONLinesResponse, JSONResponse, ORJSONResponse, UJSONResponse, encode_json


class Point(msgspec.Struct):
    x: int
    y: int = 2


class Color(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, b"null"),
        ({"a": 1, "b": [True, 2.5]}, b'{"a":1,"b":[true,2.5]}'),
        ("ü", '"ü"'.encode()),
        (Point(1), b'{"x":1,"y":2}'),
        (Color.RED, b'"red"'),
        ({1: 2}, b'{"1":2}'),
        (datetime.date(2030, 1, 2), b'"2030-01-02"'),
        (uuid.UUID(int=0), b'"00000000-0000-0000-0000-000000000000"'),
        (decimal.Decimal("1.50"), b'"1.50"'),
        ({"set"}, b'["set"]'),
        (float("nan"), b"null"),
        (float("inf"), b"null"),
    ],
)
def test_json(content, expected):
    assert JSONResponse(content).body == encode_json(content) == expected


@pytest.mark.parametrize("kind", [JSONResponse, ORJSONResponse, UJSONResponse])
def test_the_names_of_other_encoders_give_the_same(call, kind):
    answer = call(kind({"a": 1}, status_code=201, headers={"x-a": "1"}))
    assert (answer.status, answer.body, answer.header("x-a")) == (201, b'{"a":1}', "1")
    assert answer.header("content-type") == "application/json"


def test_what_can_not_be_encoded_is_named():
    with pytest.raises(NotImplementedError, match="complex"):
        JSONResponse({"a": 1j})


async def asynchronously(items):
    for item in items:
        yield item


@pytest.mark.parametrize("wrap", [list, iter, asynchronously])
def test_json_lines(call, wrap):
    answer = call(JSONLinesResponse(wrap([{"a": 1}, "x\n", Point(3)])))
    assert answer.header("content-type") == "application/jsonl"
    assert answer.body == b'{"a":1}\n"x\\n"\n{"x":3,"y":2}\n'
    assert answer.chunks[0] == b'{"a":1}\n'


def test_json_lines_are_encoded_as_the_route_wants(call):
    assert call(JSONLinesResponse([1, 2], encode=lambda value: b"filtered")).body == b"filtered\nfiltered\n"


def test_the_source_of_json_lines_is_closed_with_the_response():
    import asyncio

    closed = []

    async def endless():
        try:
            while True:
                yield 1
        finally:
            closed.append(1)

    async def main():
        async def send(message):
            if message.get("body"):
                raise OSError("gone")

        with pytest.raises(OSError, match="gone"):
            await JSONLinesResponse(endless()).to_asgi(send)
        assert closed == [1]

    asyncio.run(main())
