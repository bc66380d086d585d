"""A response that is read piece by piece, or not to its end."""

import asyncio
from contextlib import closing

import pytest

from fasterapi._testclient.grace import DEAF_SECONDS
from fasterapi.testclient import TestClient


def test_pieces_come_one_by_one(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as response:
        pieces = response.iter_raw()
        assert [next(pieces) for _ in range(3)] == [b"x", b"x", b"x"]
        # each one was made when the last one had been read
        assert app.calls.count("piece") <= 4


def test_an_endless_response_ends_with_its_client(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as response:
        next(response.iter_raw())

    assert app.calls[-1] == "ended"


def test_an_application_that_listens_hears_the_client_leave(app):
    client = TestClient(app)

    with client.stream("GET", "/events") as response:
        assert next(response.iter_raw()) == b"event"

    assert app.calls == ["saw the disconnect"]


def test_closing_the_client_ends_open_responses(app):
    client = TestClient(app)
    response = client.send(client.build_request("GET", "/events"), stream=True)

    client.close()

    assert response.status_code == 200
    assert app.calls == ["saw the disconnect"]


def test_leaving_the_lifespan_ends_open_responses(app):
    with TestClient(app) as client:
        client.send(client.build_request("GET", "/events"), stream=True)

    assert app.calls == ["startup", "saw the disconnect", "shutdown"]


def test_a_whole_response_can_be_read_in_pieces(app):
    with TestClient(app).stream("POST", "/echo", content=b"abc") as response:
        assert b"".join(response.iter_bytes()) == b"abc"


def test_two_responses_at_once(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as first, client.stream("GET", "/endless") as second:
        assert next(first.iter_raw()) == next(second.iter_raw()) == b"x"


@pytest.mark.parametrize("is_lifespan", [True, False], ids=["block", "close"])
def test_closing_the_client_ends_what_runs_after_a_response_that_was_left_open(is_lifespan):
    ended = []

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    client = TestClient(app)
    with client if is_lifespan else closing(client):
        response = client.send(client.build_request("GET", "/"), stream=True)
        assert next(response.iter_raw()) == b"whole"

    assert ended == [True]


def test_an_application_that_is_told_may_take_its_time():
    ended = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"piece", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        await asyncio.sleep(DEAF_SECONDS * 2)
        ended.append(True)

    with TestClient(app).stream("GET", "/") as response:
        next(response.iter_raw())

    assert ended == [True]


def test_an_application_that_asks_again_is_told_again():
    kinds = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"whole"})
        kinds.extend([(await receive())["type"] for _ in range(4)])

    TestClient(app).get("/")

    assert kinds == ["http.request"] + ["http.disconnect"] * 3
