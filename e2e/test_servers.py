"""The same application on uvicorn, granian and hypercorn: uploads, streams, files, WebSocket, HTTP/2, shutdown."""

import asyncio
import hashlib
import os
import threading
import time

import httpx
import pytest
import websockets

APP = "e2e.apps:app"
SERVERS = ["uvicorn", "granian", "hypercorn"]


@pytest.mark.parametrize("kind", SERVERS)
def test_http_over_a_real_socket(start, kind, tmp_path):
    server = start(kind, APP)
    with httpx.Client(base_url=server.url, timeout=30) as http:
        assert http.get("/health").json() == {"status": "ok"}
        content = os.urandom(5_000_000)
        uploaded = http.post("/upload", files={"file": ("a.bin", content)}).json()
        assert uploaded == {
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "name": "a.bin",
        }
        assert http.post("/body", content=b"x" * 3_000_000).json() == 3_000_000
        assert http.post("/body", content=b"x" * 30_000_000).status_code == 413
        with http.stream("GET", "/events") as response:
            assert response.headers["content-type"].startswith("text/event-stream")
            lines = [line for line in response.iter_lines() if line.startswith("data:")]
        assert lines == ['data: {"number":0}', 'data: {"number":1}', 'data: {"number":2}']
        whole = http.get("/file")
        part = http.get("/file", headers={"range": "bytes=3-9"})
        assert (part.status_code, part.content) == (206, whole.content[3:10])
        assert http.get("/file", headers={"if-none-match": whole.headers["etag"]}).status_code in {200, 304}
        assert http.get("/static/apps.py").content == whole.content
        assert http.get("/static/%2e%2e/README.md").status_code == 404
        head = http.head("/health")
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "15")


@pytest.mark.parametrize("kind", SERVERS)
def test_websockets_carry_text_bytes_and_big_messages(start, kind):
    server = start(kind, APP)

    async def talk() -> None:
        async with websockets.connect(server.url.replace("http", "ws") + "/ws", max_size=None) as socket:
            for message in ("hello", b"bytes", "ü" * 70_000, os.urandom(900_000), ""):
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send(["frag", "ment", "ed"])
            assert await socket.recv() == "fragmented"

    asyncio.run(talk())


def test_http_2_is_spoken_through_hypercorn(start):
    server = start("hypercorn", APP)
    with httpx.Client(base_url=server.url, http1=False, http2=True) as http:
        response = http.get("/health")
        assert (response.http_version, response.json()) == ("HTTP/2", {"status": "ok"})
        assert http.post("/body", content=b"x" * 100_000).json() == 100_000


def test_a_blocking_handler_stops_nobody_else(start):
    server = start("uvicorn", APP)
    answers: list[int] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(httpx.get(f"{server.url}/slow-sync", timeout=30).status_code)
        )
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    assert httpx.get(f"{server.url}/health", timeout=5).status_code == 200
    assert answers == []
    for thread in threads:
        thread.join()
    assert answers == [200] * 5


@pytest.mark.parametrize("kind", ["uvicorn", "hypercorn"])
def test_requests_in_flight_and_background_tasks_end_before_the_server_does(start, kind):
    server = start(kind, APP)
    answers: list[str] = []
    request = threading.Thread(
        target=lambda: answers.append(httpx.get(f"{server.url}/slow", timeout=30).json())
    )
    request.start()
    assert httpx.post(f"{server.url}/task").json() == "queued"
    time.sleep(0.2)
    code = server.stop()
    request.join()
    assert answers == ["done"]
    assert code in {0, -15}
    assert "background task done" in server.log.read_text()
