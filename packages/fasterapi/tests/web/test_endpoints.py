"""Handlers written as classes."""

import asyncio

import pytest

from fasterapi.endpoints import HTTPEndpoint, WebSocketEndpoint
from fasterapi.exceptions import HTTPException
from fasterapi.responses import PlainTextResponse


class Item(HTTPEndpoint):
    async def get(self, request):
        return PlainTextResponse("get")

    def post(self, request):
        return PlainTextResponse(f"post {request.method}")

    def _do_delete(self, request):
        raise AssertionError("no HTTP method")


async def item(scope, receive, send):
    await Item(scope, receive, send)


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [
        ("GET", 200, b"get"),
        ("HEAD", 200, b""),
        ("POST", 200, b"post POST"),
        ("PUT", 405, b"Method Not Allowed"),
        ("_DO_DELETE", 405, b"Method Not Allowed"),  # CVE-2026-48817
        ("DISPATCH", 405, b"Method Not Allowed"),
        ("__CLASS__", 405, b"Method Not Allowed"),
        ("METHOD_NOT_ALLOWED", 405, b"Method Not Allowed"),
    ],
)
def test_a_request_is_answered_by_the_method_of_its_name(call, method, status, body):
    answer = call(item, method)
    assert (answer.status, answer.body) == (status, body)
    assert answer.header("allow") == ("GET, HEAD, POST" if status == 405 else None)


def test_head_may_have_its_own_method(call):
    class WithHead(Item):
        async def head(self, request):
            return PlainTextResponse("x", headers={"x-head": "1"})

    async def app(scope, receive, send):
        await WithHead(scope, receive, send)

    assert call(app, "HEAD").header("x-head") == "1"


def test_inside_an_application_405_is_an_exception(call):
    with pytest.raises(HTTPException, match="405"):
        call(item, "PUT", app=object())


def test_an_endpoint_takes_its_own_kind_of_scope():
    with pytest.raises(RuntimeError, match="an HTTPEndpoint takes"):
        HTTPEndpoint({"type": "websocket"}, None, None)
    with pytest.raises(RuntimeError, match="a WebSocketEndpoint takes"):
        WebSocketEndpoint({"type": "http"}, None, None)


def talk(endpoint, *messages):
    incoming = [{"type": "websocket.connect"}, *messages]
    sent = []

    async def receive():
        return incoming.pop(0)

    async def send(message):
        sent.append(message)

    async def main():
        await endpoint({"type": "websocket", "headers": []}, receive, send)

    try:
        asyncio.run(main())
    finally:
        endpoint.sent = sent
    return sent


def echo(encoding_):
    class Echo(WebSocketEndpoint):
        encoding = encoding_
        closed = []

        async def on_receive(self, websocket, data):
            await websocket.send_json(repr(data))

        async def on_disconnect(self, websocket, close_code):
            self.closed.append(close_code)

    Echo.closed = []
    return Echo


TEXT = {"type": "websocket.receive", "text": "[1]"}
BYTES = {"type": "websocket.receive", "bytes": b"[1]"}
GONE = {"type": "websocket.disconnect", "code": 1001}


@pytest.mark.parametrize(
    ("encoding", "message", "received"),
    [
        (None, TEXT, "'[1]'"),
        (None, BYTES, "b'[1]'"),
        ("text", TEXT, "'[1]'"),
        ("bytes", BYTES, "b'[1]'"),
        ("json", TEXT, "[1]"),
        ("json", BYTES, "[1]"),
    ],
)
def test_messages_are_decoded(encoding, message, received):
    endpoint = echo(encoding)
    sent = talk(endpoint, message, GONE)
    assert sent[1]["text"] == f'"{received}"'
    assert endpoint.closed == [1001]


@pytest.mark.parametrize(
    ("encoding", "message", "error"),
    [
        ("text", BYTES, "Expected text"),
        ("bytes", TEXT, "Expected bytes"),
        ("json", {**TEXT, "text": "{"}, "Malformed JSON"),
    ],
)
def test_messages_of_another_kind_close_the_connection(encoding, message, error):
    endpoint = echo(encoding)
    with pytest.raises(RuntimeError, match=error):
        talk(endpoint, message)
    assert endpoint.sent[-1]["code"] == 1003
    assert endpoint.closed == [1011]


def test_an_unknown_encoding():
    with pytest.raises(RuntimeError, match="encoding must be"):
        talk(echo("morse"), TEXT)


def test_the_defaults_do_nothing_but_accept():
    sent = talk(type("Quiet", (WebSocketEndpoint,), {}), TEXT, {"type": "websocket.disconnect"})
    assert [message["type"] for message in sent] == ["websocket.accept"]
