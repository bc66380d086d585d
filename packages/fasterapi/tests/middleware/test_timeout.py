"""A request whose response does not begin in time is cancelled. The times here are the events', not the clock's."""

import asyncio

import pytest

from fasterapi.middleware import TimeoutMiddleware

SOON = 0.01


@pytest.fixture
def cancelled():
    return []


def test_an_application_that_takes_too_long_is_504(ask, cancelled):
    async def app(scope, receive, send):
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(True)

    answer = ask(TimeoutMiddleware(app, SOON))

    assert (answer.status, answer.body) == (504, b"Gateway Timeout")
    assert cancelled == [True]


def test_a_client_that_takes_too_long_is_408(ask_async, new_scope):
    async def app(scope, receive, send):
        await receive()

    async def run():
        sent = []

        async def receive():
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await TimeoutMiddleware(app, SOON)(new_scope(), receive, send)
        return sent

    start, body = asyncio.run(run())

    assert (start["status"], body["body"]) == (408, b"Request Timeout")
    assert (b"connection", b"close") in start["headers"]


def test_reading_the_body_stops_the_blame(ask):
    async def app(scope, receive, send):
        await receive()
        await asyncio.Event().wait()

    assert ask(TimeoutMiddleware(app, SOON)).status == 504


def test_a_response_that_has_begun_may_take_its_time(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(SOON * 3)
        await send({"type": "http.response.body", "body": b"late"})

    assert ask(TimeoutMiddleware(app, SOON)).body == b"late"


def test_a_timeout_of_the_application_is_its_own(ask):
    async def app(scope, receive, send):
        raise TimeoutError("database")

    with pytest.raises(TimeoutError, match="database"):
        ask(TimeoutMiddleware(app, 60))


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_the_time_must_be_positive(seconds):
    with pytest.raises(ValueError, match="must be positive"):
        TimeoutMiddleware(None, seconds)
