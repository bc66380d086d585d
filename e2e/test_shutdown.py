"""SIGTERM with open event streams and WebSockets: all are told, nothing is lost, and the server does not wait."""

import asyncio
import signal
import time

import httpx
import pytest
import websockets

APP = "e2e.live_app:app"
OPEN = 50


async def stream(http: httpx.AsyncClient, begun: asyncio.Semaphore) -> list[str]:
    async with http.stream("GET", "/events") as response:
        lines = []
        async for line in response.aiter_lines():
            if not lines:
                begun.release()
            lines.append(line)
        return lines


async def connection(url: str, begun: asyncio.Semaphore) -> int | None:
    async with websockets.connect(url) as socket:
        begun.release()
        try:
            while True:
                await socket.recv()
        except websockets.ConnectionClosed:
            return socket.close_code


async def open_and_stop(server) -> tuple[list[list[str]], list[int | None], str]:
    begun = asyncio.Semaphore(0)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=server.url, timeout=30, limits=limits) as http:
        streams = [asyncio.ensure_future(stream(http, begun)) for _ in range(OPEN)]
        paths = ["/waits", "/sends"] * (OPEN // 2)
        url = server.url.replace("http", "ws")
        connections = [asyncio.ensure_future(connection(url + path, begun)) for path in paths]
        slow = asyncio.ensure_future(http.get("/slow"))
        for _ in range(2 * OPEN):
            await asyncio.wait_for(begun.acquire(), 20)
        await asyncio.sleep(0.2)  # the slow request is on its way, too
        server.process.send_signal(signal.SIGTERM)
        lines = await asyncio.wait_for(asyncio.gather(*streams), 5)
        codes = await asyncio.wait_for(asyncio.gather(*connections), 5)
        return lines, codes, (await slow).json()


@pytest.mark.parametrize("kind", ["uvicorn", "granian", "hypercorn-alone", "cli"])
def test_all_are_told_and_the_server_ends_before_its_grace_period(start, kind):
    server = start(kind, APP)
    lines, codes, answer = asyncio.run(open_and_stop(server))
    begin = time.monotonic()
    assert server.stop() in {0, -15}
    assert time.monotonic() - begin < 5
    assert lines == [['data: "begun"', ""]] * OPEN
    # Granian may cut connections off before they have been closed; their handlers are told nevertheless.
    assert codes == [1012] * OPEN or (kind == "granian" and set(codes) <= {1006, 1012})
    assert answer == "done"
    log = server.log.read_text()
    assert log.count("stream closed") == OPEN
    assert log.count("told ") == OPEN
    assert log.count("told 1012") == OPEN or kind == "granian"
    assert "Traceback" not in log
    assert "Task was destroyed" not in log


@pytest.mark.parametrize("kind", ["uvicorn", "hypercorn-alone"])
def test_a_message_in_hand_is_answered(start, kind):
    server = start(kind, APP)

    async def talk() -> None:
        async with websockets.connect(server.url.replace("http", "ws") + "/answers") as socket:
            await socket.send("a")
            assert await socket.recv() == "answer to a"
            await socket.send("b")
            await asyncio.sleep(0.01)
            server.process.send_signal(signal.SIGTERM)
            got = []
            with pytest.raises(websockets.ConnectionClosed):
                while True:
                    got.append(await socket.recv())
            assert socket.close_code == 1012
            # uvicorn closes connections itself, at a moment of its own within a tenth of a second.
            assert got == ["answer to b"] or (kind == "uvicorn" and got == [])

    asyncio.run(talk())
    assert server.stop() in {0, -15}


def test_background_tasks_have_a_deadline_and_those_beyond_it_are_named(start):
    server = start("hasty", APP)
    assert httpx.post(f"{server.url}/tasks").json() == "queued"
    begin = time.monotonic()
    assert server.stop() in {0, -15}
    assert 1 < time.monotonic() - begin < 10
    log = server.log.read_text()
    assert "task done" in log
    assert "background task never_ends was cancelled" in log
    assert "background task print was not begun" in log
    assert "never begun" not in log
