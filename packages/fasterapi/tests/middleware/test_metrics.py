"""Requests are counted by what the application declares, never by what clients make up."""

import asyncio
import subprocess
import sys

import pytest

prometheus_client = pytest.importorskip("prometheus_client")

from fasterapi import Faster, Request, Response, StreamingResponse, WebSocket, WebSocketDisconnect
from fasterapi.middleware.metrics import PrometheusMiddleware, metrics_endpoint
from fasterapi.testclient import TestClient


class Ticks:
    """A clock that moves by 0.03 seconds whenever it is looked at."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 0.03
        return self.now


@pytest.fixture
def registry():
    return prometheus_client.CollectorRegistry()


@pytest.fixture
def app(registry):
    app = Faster()
    app.add_middleware(PrometheusMiddleware, registry=registry, clock=Ticks())
    app.add_route("/metrics", metrics_endpoint(registry))

    @app.post("/items/{item_id}")
    async def item(item_id: int, request: Request) -> str:
        return "x" * len(await request.body())

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"one", b"two"]))

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError

    return app


@pytest.fixture
def client(app):
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def value(registry):
    return lambda name, **labels: registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("POST", "/items/7", {"method": "POST", "route": "/items/{item_id}", "status": "200"}),
        ("POST", "/items/x", {"method": "POST", "route": "/items/{item_id}", "status": "422"}),
        ("GET", "/items/7", {"method": "GET", "route": "/items/{item_id}", "status": "405"}),
        ("GET", "/stream", {"method": "GET", "route": "/stream", "status": "200"}),
        ("GET", "/fails", {"method": "GET", "route": "/fails", "status": "500"}),
        ("GET", "/nowhere", {"method": "GET", "route": "<none>", "status": "404"}),
        ("PURGE", "/nowhere", {"method": "OTHER", "route": "<none>", "status": "404"}),
    ],
)
def test_a_request_is_counted_by_method_route_and_status(client, value, method, path, labels):
    client.request(method, path)
    assert value("http_requests_total", **labels) == 1
    place = {name: labels[name] for name in ("method", "route")}
    assert value("http_request_duration_seconds_count", **place) == 1
    assert value("http_requests_in_progress", method=labels["method"]) == 0


def test_duration_and_sizes_are_measured(client, value):
    client.post("/items/7", content=b"12345")
    place = {"method": "POST", "route": "/items/{item_id}"}
    assert value("http_request_duration_seconds_sum", **place) == pytest.approx(0.03)
    assert value("http_request_duration_seconds_bucket", le="0.025", **place) == 0
    assert value("http_request_duration_seconds_bucket", le="0.05", **place) == 1
    assert value("http_request_size_bytes_sum", **place) == 5
    assert value("http_response_size_bytes_sum", **place) == 7


def test_clients_cannot_make_time_series(client, registry):
    client.get("/nowhere")
    client.request("A", "/nowhere")
    client.post("/items/0")
    before = len(list(registry.collect())), len(prometheus_client.generate_latest(registry).splitlines())
    for number in range(20):
        client.get(f"/nowhere/{number}")
        client.request(f"M{number}", "/nowhere")
        client.post(f"/items/{number}")
    after = len(list(registry.collect())), len(prometheus_client.generate_latest(registry).splitlines())
    assert before == after


def test_requests_in_progress_are_counted_while_they_are_served(registry, value, new_scope):
    seen = []

    async def app(scope, receive, send):
        seen.append(value("http_requests_in_progress", method="GET"))
        raise asyncio.CancelledError

    async def main():
        with pytest.raises(asyncio.CancelledError):
            await PrometheusMiddleware(app, registry=registry)(new_scope(), None, None)

    asyncio.run(main())
    assert seen == [1]
    assert value("http_requests_in_progress", method="GET") == 0


def test_requests_can_be_left_out(registry, value, reply, ask):
    app = PrometheusMiddleware(reply(), registry=registry, exclude=lambda scope: scope["path"] == "/quiet")
    ask(app, path="/quiet")
    ask(app, path="/loud")
    assert value("http_requests_total", method="GET", route="<none>", status="200") == 1


def test_the_endpoint_writes_text_or_openmetrics(client):
    client.get("/stream")
    text = client.get("/metrics")
    assert text.headers["content-type"].startswith("text/plain; version=")
    assert 'http_requests_total{method="GET",route="/stream",status="200"} 1.0' in text.text
    openmetrics = client.get("/metrics", headers={"accept": "application/openmetrics-text; version=1.0.0"})
    assert openmetrics.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")


def test_two_applications_share_the_metrics_of_one_registry(registry, value, reply, ask):
    for _ in range(2):
        ask(PrometheusMiddleware(reply(), registry=registry))
    assert value("http_requests_total", method="GET", route="<none>", status="200") == 2


def test_other_buckets_for_the_same_metrics_are_refused(registry, reply):
    PrometheusMiddleware(reply(), registry=registry)
    with pytest.raises(ValueError, match="other buckets"):
        PrometheusMiddleware(reply(), registry=registry, buckets=[1.0])
    PrometheusMiddleware(reply(), registry=registry, buckets=[1.0], prefix="other")


# WebSockets ---------------------------------------------------------------------------------------------------


@pytest.fixture
def rooms(app):
    @app.websocket("/rooms/{room}")
    async def room(websocket: WebSocket, room: int):
        await websocket.accept()
        async for text in websocket.iter_text():
            await websocket.send_text(text)
            await websocket.send_bytes(b"again")

    @app.websocket("/denied")
    async def denied(websocket: WebSocket):
        await websocket.send_denial_response(Response(status_code=401))

    @app.websocket("/closed")
    async def closed(websocket: WebSocket):
        await websocket.close()

    @app.websocket("/broken")
    async def broken(websocket: WebSocket):
        raise LookupError

    return TestClient(app, raise_server_exceptions=False)


def test_open_websockets_and_their_messages_are_counted_by_route(rooms, value):
    route = "/rooms/{room}"
    with rooms.websocket_connect("/rooms/1") as one, rooms.websocket_connect("/rooms/2"):
        for _ in range(3):
            one.send_text("x")
            one.receive_text()
            one.receive_bytes()
        assert value("websocket_connections_open", route=route) == 2
    assert value("websocket_connections_open", route=route) == 0
    assert value("websocket_connections_total", route=route, status="101") == 2
    assert value("websocket_messages_received_total", route=route) == 3
    assert value("websocket_messages_sent_total", route=route) == 6


@pytest.mark.parametrize(
    ("path", "route", "status"),
    [
        ("/denied", "/denied", "401"),
        ("/closed", "/closed", "403"),
        ("/broken", "/broken", "500"),
        ("/rooms/x", "/rooms/{room}", "403"),
        ("/nowhere", "<none>", "403"),
    ],
)
def test_a_handshake_that_is_refused_is_counted_with_its_status(rooms, value, path, route, status):
    with pytest.raises((WebSocketDisconnect, LookupError)), rooms.websocket_connect(path):
        pass
    assert value("websocket_connections_total", route=route, status=status) == 1
    assert value("websocket_connections_open", route=route) is None


def test_a_connection_whose_handler_fails_is_no_longer_open(registry, value, new_scope):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        raise asyncio.CancelledError

    async def send(message): ...

    async def main():
        with pytest.raises(asyncio.CancelledError):
            await PrometheusMiddleware(app, registry=registry)(new_scope("websocket"), None, send)

    asyncio.run(main())
    assert value("websocket_connections_open", route="<none>") == 0
    assert value("websocket_connections_total", route="<none>", status="101") == 1


def test_websockets_have_a_prefix_of_their_own_and_can_be_left_out(registry, value, new_scope):
    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})

    async def send(message): ...

    loud = PrometheusMiddleware(app, registry=registry, websocket_prefix="chat")
    quiet = PrometheusMiddleware(app, registry=registry, exclude=lambda scope: True)
    again = PrometheusMiddleware(app, registry=registry, prefix="other", websocket_prefix="chat")
    for each in (loud, quiet, again):
        asyncio.run(each(new_scope("websocket"), None, send))
    assert value("chat_connections_total", route="<none>", status="101") == 2
    assert value("websocket_connections_total", route="<none>", status="101") is None


def test_worker_processes_are_added_up(tmp_path):
    code = """
import asyncio, sys
from fasterapi import Faster
from fasterapi.middleware.metrics import PrometheusMiddleware, metrics_endpoint
from fasterapi.testclient import TestClient
app = Faster()
app.add_middleware(PrometheusMiddleware)
app.add_route("/metrics", metrics_endpoint())
client = TestClient(app)
client.get("/nowhere")
print(client.get("/metrics").text)
"""
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    for _ in range(2):
        found = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert 'http_requests_total{method="GET",route="<none>",status="404"} 2.0' in found.stdout


def test_a_missing_library_is_named_with_the_command_that_installs_it(monkeypatch, reply):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(RuntimeError, match=r"pip install \"fasterapi\[prometheus\]\""):
        PrometheusMiddleware(reply())
    with pytest.raises(RuntimeError, match="prometheus"):
        metrics_endpoint()
