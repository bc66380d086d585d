"""An application with everything by which it can be watched, its log as JSON lines on standard output."""

import asyncio
import logging.config
from collections.abc import AsyncIterator

from fasterapi import Faster, Request, Response, StreamingResponse, WebSocket
from fasterapi.health import health_router
from fasterapi.middleware import Middleware, TimeoutMiddleware
from fasterapi.middleware.accesslog import AccessLogMiddleware
from fasterapi.middleware.metrics import PrometheusMiddleware, metrics_endpoint
from fasterapi.middleware.requestid import RequestIDMiddleware
from fasterapi.middleware.securityheaders import SecurityHeadersMiddleware

logging.config.dictConfig(
    {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "fasterapi.middleware.requestid.RequestIDFilter"}},
        "formatters": {"json": {"()": "fasterapi.logs.JSONFormatter"}},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
                "filters": ["request_id"],
            }
        },
        "loggers": {"fasterapi": {"level": "INFO", "handlers": ["stdout"]}},
    }
)

app = Faster()
for middleware in (SecurityHeadersMiddleware, PrometheusMiddleware):
    app.add_middleware(middleware)
app.add_middleware(AccessLogMiddleware, path=True, exclude=lambda scope: scope["path"] == "/health")
app.add_middleware(RequestIDMiddleware)
app.add_route("/metrics", metrics_endpoint())
app.include_router(health_router({"loop": lambda: True}))


@app.get("/health")
async def health() -> str:
    return "ok"


@app.get("/items/{item_id}")
async def item(item_id: int) -> int:
    return item_id


@app.get("/fails")
async def fails() -> None:
    raise LookupError("secret")


@app.get("/endless")
async def endless() -> StreamingResponse:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0.01)

    return StreamingResponse(pieces())


@app.post("/slow", middleware=[Middleware(TimeoutMiddleware, timeout_seconds=0.5)])
async def slow(request: Request) -> int:
    size = len(await request.body())
    await asyncio.Event().wait()
    return size


@app.post("/drain")
async def drain() -> Response:
    app.begin_shutdown()
    return Response(status_code=204)


@app.websocket("/live/{room}")
async def live(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    async for text in websocket.iter_text():
        await websocket.send_text(f"{room} {text}")
