import pytest
from fastapi import WebSocketDisconnect
from fastapi.testclient import TestClient

from chat_app import app

client = TestClient(app)


def test_chat():
    with client.websocket_connect("/ws/1") as socket:
        socket.send_text("hello")
        assert socket.receive_json() == {"you": "hello"}
        assert socket.receive_text() == '{"sender":1,"text":"hello"}'


def test_private():
    with client.websocket_connect("/private/x?token=t&q=3") as socket:
        socket.send_json({"sender": 1, "text": "a", "more": 1})
        assert socket.receive_json() == {"name": "x", "token": "t", "q": 3, "text": "a"}


def test_refused():
    with pytest.raises(WebSocketDisconnect) as caught:
        with client.websocket_connect("/private/x"):
            pass
    assert caught.value.code == 1008
