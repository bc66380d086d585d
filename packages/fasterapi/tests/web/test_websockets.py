"""WebSockets: which message may follow which, and what messages carry."""

import asyncio
import json

import msgspec
import pytest

from fasterapi.exceptions import WebSocketException
from fasterapi.responses import PlainTextResponse
from fasterapi.websockets import (
    WebSocket,
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)


class Move(msgspec.Struct):
    x: int


def text(data):
    return {"type": "websocket.receive", "text": data}


def data(value):
    return {"type": "websocket.receive", "bytes": value}


CONNECT = {"type": "websocket.connect"}
GONE = {"type": "websocket.disconnect", "code": 1001, "reason": "bye"}


def socket(*messages, fail_on=None, **more):
    """A WebSocket that receives `messages`, and the list of what it sends."""
    incoming = list(messages)
    sent = []

    async def receive():
        return incoming.pop(0)

    async def send(message):
        if message["type"] == fail_on:
            raise OSError("gone")
        sent.append(message)

    limit = more.pop("max_message_size", None)
    scope = {"type": "websocket", "headers": [], "path": "/", "query_string": b"", **more}
    return WebSocket(scope, receive, send, max_message_size=limit), sent


def run(coroutine):
    return asyncio.run(coroutine)


def test_a_websocket_is_made_of_a_websocket_scope():
    with pytest.raises(RuntimeError, match="not 'http'"):
        WebSocket({"type": "http"}, None, None)


def test_a_conversation():
    async def main():
        ws, sent = socket(CONNECT, text("hello"), data(b"bytes"), GONE)
        assert ws.client_state is ws.application_state is WebSocketState.CONNECTING
        await ws.accept(subprotocol="chat", headers=[(b"X-A", b"1")])
        assert ws.client_state is ws.application_state is WebSocketState.CONNECTED
        assert await ws.receive_text() == "hello"
        assert await ws.receive_bytes() == b"bytes"
        await ws.send_text("a")
        await ws.send_bytes(b"b")
        await ws.send_json({"a": [1]})
        await ws.send_json(Move(1), mode="binary")
        with pytest.raises(WebSocketDisconnect) as gone:
            await ws.receive_text()
        assert (gone.value.code, gone.value.reason) == (1001, "bye")
        assert ws.client_state is WebSocketState.DISCONNECTED
        assert sent == [
            {"type": "websocket.accept", "subprotocol": "chat", "headers": [(b"x-a", b"1")]},
            {"type": "websocket.send", "text": "a"},
            {"type": "websocket.send", "bytes": b"b"},
            {"type": "websocket.send", "text": '{"a":[1]}'},
            {"type": "websocket.send", "bytes": b'{"x":1}'},
        ]

    run(main())


@pytest.mark.parametrize(
    ("message", "receive", "expected"),
    [
        (text('{"a": 1}'), lambda ws: ws.receive_json(), {"a": 1}),
        (data(b'{"a": 1}'), lambda ws: ws.receive_json("binary"), {"a": 1}),
        (text('{"x": 1}'), lambda ws: ws.receive_json(type=Move), Move(1)),
        (text("[1]"), lambda ws: ws.receive_json(type=list[int]), [1]),
        (text('{"x": 1}'), lambda ws: ws.receive_struct(Move), Move(1)),
        (data(b'{"x": 1}'), lambda ws: ws.receive_struct(Move), Move(1)),
        ({**text("a"), "bytes": None}, lambda ws: ws.receive_text(), "a"),
        ({**data(b""), "text": None}, lambda ws: ws.receive_bytes(), b""),
    ],
)
def test_receiving(message, receive, expected):
    async def main():
        ws, _ = socket(CONNECT, message)
        await ws.accept()
        assert await receive(ws) == expected

    run(main())


