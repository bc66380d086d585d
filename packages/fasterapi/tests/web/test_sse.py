"""Server-Sent Events: the format, what may be sent, pings, and how a stream ends."""

import asyncio

import msgspec
import pytest

from fasterapi.responses import encode_json
from fasterapi.sse import (
    KEEPALIVE_COMMENT,
    EventSourceResponse,
    ServerSentEvent,
    encode_item,
    encode_message,
    format_sse_event,
    stream_events,
)


class Item(msgspec.Struct):
    name: str


@pytest.mark.parametrize(
    ("event", "wire"),
    [
        ({}, b"\n"),
        ({"data_str": "a"}, b"data: a\n\n"),
        ({"data_str": ""}, b"data: \n\n"),
        ({"data_str": "a\nb\r\nc\rd"}, b"data: a\ndata: b\ndata: c\ndata: d\n\n"),
        ({"data_str": "a\n"}, b"data: a\ndata: \n\n"),
        ({"data_str": "a\x0bb\u2028c"}, "data: a\x0bb\u2028c\n\n".encode()),
        (
            {"comment": "x\ny", "event": "e", "data_str": "d", "id": "1", "retry": 5},
            b": x\n: y\nevent: e\ndata: d\nid: 1\nretry: 5\n\n",
        ),
    ],
)
def test_the_wire_format(event, wire):
    assert format_sse_event(**event) == wire


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("value", ["a\ndata: forged", "a\rb", "a\r\n\r\n"])
def test_no_field_can_start_another_one(field, value):
    for make in (format_sse_event, ServerSentEvent):
        with pytest.raises(ValueError, match=f"'{field}' must be a single line"):
            make(**{field: value})


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"data": 1, "raw_data": "x"}, "data or raw_data, not both"),
        ({"id": "a\0"}, "null characters"),
        ({"id": 5}, "must be a string"),
        ({"retry": -1}, "non-negative integer"),
        ({"retry": "1"}, "non-negative integer"),
    ],
)
def test_an_event_that_the_format_can_not_carry(fields, error):
    with pytest.raises(ValueError, match=error):
        ServerSentEvent(**fields)


@pytest.mark.parametrize(
    ("item", "wire"),
    [
        (ServerSentEvent(data="hello"), b'data: "hello"\n\n'),
        (ServerSentEvent(raw_data="hello"), b"data: hello\n\n"),
        (
            ServerSentEvent(data=Item("x"), event="e", id="1", retry=0),
            b'event: e\ndata: {"name":"x"}\nid: 1\nretry: 0\n\n',
        ),
        (ServerSentEvent(comment="ping"), b": ping\n\n"),
        ({"a": 1}, b'data: {"a":1}\n\n'),
        ("hello", b'data: "hello"\n\n'),
        (None, b"data: null\n\n"),
    ],
)
def test_what_a_handler_yields(item, wire):
    assert encode_item(item) == wire


def test_the_data_is_encoded_as_the_route_wants():
    assert encode_item({"a": 1}, lambda value: b"filtered") == b"data: filtered\n\n"
    assert encode_item(ServerSentEvent(data=1), lambda value: b"filtered") == b"data: filtered\n\n"


@pytest.mark.parametrize(
    ("item", "wire"),
    [
        ("hello", b"data: hello\n\n"),
        ("event: x\ndata: y\n\n", b"event: x\ndata: y\n\n"),
        (b"data: x\n\n", b"data: x\n\n"),
        (bytearray(b"x"), b"x"),
        ({"data": "hello"}, b"data: hello\n\n"),
        (
            {"event": "update", "data": "a\nb", "id": 1, "retry": 5},
            b"event: update\ndata: a\ndata: b\nid: 1\nretry: 5\n\n",
        ),
        ({"data": {"a": 1}}, b'data: {"a":1}\n\n'),
        ({"other": 1}, b'data: {"other":1}\n\n'),
        ({}, b"data: {}\n\n"),
        (Item("x"), b'data: {"name":"x"}\n\n'),
    ],
)
def test_what_a_response_made_by_hand_is_given(item, wire):
    assert encode_message(item) == wire


async def asynchronously(items):
    for item in items:
        yield item


@pytest.mark.parametrize("wrap", [list, iter, asynchronously])
def test_an_event_source(call, wrap):
    answer = call(EventSourceResponse(wrap([{"data": "a"}, ServerSentEvent(data=1)]), headers={"x-a": "1"}))
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    assert answer.header("cache-control") == "no-cache"
    assert answer.header("x-accel-buffering") == "no"
    assert answer.header("x-a") == "1"
    assert answer.chunks == [b"data: a\n\n", b"data: 1\n\n", b""]


def test_headers_may_be_set_otherwise(call):
    assert (
        call(EventSourceResponse([], headers={"cache-control": "no-store"})).header("cache-control")
        == "no-store"
    )


def test_a_quiet_stream_is_kept_alive():
    async def main():
        go_on = asyncio.Event()

        async def quiet():
            await go_on.wait()
            yield "late"

        stream = stream_events(quiet(), encode_json, ping_interval=0.01)
        assert await anext(stream) == KEEPALIVE_COMMENT
        assert await anext(stream) == KEEPALIVE_COMMENT
        go_on.set()
        assert await anext(stream) == b'"late"'
        with pytest.raises(StopAsyncIteration):
            await anext(stream)

    asyncio.run(main())


@pytest.mark.parametrize("is_async", [True, False])
def test_an_error_of_the_handler_ends_the_stream(is_async):
    def items():
        yield 1
        raise ValueError("broken")

    async def items_async():
        yield 1
        raise ValueError("broken")

    async def main():
        stream = stream_events(items_async() if is_async else items(), encode_json)
        assert await anext(stream) == b"1"
        with pytest.raises(ValueError, match="broken"):
            await anext(stream)
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_a_client_that_leaves_closes_the_handler():
    async def main():
        closed = asyncio.Event()
        started = asyncio.Event()

        async def events():
            try:
                yield {"data": "x"}
                await asyncio.Event().wait()
            finally:
                closed.set()

        async def receive():
            await started.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            if message.get("body"):
                started.set()

        async with asyncio.timeout(10):
            await EventSourceResponse(events())({"type": "http"}, receive, send)
        assert closed.is_set()
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_the_handler_runs_in_one_task():
    """Timeouts and context variables hold across `yield`."""

    async def main():
        tasks = set()

        async def events():
            async with asyncio.timeout(10):
                for number in range(3):
                    tasks.add(asyncio.current_task())
                    yield number

        assert [event async for event in stream_events(events(), encode_json)] == [b"0", b"1", b"2"]
        assert len(tasks) == 1

    asyncio.run(main())
