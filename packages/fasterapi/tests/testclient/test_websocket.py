"""A WebSocket from the client's side."""

import pytest

from fasterapi.testclient import TestClient, WebSocketDenialResponse
from fasterapi.websockets import WebSocketDisconnect


@pytest.fixture
def client(app):
    client = TestClient(app)
    yield client
    client.close()


def test_text_bytes_and_json_go_both_ways(client):
    with client.websocket_connect("/chat") as chat:
        chat.send_text("é")
        assert chat.receive_text() == "é"
        chat.send_bytes(b"\x00\xff")
        assert chat.receive_bytes() == b"\x00\xff"
        chat.send_json({"é": 1})
        assert chat.receive_json() == {"é": 1}
        chat.send_json({"a": [1]}, mode="binary")
        assert chat.receive_json(mode="binary") == {"a": [1]}


def test_json_is_compact_utf_8(client):
    with client.websocket_connect("/chat") as chat:
        chat.send_json({"é": [1, 2]})
        assert chat.receive_text() == '{"é":[1,2]}'


def test_raw_messages(client):
    with client.websocket_connect("/chat") as chat:
        chat.send({"type": "websocket.receive", "text": "a"})
        assert chat.receive() == {"type": "websocket.send", "text": "a"}


@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_a_message_of_the_other_kind_is_an_error(client, kind):
    with client.websocket_connect("/chat") as chat:
        if kind == "text":
            chat.send_bytes(b"a")
            with pytest.raises(AssertionError, match="expected a message of text"):
                chat.receive_text()
        else:
            chat.send_text("a")
            with pytest.raises(AssertionError, match="expected a message of bytes"):
                chat.receive_bytes()


def test_the_scope(client):
    with client.websocket_connect("/chat/a%20b?c=d", headers={"X-A": "b"}, cookies=None) as chat:
        scope = chat.scope

    assert scope["type"] == "websocket"
    assert scope["scheme"] == "ws"
    assert scope["path"] == "/chat/a b"
    assert scope["query_string"] == b"c=d"
    assert scope["server"] == ("testserver", 80)
    assert (b"x-a", b"b") in scope["headers"]
    assert (b"connection", b"upgrade") in scope["headers"]
    assert (b"sec-websocket-version", b"13") in scope["headers"]
    assert scope["extensions"] == {"websocket.http.response": {}}


@pytest.mark.parametrize(
    ("base_url", "url", "scheme", "path"),
    [
        ("http://testserver", "/chat", "ws", "/chat"),
        ("https://testserver", "/chat", "wss", "/chat"),
        ("http://testserver", "chat", "ws", "/chat"),
        ("http://testserver", "ws://testserver/chat", "ws", "/chat"),
        ("http://testserver", "wss://testserver/chat", "wss", "/chat"),
        ("http://testserver/chat", "/a", "ws", "/chat/a"),
    ],
)
def test_addresses(app, base_url, url, scheme, path):
    with TestClient(app, base_url).websocket_connect(url) as chat:
        assert (chat.scope["scheme"], chat.scope["path"]) == (scheme, path)


def test_what_the_application_accepted(client):
    with client.websocket_connect("/chat", subprotocols=["a", "b"]) as chat:
        assert chat.scope["subprotocols"] == ["a", "b"]
        assert chat.accepted_subprotocol == "a"
        assert chat.extra_headers == [(b"x-chat", b"yes")]

    with client.websocket_connect("/chat") as chat:
        assert chat.accepted_subprotocol is None


def test_cookies_of_the_client_are_sent(client):
    client.get("/cookie")

    with client.websocket_connect("/chat") as chat:
        assert (b"cookie", b"a=b; c=d") in chat.scope["headers"]


def test_the_state_of_the_lifespan(app):
    with TestClient(app) as client, client.websocket_connect("/chat") as chat:
        assert chat.scope["state"] == {"database": "open"}


def test_leaving_disconnects_and_waits(client, app):
    with client.websocket_connect("/chat"):
        pass

    assert app.calls == ["disconnect 1000", "cleaned up"]


def test_the_client_can_close_with_a_code(client, app):
    with client.websocket_connect("/chat") as chat:
        chat.close(4000, "enough")

    assert app.calls == ["disconnect 4000", "cleaned up"]


def test_a_close_by_the_application_is_raised(client):
    with client.websocket_connect("/chat") as chat:
        chat.send_text("close")
        with pytest.raises(WebSocketDisconnect) as caught:
            chat.receive_text()

    assert (caught.value.code, caught.value.reason) == (4001, "asked to")


def test_a_refusal_is_raised_on_entering(client):
    with pytest.raises(WebSocketDisconnect) as caught:
        with client.websocket_connect("/refuse"):
            pass

    assert (caught.value.code, caught.value.reason) == (4003, "no")


def test_a_denial_is_a_response(client):
    with pytest.raises(WebSocketDenialResponse) as caught:
        with client.websocket_connect("/deny"):
            pass

    denial = caught.value
    assert isinstance(denial, WebSocketDisconnect)
    assert (denial.status_code, denial.text, denial.headers["x"]) == (403, "not you", "y")
    assert (denial.code, denial.reason) == (1006, "Forbidden")


def test_an_exception_of_the_application_is_raised(client):
    with pytest.raises(LookupError, match="broken"):
        with client.websocket_connect("/raise"):
            pass


def test_an_exception_is_raised_where_the_next_message_is_waited_for(client):
    with client.websocket_connect("/chat") as chat:
        chat.send_text("raise")
        with pytest.raises(LookupError, match="broken"):
            chat.receive_text()


def test_an_exception_that_nobody_waited_for_is_raised_on_leaving(client):
    with pytest.raises(LookupError, match="broken"):
        with client.websocket_connect("/chat") as chat:
            chat.send_text("raise")


def test_an_application_that_just_ends_is_no_deadlock(client):
    with client.websocket_connect("/chat") as chat:
        chat.send_text("return")
        for _ in range(2):
            with pytest.raises(WebSocketDisconnect) as caught:
                chat.receive_text()

    assert caught.value.code == 1006


def test_an_application_that_does_not_listen_is_cancelled(client, app):
    with client.websocket_connect("/deaf"):
        pass

    assert app.calls == ["cancelled"]


def test_an_application_that_asks_again_is_told_again(client, app):
    with client.websocket_connect("/stubborn"):
        pass

    assert app.calls == [" ".join(["websocket.connect", "websocket.disconnect", "websocket.disconnect"])]


def test_an_application_that_cancels_itself_is_an_error(client):
    import asyncio

    async def app(scope, receive, send):
        await send({"type": "websocket.accept"})
        raise asyncio.CancelledError

    with pytest.raises(BaseException) as caught:
        with TestClient(app).websocket_connect("/") as chat:
            chat.receive_text()

    assert type(caught.value).__name__ == "CancelledError"


def test_two_sessions_at_once(client):
    with client.websocket_connect("/chat") as first, client.websocket_connect("/chat") as second:
        first.send_text("1")
        second.send_text("2")
        assert (second.receive_text(), first.receive_text()) == ("2", "1")