@pytest.mark.parametrize(
    ("message", "receive", "code"),
    [
        (data(b"x"), lambda ws: ws.receive_text(), 1003),
        ({**data(b"x"), "text": None}, lambda ws: ws.receive_text(), 1003),
        (text("x"), lambda ws: ws.receive_bytes(), 1003),
        (text("{}"), lambda ws: ws.receive_json("binary"), 1003),
        (text("{"), lambda ws: ws.receive_struct(Move), 1007),
        (text('{"x": "' + "y" * 500 + '"}'), lambda ws: ws.receive_struct(Move), 1007),
        (data(b"\xff"), lambda ws: ws.receive_json("binary", type=Move), 1007),
        (text("[" * 100_000), lambda ws: ws.receive_struct(list), 1007),
        (text("x" * 11), lambda ws: ws.receive_text(), 1009),
        (data(b"x" * 11), lambda ws: ws.receive_bytes(), 1009),
    ],
)
def test_a_message_that_is_not_wanted_has_a_close_code(message, receive, code):
    async def main():
        ws, _ = socket(CONNECT, message, max_message_size=10 if code == 1009 else None)
        await ws.accept()
        with pytest.raises(WebSocketException) as caught:
            await receive(ws)
        assert caught.value.code == code
        await ws.close(caught.value.code, caught.value.reason)  # the reason fits

    run(main())


def test_malformed_json_is_the_errors_of_both_worlds():
    async def main():
        ws, _ = socket(CONNECT, text("{"))
        await ws.accept()
        with pytest.raises(json.JSONDecodeError):
            await ws.receive_json()

    run(main())


@pytest.mark.parametrize(
    ("messages", "iterate", "expected"),
    [
        ([text("a"), text("b")], lambda ws: ws.iter_text(), ["a", "b"]),
        ([data(b"a")], lambda ws: ws.iter_bytes(), [b"a"]),
        ([text("1"), text("[2]")], lambda ws: ws.iter_json(), [1, [2]]),
        ([text('{"x": 1}')], lambda ws: ws.iter_json(type=Move), [Move(1)]),
        ([text('{"x": 1}'), data(b'{"x": 2}')], lambda ws: ws.iter_struct(Move), [Move(1), Move(2)]),
    ],
)
def test_iterating_until_the_client_closes(messages, iterate, expected):
    async def main():
        ws, _ = socket(CONNECT, *messages, {"type": "websocket.disconnect"})
        await ws.accept()
        assert [item async for item in iterate(ws)] == expected

    run(main())


def test_the_mode_of_json_is_text_or_binary():
    async def main():
        ws, _ = socket(CONNECT, text("1"))
        await ws.accept()
        for use in (ws.receive_json("blob"), ws.send_json(1, "blob")):
            with pytest.raises(RuntimeError, match='"text" or "binary"'):
                await use

    run(main())


@pytest.mark.parametrize(
    "receive", [lambda ws: ws.receive_text(), lambda ws: ws.receive_bytes(), lambda ws: ws.receive_json()]
)
def test_nothing_is_received_before_accept(receive):
    ws, _ = socket(CONNECT)
    with pytest.raises(WebSocketDisconnected, match='Need to call "accept" first'):
        run(receive(ws))


def test_messages_out_of_order():
    async def main():
        ws, _ = socket(text("x"))
        with pytest.raises(RuntimeError, match='Expected ASGI message "websocket.connect", but got'):
            await ws.receive()
        ws, _ = socket(CONNECT, CONNECT)
        with pytest.raises(
            RuntimeError, match='"websocket.accept", "websocket.close" or "websocket.http.response.start"'
        ):
            await ws.send_text("x")
        await ws.accept()
        with pytest.raises(RuntimeError, match='"websocket.receive" or "websocket.disconnect"'):
            await ws.receive()
        with pytest.raises(RuntimeError, match='"websocket.send" or "websocket.close"'):
            await ws.accept()
        await ws.close()
        with pytest.raises(WebSocketDisconnected, match="once a close message has been sent"):
            await ws.send_text("x")

    run(main())


def test_nothing_is_received_after_the_end():
    async def main():
        ws, _ = socket(CONNECT, GONE)
        await ws.accept()
        await ws.receive()
        with pytest.raises(WebSocketDisconnected, match="once a disconnect message has been received"):
            await ws.receive()

    run(main())


