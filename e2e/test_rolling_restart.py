"""A new process takes over a listening socket while clients keep asking: no request is lost."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest
import websockets

from .conftest import PYTHONPATH, ROOT

APP = "e2e.apps:app"
LIVE = "e2e.live_app:app"


@pytest.fixture
def listening():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(256)
        yield server


def wait_for(text: str, path, count: int = 1) -> None:
    deadline = time.monotonic() + 30
    while path.read_text().count(text) < count:
        assert time.monotonic() < deadline, path.read_text()
        time.sleep(0.05)


@pytest.fixture
def uvicorn(listening):
    """Start servers on one listening socket; what a failed test has left is ended."""
    started: list[subprocess.Popen] = []

    def start(log, app: str = APP) -> subprocess.Popen:
        command = ["-m", "uvicorn", app, "--fd", str(listening.fileno()), "--timeout-graceful-shutdown", "10"]
        server = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": PYTHONPATH},
            pass_fds=[listening.fileno()],
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        started.append(server)
        return server

    yield start
    for server in started:
        if server.poll() is None:
            server.kill()
        server.wait()


def test_a_rolling_restart_under_load_loses_no_request(listening, uvicorn, tmp_path):
    port = listening.getsockname()[1]
    path = tmp_path / "log"
    stop = threading.Event()
    answers: list[object] = []

    def get_health() -> int:
        # One connection per request: an idle one may be closed by a server just when it is used again. uvicorn may
        # also close one that it has accepted and not read from; then a client sends an idempotent request again
        # (RFC 9110, section 9.2.2).
        for _ in range(2):
            with contextlib.suppress(httpx.RemoteProtocolError, httpx.ReadError):
                return httpx.get(f"http://127.0.0.1:{port}/health", timeout=20).status_code
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=20).status_code

    def ask() -> None:
        while not stop.is_set():
            try:
                answers.append(get_health())
            except httpx.HTTPError as error:
                answers.append(error)

    with path.open("wb") as log:
        old = uvicorn(log)
        wait_for("Application startup complete", path)
        clients = [threading.Thread(target=ask) for _ in range(8)]
        for client in clients:
            client.start()
        slow = threading.Thread(
            target=lambda: answers.append(httpx.get(f"http://127.0.0.1:{port}/slow", timeout=20).status_code)
        )
        slow.start()
        time.sleep(0.3)
        new = uvicorn(log)
        wait_for("Application startup complete", path, 2)
        old.send_signal(signal.SIGTERM)
        old.wait(20)
        slow.join()
        time.sleep(0.5)
        stop.set()
        for client in clients:
            client.join()
        new.send_signal(signal.SIGTERM)
        new.wait(20)
    assert len(answers) > 50
    assert set(answers) == {200}


def test_open_connections_move_to_the_new_process(listening, uvicorn, tmp_path):
    """Whoever comes back when it is told so finds the next server; nobody is refused or cut off."""
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    path, moved = tmp_path / "log", []
    failures: list[BaseException] = []

    def begun(count: int) -> None:
        deadline = time.monotonic() + 30
        while len(moved) < count:
            assert time.monotonic() < deadline, (len(moved), failures, path.read_text()[-3000:])
            time.sleep(0.05)

    # A server that is going ends what reaches it on an open connection at once: one comes back, as browsers do.
    async def stream(http: httpx.AsyncClient) -> None:
        lines = 0
        while lines < 2:
            async with http.stream("GET", "/events") as response:
                async for line in response.aiter_lines():
                    if line:
                        moved.append(line)
                        lines += 1

    async def connection() -> None:
        echoes = 0
        while echoes < 2:
            async with websockets.connect(f"ws://{address}/echo") as ws:
                with pytest.raises(websockets.ConnectionClosed):
                    await ws.send("hello")
                    moved.append(await ws.recv())
                    echoes += 1
                    await ws.recv()
                assert ws.close_code == 1012

    async def clients() -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)  # as above
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=30, limits=limits) as http:
            await asyncio.gather(*(stream(http) for _ in range(20)), *(connection() for _ in range(20)))

    def run() -> None:
        try:
            asyncio.run(clients())
        except BaseException as error:
            failures.append(error)

    with path.open("wb") as log:
        old = uvicorn(log, LIVE)
        wait_for("Application startup complete", path)
        thread = threading.Thread(target=run)
        thread.start()
        begun(40)
        new = uvicorn(log, LIVE)
        wait_for("Application startup complete", path, 2)
        for server, count in ((old, 80), (new, 80)):
            server.send_signal(signal.SIGTERM)
            server.wait(10)
            begun(count)
        thread.join(10)
    assert failures == []
    assert sorted(moved) == sorted(['data: "begun"'] * 40 + ["hello"] * 40)


def test_an_endless_stream_ends_and_leaves_nothing_behind(start):
    server = start("uvicorn", APP)
    lines: list[str] = []

    def listen() -> None:
        try:
            with httpx.stream("GET", f"{server.url}/events?count=100000", timeout=30) as response:
                lines.extend(response.iter_lines())
        except httpx.HTTPError as error:
            lines.append(repr(error))

    listener = threading.Thread(target=listen)
    listener.start()
    time.sleep(0.5)
    begin = time.monotonic()
    server.stop()
    listener.join(15)
    assert not listener.is_alive()
    assert time.monotonic() - begin < 5
    assert lines
    assert "Task was destroyed" not in server.log.read_text()
