"""Limits, idempotency keys, CSRF tokens, sessions and kept answers over TCP, with several clients at once."""

import asyncio
import time
from collections import Counter

import httpx
import pytest
import websockets

APP = "e2e.protected:app"
SERVERS = ["uvicorn", "granian", "hypercorn"]


@pytest.fixture
def server(start, request):
    return start(getattr(request, "param", "uvicorn"), APP)


# Where it matters how a server tells of clients that go, of pieces and of messages.
on_all_servers = pytest.mark.parametrize("server", SERVERS, indirect=True)


def at_once(server, count, send):
    """The answers to `count` times `send(client)`, each over a connection of its own."""

    async def one():
        async with httpx.AsyncClient(base_url=server.url, timeout=30) as client:
            return await send(client)

    async def all_of_them():
        return await asyncio.gather(*(one() for _ in range(count)))

    return asyncio.run(all_of_them())


def test_a_limit_holds_for_many_connections(server):
    answers = at_once(server, 30, lambda client: client.get("/limited"))

    assert Counter(answer.status_code for answer in answers) == {200: 10, 429: 20}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json() == {"detail": "Too Many Requests"}
    assert 8600 <= int(refused.headers["retry-after"]) <= 8640


def test_an_order_is_done_once_however_often_it_is_sent(server):
    key = {"Idempotency-Key": "at once"}
    answers = at_once(server, 20, lambda client: client.post("/orders", json={"tea": 1}, headers=key))

    with httpx.Client(base_url=server.url) as client:
        again = client.post("/orders", json={"tea": 1}, headers=key)
        assert client.get("/health").json()["orders"] == 1

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert (again.json(), again.headers["idempotent-replayed"]) == (1, "true")


@on_all_servers
def test_a_client_that_went_away_gets_the_answer_when_it_asks_again(server):
    key = {"Idempotency-Key": "gone"}
    with httpx.Client(base_url=server.url) as client:
        with pytest.raises(httpx.ReadTimeout):
            client.post("/orders", json={"tea": 1}, headers=key, timeout=httpx.Timeout(30, read=0.1))
        for _ in range(100):
            again = client.post("/orders", json={"tea": 1}, headers=key)
            if again.status_code == 200:
                break
            time.sleep(0.05)

        assert again.json() == client.get("/health").json()["orders"] == 1


def test_a_kept_answer_is_given_to_all(server):
    with httpx.Client(base_url=server.url) as client:
        client.get("/report")

    answers = at_once(server, 20, lambda client: client.get("/report"))

    assert {(answer.json(), answer.headers["cache-status"][:14]) for answer in answers} == {
        (1, "fasterapi; hit")
    }


@on_all_servers
def test_a_form_with_a_token_and_an_upload(server):
    with httpx.Client(base_url=server.url) as client:
        token = client.get("/token").json()
        fields, files = {"csrf_token": token, "name": "ada"}, {"file": b"x" * 3_000_000}

        assert client.post("/upload", data=fields, files=files).json() == ["ada", 3_000_000]
        assert client.post("/upload", data={"name": "ada"}, files={"file": b"x"}).status_code == 403
        assert (
            client.post("/upload", data=fields, files=files, headers={"Origin": "https://a.b"}).status_code
            == 403
        )


def test_a_session_has_another_key_after_signing_in(server):
    with httpx.Client(base_url=server.url) as client:
        client.post("/sign-in/ada")
        before = {"Cookie": f"session={client.cookies['session']}"}
        client.post("/sign-in/bob")

        assert client.get("/who").json() == "bob"
        assert httpx.get(server.url + "/who", headers=before).json() is None


@on_all_servers
def test_streams_and_websockets_pass(server):
    with (
        httpx.Client(base_url=server.url) as client,
        client.stream("POST", "/stream", headers={"Idempotency-Key": "a"}) as response,
    ):
        moments = [time.monotonic() for _ in response.iter_raw()]
    assert moments[-1] - moments[0] > 0.2

    async def talk():
        async with websockets.connect(server.url.replace("http", "ws") + "/ws") as socket:
            await socket.send("hello")
            return await socket.recv()

    assert asyncio.run(talk()) == "hello"
