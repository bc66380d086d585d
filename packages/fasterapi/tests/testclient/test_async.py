"""The same client for tests that are coroutines: the application runs in their loop."""

import asyncio

import pytest

from fasterapi.testclient import AsyncTestClient, WebSocketDenialResponse
from fasterapi.websockets import WebSocketDisconnect


@pytest.fixture
def run(app):
    """`run(test)` runs `test(client)` inside the client's block."""

    def go(test, **options):
        async def main():
            async with AsyncTestClient(app, **options) as client:
                return await test(client)

        return asyncio.run(main())

    return go


def test_the_application_runs_in_the_loop_of_the_test(run, app):
    async def test(client):
        assert (await client.get("/scope")).json()["path"] == "/scope"
        return id(asyncio.get_running_loop())

    assert {run(test)} == app.loops
    assert app.calls == ["startup", "shutdown"]


@pytest.mark.parametrize(
    ("content", "body", "pieces"), [(b"abc", b"abc", "1"), ([b"a", b"b"], b"ab", "3")], ids=str
)
def test_bodies(run, content, body, pieces):
    async def stream():
        for piece in content:
            yield piece

    async def test(client):
        return await client.post("/echo", content=stream() if isinstance(content, list) else content)

    response = run(test)

    assert (response.content, response.headers["x-pieces"]) == (body, pieces)


def test_an_upload(run):
    async def test(client):
        return await client.post("/echo", files={"file": ("a.txt", b"content")})

    assert b"content" in run(test).content


def test_errors_are_raised(run):
    async def test(client):
        for path in ("/raise", "/raiselate"):
            with pytest.raises(LookupError):
                await client.get(path)
        with pytest.raises(AssertionError):
            await client.get("/nothing")

    run(test)


def test_errors_may_be_responses(run):
    async def test(client):
        return (await client.get("/raise")).status_code, (await client.head("/raiselate")).content

    assert run(test, raise_server_exceptions=False) == (500, b"")


def test_streams_end_with_their_client(run, app):
    async def test(client):
        async with client.stream("GET", "/events") as response:
            async for piece in response.aiter_raw():
                assert piece == b"event"
                break
        assert app.calls == ["startup", "saw the disconnect"]
        await client.send(client.build_request("GET", "/endless"), stream=True)

    run(test)

    assert app.calls[-2:] == ["ended", "shutdown"]


def test_a_websocket(run, app):
    async def test(client):
        async with client.websocket_connect("/chat", subprotocols=["a"]) as chat:
            assert chat.scope["scheme"] == "ws"
            assert chat.accepted_subprotocol == "a"
            await chat.send_text("a")
            assert await chat.receive_text() == "a"
            await chat.send_bytes(b"b")
            assert await chat.receive_bytes() == b"b"
            await chat.send_json([1])
            assert await chat.receive_json() == [1]
            await chat.send_json([2], mode="binary")
            assert await chat.receive_json(mode="binary") == [2]
            await chat.send({"type": "websocket.receive", "text": "c"})
            assert (await chat.receive())["text"] == "c"
            await chat.close(4000)

    run(test)

    assert app.calls == ["startup", "disconnect 4000", "cleaned up", "shutdown"]


def test_a_websocket_that_is_refused(run):
    async def test(client):
        with pytest.raises(WebSocketDisconnect):
            async with client.websocket_connect("/refuse"):
                pass
        with pytest.raises(WebSocketDenialResponse):
            async with client.websocket_connect("/deny"):
                pass

    run(test)


def test_two_requests_at_once(run):
    async def test(client):
        responses = await asyncio.gather(*[client.post("/echo", content=str(n)) for n in range(20)])
        return [response.text for response in responses]

    assert run(test) == [str(n) for n in range(20)]


def test_a_request_that_is_cancelled_ends_the_application(app):
    ended = []

    async def waiting(scope, receive, send):
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def main():
        request = asyncio.create_task(AsyncTestClient(waiting).get("/"))
        for _ in range(10):
            await asyncio.sleep(0)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request

    asyncio.run(main())

    assert ended == [True]


def test_closing_the_client_inside_of_the_block_shuts_down(run, app):
    async def test(client):
        await client.aclose()
        assert app.calls == ["startup", "shutdown"]

    run(test)

    assert app.calls == ["startup", "shutdown"]


def test_without_a_block_there_is_no_lifespan(app):
    async def main():
        client = AsyncTestClient(app)
        await client.get("/scope")
        await client.aclose()

    asyncio.run(main())

    assert app.calls == []


def test_a_failing_start_up_is_raised():
    async def app(scope, receive, send):
        raise LookupError("no database")

    async def main():
        async with AsyncTestClient(app):
            pass

    with pytest.raises(LookupError):
        asyncio.run(main())
