from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Query, WebSocket, WebSocketDisconnect, WebSocketException, status
from pydantic import BaseModel

app = FastAPI()


class Message(BaseModel):
    sender: int
    text: str


class ConnectionManager:
    def __init__(self):
        self.active_connections: list[WebSocket] = []

    async def connect(self, websocket: WebSocket):
        await websocket.accept()
        self.active_connections.append(websocket)

    def disconnect(self, websocket: WebSocket):
        self.active_connections.remove(websocket)

    async def broadcast(self, message: Message):
        for connection in self.active_connections:
            await connection.send_text(message.model_dump_json())


manager = ConnectionManager()


async def get_token(
    websocket: WebSocket,
    session: Annotated[str | None, Cookie()] = None,
    token: Annotated[str | None, Query()] = None,
):
    if session is None and token is None:
        raise WebSocketException(code=status.WS_1008_POLICY_VIOLATION)
    return session or token


@app.websocket("/ws/{client_id}")
async def chat(websocket: WebSocket, client_id: int):
    await manager.connect(websocket)
    try:
        while True:
            data = await websocket.receive_text()
            await websocket.send_json({"you": data})
            await manager.broadcast(Message(sender=client_id, text=data))
    except WebSocketDisconnect:
        manager.disconnect(websocket)
        await manager.broadcast(Message(sender=client_id, text="left"))


@app.websocket("/private/{name}")
async def private(websocket: WebSocket, name: str, token: Annotated[str, Depends(get_token)], q: int | None = None):
    await websocket.accept()
    message = Message(**await websocket.receive_json())
    await websocket.send_json({"name": name, "token": token, "q": q, "text": message.text})
    await websocket.close()
