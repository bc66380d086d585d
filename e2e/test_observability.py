"""What an application tells about itself on uvicorn, granian and hypercorn: its log, metrics, headers and health."""

import asyncio
import json
import socket
import time

import httpx
import pytest
import websockets

APP = "e2e.observed_app:app"
SERVERS = ["uvicorn", "granian", "hypercorn"]


def logged(server, count, **wanted):
    """The log's records with these values, as soon as there are `count`."""
    deadline = time.monotonic() + 10
    while True:
        lines = [line for line in server.log.read_text().splitlines() if line.startswith('{"time"')]
        found = [record for record in map(json.loads, lines) if wanted.items() <= record.items()]
        if len(found) >= count or time.monotonic() > deadline:
            assert len(found) == count, server.log.read_text()
            return found
        time.sleep(0.05)


@pytest.mark.parametrize("kind", SERVERS)
def test_every_request_has_an_id_headers_a_line_and_a_count(start, kind):
    server = start(kind, APP)
    with httpx.Client(base_url=server.url, headers={"x-request-id": "mine"}, timeout=10) as http:
        ok = http.get("/items/7?token=secret", headers={"cookie": "a=secret"})
        missing = http.get("/nowhere/%1b[31m%0d%0aforged")
        odd = http.request("PURGE", "/nowhere")
        failed = http.get("/fails")  # servers may close the connection after it
    metrics = httpx.get(f"{server.url}/metrics", timeout=10).text
    for response in (ok, failed, missing, odd):
        assert response.headers["x-request-id"] == "mine"
        assert response.headers["x-content-type-options"] == "nosniff"
    assert [response.status_code for response in (ok, failed, missing, odd)] == [200, 500, 404, 404]
    (line,) = logged(server, 1, logger="fasterapi.access", route="/items/{item_id}")
    assert (line["status"], line["path"], line["client"], line["request_id"]) == (
        200,
        "/items/7",
        "127.0.0.1",
        "mine",
    )
    assert "token" not in str(line)
    (line,) = logged(server, 1, logger="fasterapi.access", route="/fails")
    assert (line["status"], line["error"], line["response_bytes"]) == (
        500,
        "LookupError",
        len(failed.content),
    )
    (error,) = logged(server, 1, logger="fasterapi.error")
    assert error["request_id"] == "mine"
    assert "LookupError: secret" in error["exception"]
    assert [line["path"] for line in logged(server, 2, logger="fasterapi.access", status=404)] == [
        r"/nowhere/\x1b[31m\r\nforged",
        "/nowhere",
    ]
    assert 'http_requests_total{method="GET",route="/items/{item_id}",status="200"} 1.0' in metrics
    assert 'http_requests_total{method="GET",route="/fails",status="500"} 1.0' in metrics
    assert 'http_requests_total{method="OTHER",route="<none>",status="404"} 1.0' in metrics


@pytest.mark.parametrize("kind", SERVERS)
def test_a_client_that_leaves_in_the_middle_is_logged(start, kind):
    server = start(kind, APP)
    with httpx.stream("GET", f"{server.url}/endless", timeout=10) as response:
        assert next(response.iter_raw())
    (line,) = logged(server, 1, logger="fasterapi.access", route="/endless")
    assert line["status"] == 200
    assert line["response_bytes"] >= 1000
    assert line.get("disconnected") or line.get("error")


@pytest.mark.parametrize("kind", SERVERS)
def test_a_websocket_connection_is_logged_when_it_ends(start, kind):
    server = start(kind, APP)

    async def talk() -> None:
        async with websockets.connect(server.url.replace("http", "ws") + "/live/blue") as websocket:
            await websocket.send("hello")
            assert await websocket.recv() == "blue hello"

    asyncio.run(talk())
    (line,) = logged(server, 1, logger="fasterapi.access", method="WEBSOCKET")
    assert (line["route"], line["status"]) == ("/live/{room}", 101)
    assert line["close_code"] == (1006 if kind == "hypercorn" else 1000)  # as the server reports it
    assert (line["request_bytes"], line["response_bytes"]) == (5, 10)


@pytest.mark.parametrize("kind", SERVERS)
def test_who_sends_slowly_is_408_and_what_answers_slowly_504(start, kind):
    server = start(kind, APP)
    assert httpx.post(f"{server.url}/slow", content=b"whole", timeout=10).status_code == 504
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")
        answer = connection.recv(1000)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()


@pytest.mark.parametrize("kind", SERVERS)
def test_an_instance_that_drains_is_live_and_not_ready(start, kind):
    server = start(kind, APP)
    with httpx.Client(base_url=server.url, timeout=10) as http:
        assert http.get("/health/ready").json() == {"status": "ok", "checks": {"loop": "ok"}}
        assert http.post("/drain").status_code == 204
        assert http.get("/health/ready").status_code == 503
        assert http.get("/health/live").status_code == 200
        assert http.get("/items/7").json() == 7
