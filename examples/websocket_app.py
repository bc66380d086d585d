"""A chat room over WebSocket, with typed messages and a page to try it.

Run it with `fasterapi run examples/websocket_app.py`, then open / in two windows.
"""

from typing import Annotated

import msgspec

from fasterapi import Faster, HTMLResponse, Query, WebSocket, WebSocketDisconnect

app = Faster(title="Chat example")


class Message(msgspec.Struct):
    """What a member says."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Room:
    """Who is connected, and how all of them are told something."""

    def __init__(self) -> None:
        self._members: dict[WebSocket, str] = {}

    async def join(self, socket: WebSocket, name: str) -> None:
        """Let a member in and tell the others."""
        await socket.accept()
        self._members[socket] = name
        await self.tell(f"{name} is here")

    async def leave(self, socket: WebSocket) -> None:
        """Forget a member and tell the others."""
        name = self._members.pop(socket)
        await self.tell(f"{name} has left")

    async def tell(self, text: str) -> None:
        """Send a line to everybody; who has gone in the meantime is told by their own connection."""
        for socket in list(self._members):
            try:
                await socket.send_json({"text": text})
            except (RuntimeError, WebSocketDisconnect):
                continue


room = Room()

PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Chat</title>
<form id="form"><input id="text" autocomplete="off" autofocus><button>Send</button></form><ul id="lines"></ul>
<script>
const socket = new WebSocket(location.origin.replace("http", "ws") + "/chat?name=guest");
socket.onmessage = (event) => {
  const line = document.createElement("li");
  line.textContent = JSON.parse(event.data).text;
  document.getElementById("lines").append(line);
};
document.getElementById("form").onsubmit = (event) => {
  event.preventDefault();
  const input = document.getElementById("text");
  socket.send(JSON.stringify({text: input.value}));
  input.value = "";
};
</script></html>"""


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    """The page to chat on."""
    return PAGE


@app.websocket("/chat")
async def chat(socket: WebSocket, name: Annotated[str, Query(min_length=1, max_length=30)] = "guest") -> None:
    """Pass every message on to everybody."""
    await room.join(socket, name)
    try:
        while True:
            message = msgspec.json.decode(await socket.receive_text(), type=Message)
            await room.tell(f"{name}: {message.text}")
    except msgspec.ValidationError:
        await socket.close(code=1008, reason="a message is an object with a text")
    except WebSocketDisconnect:
        pass
    finally:
        await room.leave(socket)
