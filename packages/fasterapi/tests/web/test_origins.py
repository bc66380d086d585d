"""Which pages may open a WebSocket, and what a connection may be sent: options of routes, routers and applications."""

import asyncio

import pytest

from fasterapi import Faster, FasterRouter, WebSocket
from fasterapi.endpoints import WebSocketEndpoint
from fasterapi.testclient import TestClient
from fasterapi.websockets import WebSocketDisconnect


def handshake(app, path="/", **headers):
    """What `app` answers to a handshake and one text."""
    incoming = [
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": "x" * 20},
        {"type": "websocket.disconnect"},
    ]
    sent = []

    async def receive():
        return incoming.pop(0)

    async def send(message):
        sent.append((message["type"].removeprefix("websocket."), message.get("code")))

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    return sent


async def echo(websocket: WebSocket):
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)


def application(**options):
    app = Faster(**options)
    app.websocket("/")(echo)
    app.add_websocket_route("/plain", echo)

    class Endpoint(WebSocketEndpoint):
        async def on_receive(self, websocket, data):
            await websocket.send_text(data)

    app.add_websocket_route("/class", Endpoint)
    return app


ACCEPTED, REFUSED = [("accept", None), ("send", None)], [("close", 1008)]
COOKIE = {"cookie": "session=1"}


@pytest.mark.parametrize("path", ["/", "/plain", "/class"])
@pytest.mark.parametrize(
    ("headers", "answer"),
    [
        ({}, ACCEPTED),
        (COOKIE, ACCEPTED),  # no browser
        ({"origin": "https://evil.example"}, ACCEPTED),  # nothing of the user's is used
        ({"origin": "https://a.example", **COOKIE}, ACCEPTED),
        ({"origin": "https://A.example", **COOKIE}, ACCEPTED),
        ({"origin": "http://a.example:5173", **COOKIE}, ACCEPTED),  # ports make no difference to cookies
        ({"origin": "https://evil.example", **COOKIE}, REFUSED),
        ({"origin": "https://a.example.evil.example", **COOKIE}, REFUSED),
        ({"origin": "https://sub.a.example", **COOKIE}, REFUSED),
        ({"origin": "null", **COOKIE}, REFUSED),
        ({"origin": "", **COOKIE}, REFUSED),
        ({"origin": "a.example", **COOKIE}, REFUSED),
    ],
)
def test_a_page_of_another_host_may_not_use_the_users_cookies(path, headers, answer, caplog):
    """CWE-1385, cross-site WebSocket hijacking."""
    assert handshake(application(), path, host="a.example:8000", **headers) == answer
    warnings = [record.getMessage() for record in caplog.records if "allowed_origins" in record.getMessage()]
    assert len(warnings) == (answer == REFUSED)


@pytest.mark.parametrize(
    ("origin", "host", "answer"),
    [
        ("http://[::1]:5173", "[::1]:8000", ACCEPTED),
        ("http://[::1]", "[::1]", ACCEPTED),
        ("http://[::2]", "[::1]", REFUSED),
        ("http://", "", REFUSED),
    ],
)
def test_hosts_are_compared_without_their_ports(origin, host, answer):
    assert handshake(application(), host=host, origin=origin, **COOKIE) == answer


OTHER = {"host": "a.example", "origin": "https://b.example", **COOKIE}


@pytest.mark.parametrize("path", ["/", "/plain"])
@pytest.mark.parametrize(
    ("allowed", "answer"),
    [
        ("*", ACCEPTED),
        (["*"], ACCEPTED),
        (["https://b.example"], ACCEPTED),
        ("https://b.example", ACCEPTED),
        (["same-origin"], REFUSED),
        (["https://c.example"], REFUSED),
        ([], REFUSED),
    ],
)
def test_an_application_says_which_pages_may_connect(path, allowed, answer):
    assert handshake(application(allowed_origins=allowed), path, **OTHER) == answer


def test_what_is_allowed_holds_without_cookies_too():
    app = application(allowed_origins=["https://b.example"])
    assert handshake(app, host="a.example", origin="https://evil.example") == REFUSED
    assert handshake(app, host="a.example") == ACCEPTED


def test_the_nearest_of_route_router_and_application_counts():
    app = Faster(allowed_origins=["https://c.example"])
    router = FasterRouter(prefix="/router", allowed_origins=["https://b.example"])
    router.websocket("/inherits")(echo)
    router.websocket("/own", allowed_origins=["https://c.example"])(echo)
    app.include_router(router)
    app.websocket("/app")(echo)
    answers = [handshake(app, path, **OTHER) for path in ("/router/inherits", "/router/own", "/app")]
    assert answers == [ACCEPTED, REFUSED, REFUSED]


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/", "https://Example.org", "", "https://"]
)
def test_what_no_browser_sends_is_no_origin(origin):
    with pytest.raises(ValueError, match=r"is no origin\n  fix: .*https://example.org"):
        Faster(allowed_origins=[origin])


def test_an_unknown_option_of_a_websocket_route_is_refused():
    with pytest.raises(TypeError, match="'/x' got an unexpected keyword argument 'allowed_origin'"):
        Faster().websocket("/x", allowed_origin=["*"])(echo)


@pytest.mark.parametrize("path", ["/", "/plain"])
def test_a_message_beyond_the_size_closes_the_connection(path):
    assert handshake(application(max_message_size=19), path) == [("accept", None), ("close", 1009)]
    assert handshake(application(max_message_size=20), path) == ACCEPTED


def test_a_handler_may_limit_messages_from_now_on():
    app = Faster()

    @app.websocket("/")
    async def handler(websocket: WebSocket):
        await websocket.accept()
        websocket.max_message_size = 10
        assert (websocket.max_message_size, websocket.idle_timeout) == (10, None)
        await websocket.receive_text()

    assert handshake(app) == [("accept", None), ("close", 1009)]


@pytest.mark.parametrize("place", ["route", "handler"])
def test_a_client_that_is_silent_for_too_long_is_left(place):
    app = Faster()

    @app.websocket("/", idle_timeout=0.01 if place == "route" else None)
    async def handler(websocket: WebSocket):
        await websocket.accept()
        if place == "handler":
            websocket.idle_timeout = 0.01
        await websocket.receive_text()

    with TestClient(app).websocket_connect("/") as session, pytest.raises(WebSocketDisconnect) as left:
        session.receive_text()
    assert (left.value.code, left.value.reason) == (3008, "no message came for 0.01 seconds")


@pytest.mark.parametrize("option", ["max_message_size", "idle_timeout"])
def test_a_limit_is_more_than_nothing(option):
    with pytest.raises(ValueError, match=f"{option} must be more than 0"):
        Faster(**{option: 0})
