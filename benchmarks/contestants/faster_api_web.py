"""faster-api-web, as its README teaches; msgspec is its only JSON.

It hands path and query parameters over as text without checking constraints, filters the outermost model only, and
its first `receive_text` takes the message of the handshake; so its handlers do the rest, with what is quickest.
`def` handlers would block its loop: that handler goes to a thread.
"""

import asyncio

import msgspec
from FasterAPI.staticfiles import StaticFiles
from FasterAPI.websocket import WebSocket, WebSocketDisconnect

from contestants.layer import Layer
from contestants.models import LARGE, Order, OrderOut, User
from FasterAPI import Cookie, CORSMiddleware, Faster, Header, HTTPException, Path, Query, UploadFile
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "faster-api-web"
UNSUPPORTED = {"diamond": "it has no dependencies with yield: the handler gets the generator"}


def build(kind: str):
    app = Faster()
    if kind.startswith("routes-"):

        async def item(item_id: int = Path()):
            return {"id": _integer(item_id)}

        for index in range(int(kind.removeprefix("routes-"))):
            app.get(f"/r{index}/items/{{item_id}}")(item)
        return app

    @app.get("/health")
    async def health():
        return {"status": "ok"}

    if kind == "middleware":
        app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"])
        app.add_middleware(Layer, name=b"x-outer")
        app.add_middleware(Layer, name=b"x-inner")
    else:
        _add_parameters(app)
        _add_bodies(app)
        _add_others(app)
    return app


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise HTTPException(status_code=422, detail="not an integer") from None


def _add_parameters(app: Faster) -> None:
    @app.get("/users/{user_id}")
    async def get_user(user_id: int = Path()):
        return {"id": _integer(user_id), "name": "Ada"}

    @app.get("/search")
    async def search(
        q: str = Query(), limit: str = Query("10"), offset: str = Query("0"), exact: str = Query("false")
    ):
        first, number = _integer(offset), _integer(limit)
        if not 1 <= len(q) <= 50 or not 1 <= number <= 100 or first < 0 or exact not in {"true", "false"}:
            raise HTTPException(status_code=422, detail="out of range")
        return {"q": q, "limit": number, "offset": first, "exact": exact == "true"}

    @app.get("/session")
    async def session(x_request_id: str = Header(), session: str = Cookie()):
        return {"request": x_request_id, "session": session}


def _add_bodies(app: Faster) -> None:
    @app.post("/users", status_code=201)
    async def create_user(user: User):
        return {"id": 1, "name": user.name, "email": user.email, "age": user.age}

    @app.post("/orders")
    async def filter_order(order: Order):
        return msgspec.convert(order, OrderOut, from_attributes=True)

    @app.post("/upload")
    async def upload(file: UploadFile):
        size = 0
        while chunk := await file.read(1024 * 1024):
            size += len(chunk)
        return {"filename": file.filename, "size": size}


def _work():
    return {"status": "ok"}


def _add_others(app: Faster) -> None:
    @app.get("/sync")
    async def sync():
        return await asyncio.to_thread(_work)

    @app.get("/large")
    async def large():
        return LARGE

    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive_text()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
