"""The application that `test_protection` serves: limits, keys, tokens, sessions and kept answers."""

import asyncio
from collections.abc import AsyncIterator

from fasterapi import Depends, Faster, Form, Request, Response, StreamingResponse, UploadFile, WebSocket
from fasterapi.middleware.csrf import CSRFMiddleware, csrf_token
from fasterapi.middleware.idempotency import IdempotencyMiddleware
from fasterapi.middleware.ratelimit import RateLimit
from fasterapi.middleware.responsecache import ResponseCacheMiddleware
from fasterapi.middleware.sessions import SessionMiddleware
from fasterapi.stores import MemoryStore

app = Faster()
store = MemoryStore()
app.add_middleware(IdempotencyMiddleware, store=store)
app.add_middleware(CSRFMiddleware, secret_key="key", exempt=["/orders", "/stream", "/sign-in/*"])
app.add_middleware(SessionMiddleware, secret_key="key", store=store)
app.add_middleware(ResponseCacheMiddleware, store=store)
calls = {"orders": 0, "report": 0}


@app.get("/health")
async def health() -> dict[str, int]:
    return calls


@app.get("/limited", dependencies=[Depends(RateLimit("10/day"))])
async def limited() -> None: ...


@app.post("/orders")
async def order(item: dict[str, int]) -> int:
    calls["orders"] += 1
    number = calls["orders"]
    await asyncio.sleep(0.3)
    return number


@app.get("/report")
async def report(response: Response) -> int:
    response.headers["Cache-Control"] = "max-age=60"
    calls["report"] += 1
    return calls["report"]


@app.get("/token")
async def token(request: Request) -> str:
    return csrf_token(request)


@app.post("/upload")
async def upload(file: UploadFile, name: str = Form()) -> list[str | int]:
    return [name, len(await file.read())]


@app.post("/sign-in/{user}")
async def sign_in(request: Request, user: str) -> None:
    request.session["user"] = user
    request.session.renew()


@app.get("/who")
async def who(request: Request) -> str | None:
    return request.session.get("user")


@app.post("/stream")
async def stream() -> StreamingResponse:
    async def pieces() -> AsyncIterator[str]:
        for number in range(3):
            yield f"{number}\n"
            await asyncio.sleep(0.2)

    return StreamingResponse(pieces())


@app.websocket("/ws")
async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()
