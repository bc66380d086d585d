"""One record per request and connection, whatever becomes of it, with nothing in it that is nobody's business."""

import asyncio
import json
import logging

import pytest

from fasterapi import (
    Faster,
    HTTPException,
    Request,
    Response,
    StreamingResponse,
    WebSocket,
    WebSocketDisconnect,
)
from fasterapi.logs import JSONFormatter
from fasterapi.middleware.accesslog import AccessLogMiddleware
from fasterapi.middleware.requestid import RequestIDMiddleware
from fasterapi.testclient import TestClient

OWN = "method route status duration_ms request_bytes response_bytes path client request_id error disconnected close_code"


class Ticks:
    """A clock that moves by a second whenever it is looked at."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def records():
    kept = []

    class Keep(logging.Handler):
        def emit(self, record):
            kept.append(record)

    handler = Keep()
    logger = logging.getLogger("tests.access")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield kept
    logger.removeHandler(handler)


@pytest.fixture
def entries(records):
    """The extras of all records so far."""
    return lambda: [
        {name: vars(record)[name] for name in OWN.split() if name in vars(record)} for record in records
    ]


def application(**options):
    app = Faster()
    app.add_middleware(AccessLogMiddleware, logger="tests.access", clock=Ticks(), **options)

    @app.post("/items/{item_id}")
    async def item(item_id: int, request: Request) -> int:
        return len(await request.body())

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError("secret")

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(418)

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        return StreamingResponse(iter([b"one", b"two"]))

    @app.websocket("/live/{room}")
    async def live(websocket: WebSocket, room: str) -> None:
        if room == "closed":
            return await websocket.close()
        await websocket.accept()
        await websocket.send_text("é")
        await websocket.receive_bytes()
        if room == "fails":
            raise LookupError
        await websocket.close(4000)

    return app


def test_a_request_is_one_record_with_its_template_and_sizes(entries, records):
    TestClient(application()).post(
        "/items/7?token=secret", content=b"12345", headers={"authorization": "secret", "cookie": "a=secret"}
    )
    assert entries() == [
        {
            "method": "POST",
            "route": "/items/{item_id}",
            "status": 200,
            "duration_ms": 1000.0,
            "request_bytes": 5,
            "response_bytes": 1,
            "client": "testclient",
        }
    ]
    assert records[0].getMessage() == "POST /items/{item_id} 200"
    assert "secret" not in JSONFormatter().format(records[0])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/fails", {"route": "/fails", "status": 500, "error": "LookupError"}),
        ("GET", "/teapot", {"route": "/teapot", "status": 418, "error": None}),
        ("GET", "/stream", {"route": "/stream", "status": 200, "response_bytes": 6}),
        ("GET", "/items/7", {"route": "/items/{item_id}", "status": 405}),
        ("POST", "/items/x", {"route": "/items/{item_id}", "status": 422}),
        ("GET", "/nowhere", {"route": None, "status": 404}),
    ],
)
def test_every_outcome_is_logged(entries, method, path, expected):
    TestClient(application(), raise_server_exceptions=False).request(method, path)
    (entry,) = entries()
    assert {name: entry.get(name) for name in expected} == expected


def test_the_answer_to_an_exception_is_one_record_and_names_the_exception(entries):
    TestClient(application(), raise_server_exceptions=False).get("/fails")
    (entry,) = entries()
    assert (entry["status"], entry["response_bytes"], entry["error"]) == (
        500,
        len("Internal Server Error"),
        "LookupError",
    )
    assert entry["duration_ms"] == 1000.0


def test_inside_of_the_errors_an_exception_is_logged_as_the_500_that_it_will_be(entries, ask):
    async def app(scope, receive, send):
        raise LookupError

    with pytest.raises(LookupError):
        ask(AccessLogMiddleware(app, logger="tests.access"))
    assert (entries()[0]["status"], entries()[0]["response_bytes"]) == (500, 0)


def test_the_path_is_logged_when_it_is_asked_for(entries, records):
    TestClient(application(path=True)).post("/items/7?token=secret")
    assert entries()[0]["path"] == "/items/7"
    assert records[0].getMessage() == "POST /items/7 200"


def test_the_client_can_be_left_out(entries):
    TestClient(application(client=False)).post("/items/7")
    assert "client" not in entries()[0]


def test_the_request_id_is_logged_whichever_middleware_is_outside(entries):
    for order in (0, 1):
        app = Faster()
        both = [(RequestIDMiddleware, {}), (AccessLogMiddleware, {"logger": "tests.access"})]
        for middleware, options in both if order else reversed(both):
            app.add_middleware(middleware, **options)
        TestClient(app).get("/", headers={"x-request-id": "mine"})
    assert [entry["request_id"] for entry in entries()] == ["mine", "mine"]


def test_requests_can_be_left_out(entries):
    app = application(exclude=lambda scope: scope["path"] == "/stream")
    TestClient(app).get("/stream")
    TestClient(app).get("/teapot")
    assert [entry["route"] for entry in entries()] == ["/teapot"]


def test_nothing_is_measured_when_nobody_listens(ask, records):
    logging.getLogger("tests.access").setLevel(logging.WARNING)
    seen = []

    async def app(scope, receive, send):
        seen.append(send)
        await Response("")(scope, receive, send)

    async def main():
        async def send(message): ...

        await AccessLogMiddleware(app, logger="tests.access")({"type": "http", "method": "GET"}, None, send)
        assert seen == [send]

    asyncio.run(main())
    assert records == []


@pytest.mark.parametrize(
    "text",
    ["a\r\nb", "a\x1b[31mb", "a\x9bb", "a\u2028b", "a\u202eb", "a\x7fb", "a\x00b", "a\udc80b", "a\x85b"],
)
def test_no_client_can_forge_a_line_or_command_a_terminal(ask, records, text):
    app = AccessLogMiddleware(Response(""), logger="tests.access", path=True)
    ask(app, path=f"/{text}", method=f"GET{text}", client=(text, 1))
    plain = logging.Formatter("%(message)s %(client)s").format(records[0])
    as_json = JSONFormatter().format(records[0])
    for line in (plain, as_json):
        assert line.isprintable()
    assert json.loads(as_json)["status"] == 200


def test_a_handler_that_is_cancelled_is_logged(entries, new_scope):
    async def main():
        async def app(scope, receive, send):
            await asyncio.Event().wait()

        task = asyncio.ensure_future(AccessLogMiddleware(app, logger="tests.access")(new_scope(), None, None))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(main())
    (entry,) = entries()
    assert (entry["status"], entry["error"]) == (None, "asyncio.exceptions.CancelledError")


def test_a_client_that_goes_away_is_logged(entries, new_scope):
    async def main():
        async def app(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"abc", "more_body": True})
            assert (await receive())["type"] == "http.disconnect"

        async def receive():
            return {"type": "http.disconnect"}

        async def send(message): ...

        await AccessLogMiddleware(app, logger="tests.access")(new_scope(), receive, send)

    asyncio.run(main())
    (entry,) = entries()
    assert (entry["status"], entry["response_bytes"], entry["disconnected"]) == (200, 3, True)


def test_a_request_is_logged_when_its_response_is_complete_and_not_a_second_time(entries, ask):
    logged = []

    async def app(scope, receive, send):
        await Response("")(scope, receive, send)
        logged.append(len(entries()))
        await receive()
        await receive()
        raise LookupError

    with pytest.raises(LookupError):
        ask(AccessLogMiddleware(app, logger="tests.access"))
    (entry,) = entries()
    assert logged == [1]
    assert "error" not in entry
    assert "disconnected" not in entry


@pytest.mark.parametrize(
    ("room", "expected"),
    [
        ("blue", {"status": 101, "close_code": 4000, "request_bytes": 3, "response_bytes": 2}),
        ("closed", {"status": 403, "close_code": 1000}),
        ("fails", {"status": 101, "error": "LookupError"}),
    ],
)
def test_a_websocket_connection_is_one_record(entries, room, expected):
    try:
        with TestClient(application()).websocket_connect(f"/live/{room}") as websocket:
            websocket.receive_text()
            websocket.send_bytes(b"123")
            websocket.receive_text()
    except Exception:
        pass
    (entry,) = entries()
    assert (entry["method"], entry["route"]) == ("WEBSOCKET", "/live/{room}")
    assert {name: entry.get(name) for name in expected} == expected


def test_a_websocket_whose_client_leaves_has_the_clients_code(entries):
    with pytest.raises(WebSocketDisconnect):
        with TestClient(application()).websocket_connect("/live/blue") as websocket:
            websocket.receive_text()
            websocket.close(1001)
    (entry,) = entries()
    assert (entry["status"], entry["close_code"]) == (101, 1001)
    assert "error" not in entry


def test_structlog_renders_the_values_through_stdlib(records):
    structlog = pytest.importorskip("structlog")
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), structlog.stdlib.add_log_level],
    )
    TestClient(application()).post("/items/7")
    line = json.loads(formatter.format(records[0]))
    assert (line["event"], line["status"], line["route"]) == (
        "POST /items/{item_id} 200",
        200,
        "/items/{item_id}",
    )