def test_a_failing_send_is_a_disconnect():
    async def main():
        ws, _ = socket(CONNECT, fail_on="websocket.send")
        await ws.accept()
        with pytest.raises(WebSocketDisconnect) as gone:
            await ws.send_text("x")
        assert gone.value.code == 1006
        assert ws.application_state is WebSocketState.DISCONNECTED

    run(main())


def test_closing():
    async def main():
        ws, sent = socket(CONNECT)
        await ws.accept()
        await ws.close(1008, "ü")
        assert sent[-1] == {"type": "websocket.close", "code": 1008, "reason": "ü"}
        refused, sent = socket(CONNECT)
        await refused.close()
        assert sent == [{"type": "websocket.close", "code": 1000, "reason": ""}]
        verbose, sent = socket(CONNECT)
        await verbose.close(1000, "xü" * 62)
        assert sent[0]["reason"] == "xü" * 41

    run(main())


def test_an_application_that_closes():
    sent = []

    async def send(message):
        sent.append(message)

    run(WebSocketClose(1008, "no")({"type": "websocket"}, None, send))
    run(WebSocketClose()({"type": "websocket"}, None, send))
    assert [(message["code"], message["reason"]) for message in sent] == [(1008, "no"), (1000, "")]


def test_a_handshake_may_be_denied_by_a_response():
    async def main():
        extensions = {"websocket.http.response": {}}
        ws, sent = socket(CONNECT, extensions=extensions)
        await ws.send_denial_response(PlainTextResponse("no", status_code=401))
        assert [message["type"] for message in sent] == [
            "websocket.http.response.start",
            "websocket.http.response.body",
        ]
        assert ws.application_state is WebSocketState.DISCONNECTED
        ws, _ = socket(CONNECT)
        with pytest.raises(RuntimeError, match="doesn't support the Websocket Denial Response"):
            await ws.send_denial_response(PlainTextResponse("no"))
        ws, _ = socket(CONNECT, extensions=extensions)
        await ws.send({"type": "websocket.http.response.start", "status": 401, "headers": []})
        await ws.send({"type": "websocket.http.response.body", "body": b"", "more_body": True})
        with pytest.raises(RuntimeError, match="websocket.http.response.body"):
            await ws.close()

    run(main())


def test_a_header_of_the_handshake_can_not_start_another():
    async def main():
        ws, sent = socket(CONNECT)
        with pytest.raises(ValueError, match="CR, LF or NUL"):
            await ws.accept(headers=[(b"x", b"a\r\nb: c")])
        assert sent == []

    run(main())


ORIGINS = ["same-origin", "https://b.example"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (None, True),  # no browser
        ("https://a.example:8000", True),
        ("http://A.example:8000", True),
        ("https://b.example", True),
        ("https://b.example.evil", False),
        ("https://a.example", False),  # another port is another origin
        ("https://evil", False),
        ("null", False),
        ("", False),
    ],
)
def test_only_pages_of_allowed_origins_may_connect(origin, allowed):
    """CWE-1385: a browser sends its user's cookies along, whoever's page opens the connection."""

    async def main():
        headers = [(b"host", b"a.example:8000")] + ([] if origin is None else [(b"origin", origin.encode())])
        ws, sent = socket(CONNECT, headers=headers)
        if allowed:
            await ws.accept(allowed_origins=ORIGINS)
            assert sent[0]["type"] == "websocket.accept"
        else:
            with pytest.raises(WebSocketException) as caught:
                await ws.accept(allowed_origins=ORIGINS)
            assert caught.value.code == 1008
            assert sent == []

    run(main())


def test_an_origin_of_this_host_needs_a_host():
    ws, _ = socket(headers=[(b"origin", b"x")])
    assert not ws.is_from([])


def test_accept_after_the_connect_message_was_received():
    async def main():
        ws, sent = socket(CONNECT)
        assert await ws.receive() == CONNECT
        await ws.accept()
        assert len(sent) == 1

    run(main())
