"""WebSocket conversations: what both libraries send, and where they refuse."""

import asyncio

import pytest

CONNECT = {"type": "websocket.connect"}
GONE = {"type": "websocket.disconnect", "code": 1001, "reason": "bye"}


def text(data):
    return {"type": "websocket.receive", "text": data}


def data(value):
    return {"type": "websocket.receive", "bytes": value}


async def collect(items):
    return [item async for item in items]


STEPS = {
    "accept": lambda ws: ws.accept(),
    "accept_protocol": lambda ws: ws.accept(subprotocol="chat", headers=[(b"x-a", b"1")]),
    "receive": lambda ws: ws.receive(),
    "text": lambda ws: ws.receive_text(),
    "bytes": lambda ws: ws.receive_bytes(),
    "json": lambda ws: ws.receive_json(),
    "json_binary": lambda ws: ws.receive_json(mode="binary"),
    "json_blob": lambda ws: ws.receive_json(mode="blob"),
    "iter_text": lambda ws: collect(ws.iter_text()),
    "iter_bytes": lambda ws: collect(ws.iter_bytes()),
    "iter_json": lambda ws: collect(ws.iter_json()),
    "send_text": lambda ws: ws.send_text("ü"),
    "send_bytes": lambda ws: ws.send_bytes(b"x"),
    "send_json": lambda ws: ws.send_json({"a": [1, "ü"]}),
    "send_json_binary": lambda ws: ws.send_json([1], mode="binary"),
    "close": lambda ws: ws.close(),
    "close_reason": lambda ws: ws.close(1008, "no"),
}

CONVERSATIONS = [
    ("accept close", []),
    ("accept_protocol close_reason", []),
    ("close", []),
    ("close_reason", []),
    ("receive accept", []),
    ("accept accept", []),
    ("send_text", []),
    ("receive send_text", []),
    ("text", []),
    ("accept text bytes json json_binary", [text("a"), data(b"b"), text("[1]"), data(b'{"a":1}')]),
    ("accept iter_text", [text("a"), text("b"), GONE]),
    ("accept iter_bytes", [data(b"a"), GONE]),
    ("accept iter_json", [text("1"), text("{}"), GONE]),
    ("accept text", [GONE]),
    ("accept receive receive", [GONE]),
    ("accept json", [text("{")]),
    ("accept json_blob", [text("1")]),
    ("accept send_text send_bytes send_json send_json_binary close", []),
    ("accept close send_text", []),
    ("accept close close", []),
    ("close send_text", []),
    ("accept receive", [CONNECT]),
]


@pytest.mark.parametrize(("steps", "messages"), CONVERSATIONS)
@pytest.mark.parametrize("fail", [False, True])
def test_conversations(agree, steps, messages, fail):
    def ask(library):
        incoming = [CONNECT, *messages]
        log = []

        async def receive():
            return incoming.pop(0)

        async def send(message):
            if fail and message["type"] == "websocket.send":
                raise OSError
            log.append(dict(message, headers=list(message.get("headers", []))))

        async def main():
            ws = library.websockets.WebSocket({"type": "websocket", "headers": []}, receive, send)
            for step in steps.split():
                try:
                    log.append(await STEPS[step](ws))
                except library.websockets.WebSocketDisconnect as error:
                    log.append((error.code, error.reason))
                except RuntimeError as error:
                    log.append(type(error).__name__)
                except ValueError:
                    log.append("ValueError")
                log.append((ws.client_state.name, ws.application_state.name))

        asyncio.run(main())
        return log

    agree(ask)
