"""The application of the end-to-end tests for connections that stay open: what it is told, it prints."""

import asyncio
from collections.abc import AsyncIterable

from fasterapi import BackgroundTasks, EventSourceResponse, Faster, WebSocket, WebSocketDisconnect

app = Faster()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/slow")
async def slow() -> str:
    await asyncio.sleep(1)
    return "done"


@app.get("/events", response_class=EventSourceResponse)
async def events() -> AsyncIterable[str]:
    try:
        yield "begun"
        await asyncio.Event().wait()
    finally:
        print("stream closed", flush=True)


async def never_ends() -> None:
    await asyncio.Event().wait()


async def ends_soon() -> None:
    await asyncio.sleep(0.5)
    print("task done", flush=True)


@app.post("/tasks")
async def tasks(background: BackgroundTasks) -> str:
    background.add_task(ends_soon)
    background.add_task(never_ends)
    background.add_task(print, "never begun", flush=True)
    return "queued"


@app.websocket("/waits")
async def waits(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        await websocket.receive_text()
    except WebSocketDisconnect as error:
        print(f"told {error.code}", flush=True)


@app.websocket("/sends")
async def sends(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.send_text("tick")
            await asyncio.sleep(0.05)
    except WebSocketDisconnect as error:
        print(f"told {error.code}", flush=True)


@app.websocket("/answers")
async def answers(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await asyncio.sleep(0.03)
        await websocket.send_text(f"answer to {text}")


@app.websocket("/echo")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])
    print(f"left with {message.get('code')} {message.get('reason') or ''}", flush=True)


@app.websocket("/close")
async def close(websocket: WebSocket, code: int, reason: str = "") -> None:
    await websocket.accept()
    await websocket.close(code, reason)


@app.websocket("/small", max_message_size=1000)
async def small(websocket: WebSocket) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(text)
