"""A request whose response does not begin in time is cancelled. The times here are the events', not the clock's."""

import asyncio

import pytest

from fasterapi import Depends, Faster, FasterRouter
from fasterapi.middleware import Middleware, TimeoutMiddleware
from fasterapi.testclient import TestClient

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


def test_waiting_for_the_client_to_go_away_is_no_blame_either(new_scope):
    async def app(scope, receive, send):
        while (await receive())["type"] != "http.disconnect":
            pass

    async def run():
        messages = [
            {"type": "http.request", "body": b"a", "more_body": True},
            {"type": "http.request", "body": b"b"},
        ]
        sent = []

        async def receive():
            return messages.pop(0) if messages else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        await TimeoutMiddleware(app, SOON)(new_scope(), receive, send)
        return sent[0]["status"]

    assert asyncio.run(run()) == 504


def route_application(left):
    async def leaving():
        try:
            yield
        finally:
            left.append(True)

    app = Faster()
    limited = [Middleware(TimeoutMiddleware, timeout_seconds=SOON)]
    router = FasterRouter(prefix="/router", middleware=limited)

    @app.get("/slow", middleware=limited, dependencies=[Depends(leaving)])
    @app.get("/free", dependencies=[Depends(leaving)])
    @app.get("/watched", middleware=limited, cancel_on_disconnect=True)
    @router.get("/slow", dependencies=[Depends(leaving)])
    async def slow() -> str:
        await asyncio.sleep(SOON * 5)
        return "slow"

    app.include_router(router)
    return app


@pytest.mark.parametrize(
    ("path", "status"), [("/slow", 504), ("/router/slow", 504), ("/free", 200), ("/watched", 504)]
)
def test_one_route_or_router_can_have_a_time_of_its_own(path, status):
    left = []
    assert TestClient(route_application(left)).get(path).status_code == status
    assert left == ([] if path == "/watched" else [True])


def test_a_route_whose_client_sends_slowly_is_408(new_scope):
    app = Faster()

    @app.post("/", middleware=[Middleware(TimeoutMiddleware, timeout_seconds=SOON)])
    async def take(body: dict) -> dict:
        return body

    async def run():
        messages = [{"type": "http.request", "body": b"{", "more_body": True}]
        sent = []

        async def receive():
            return messages.pop(0) if messages else await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        headers = {"content-type": "application/json"}
        await app(new_scope(method="POST", headers=headers), receive, send)
        return sent[0]["status"]

    assert asyncio.run(run()) == 408


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
