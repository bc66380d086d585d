"""This project, with the handlers that raw ASGI calls too."""

from contestants import handlers
from contestants.layer import Layer
from fasterapi import Faster, WebSocket, WebSocketDisconnect
from fasterapi.middleware.cors import CORSMiddleware
from fasterapi.staticfiles import StaticFiles
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "fasterapi"
FASTAPI_ERRORS = True


def build(kind: str):
    app = Faster()
    if kind.startswith("routes-"):
        for index in range(int(kind.removeprefix("routes-"))):
            app.add_api_route(f"/r{index}/items/{{item_id}}", handlers.item)
        return app
    app.get("/health")(handlers.health)
    if kind == "middleware":
        app.add_middleware(Layer, name=b"x-inner")
        app.add_middleware(Layer, name=b"x-outer")
        app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"])
        return app
    app.get("/users/{user_id}")(handlers.get_user)
    app.post("/users", status_code=201)(handlers.create_user)
    app.get("/search")(handlers.search)
    app.get("/session")(handlers.session)
    app.get("/diamond")(handlers.diamond)
    app.post("/orders")(handlers.filter_order)
    app.get("/sync")(handlers.sync)
    app.get("/large")(handlers.large)
    app.post("/upload")(handlers.upload)
    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            pass

    return app
