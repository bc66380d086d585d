"""The application that the end-to-end tests serve beside the examples."""

import asyncio
import hashlib
from collections.abc import AsyncIterable
from pathlib import Path

from fasterapi import (
    BackgroundTasks,
    EventSourceResponse,
    Faster,
    FileResponse,
    Request,
    UploadFile,
    WebSocket,
    WebSocketDisconnect,
)
from fasterapi.staticfiles import StaticFiles

app = Faster()
app.mount("/static", StaticFiles(directory=Path(__file__).parent))
tasks_done: list[str] = []


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/boom")
async def boom() -> None:
    raise RuntimeError("a secret detail")


@app.get("/slow")
async def slow() -> str:
    await asyncio.sleep(1)
    return "done"


@app.get("/slow-sync")
def slow_sync() -> str:
    import time

    time.sleep(0.5)
    return "done"


@app.post("/upload")
async def upload(file: UploadFile) -> dict[str, object]:
    digest, size = hashlib.sha256(), 0
    while chunk := await file.read(1 << 20):
        digest.update(chunk)
        size += len(chunk)
    return {"sha256": digest.hexdigest(), "size": size, "name": file.filename}


@app.post("/body")
async def body(request: Request) -> int:
    return len(await request.body())


@app.get("/events", response_class=EventSourceResponse)
async def events(count: int = 3) -> AsyncIterable[dict[str, int]]:
    for number in range(count):
        yield {"number": number}
        await asyncio.sleep(0.01)


@app.get("/file")
async def file() -> FileResponse:
    return FileResponse(__file__)


@app.post("/task")
async def task(tasks: BackgroundTasks) -> str:
    async def work() -> None:
        await asyncio.sleep(0.3)
        tasks_done.append("task")
        print("background task done", flush=True)

    tasks.add_task(work)
    return "queued"


@app.websocket("/ws")
async def echo(ws: WebSocket) -> None:
    await ws.accept()
    try:
        while True:
            message = await ws.receive()
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") is not None:
                await ws.send_text(message["text"])
            else:
                await ws.send_bytes(message["bytes"])
    except WebSocketDisconnect:
        return
