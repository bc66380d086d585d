"""BlackSheep with bytes from msgspec as content: its own `json()` would decode and encode the text once more.

Bodies are decoded by msgspec from `request.read()`, which is quicker than its binder with orjson and dataclasses.
It has no threads for `def` handlers: the handler hands its work to one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from blacksheep import Application, Content, FromCookie, FromFiles, FromHeader, Request, Response, WebSocket
from blacksheep import WebSocketDisconnectError as Disconnected
from blacksheep.exceptions import BadRequest
from blacksheep.server.routing import Router

from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "blacksheep"

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


class FromRequestId(FromHeader[str]):
    name = "x-request-id"


class FromSession(FromCookie[str]):
    name = "session"


def json(value, status: int = 200) -> Response:
    return Response(status, content=Content(b"application/json", encode(value)))


async def settings() -> dict[str, str]:
    return {"dsn": "memory"}


@asynccontextmanager
async def opened(config) -> AsyncIterator[list]:
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


def build(kind: str):
    router = Router()
    app = Application(router=router)
    if kind.startswith("routes-"):

        async def item(item_id: int):
            return json({"id": item_id})

        for index in range(int(kind.removeprefix("routes-"))):
            router.add_get(f"/r{index}/items/{{int:item_id}}", item)
        return app

    @router.get("/health")
    async def health():
        return json({"status": "ok"})

    if kind == "middleware":
        app.use_cors(allow_origins="https://example.com", allow_methods="*")
        app.middlewares.append(_layer(b"x-outer"))
        app.middlewares.append(_layer(b"x-inner"))
    else:
        _add_parameters(router)
        _add_bodies(router)
        _add_others(app, router)
    return app


def _layer(name: bytes):
    async def layer(request, handler):
        response = await handler(request)
        response.add_header(name, b"1")
        return response

    return layer


def _add_parameters(router: Router) -> None:
    @router.get("/users/{int:user_id}")
    async def get_user(user_id: int):
        return json({"id": user_id, "name": "Ada"})

    @router.get("/search")
    async def search(q: str, limit: int = 10, offset: int = 0, exact: bool = False):
        if not 1 <= len(q) <= 50 or not 1 <= limit <= 100 or offset < 0:
            raise BadRequest
        return json({"q": q, "limit": limit, "offset": offset, "exact": exact})

    @router.get("/session")
    async def session(request_id: FromRequestId, key: FromSession):
        return json({"request": request_id.value, "session": key.value})

    @router.get("/diamond")
    async def diamond():
        config = await settings()
        async with opened(config) as db, opened(config) as store:
            return json({"db": db[0], "cache": store[0]})


def _add_bodies(router: Router) -> None:
    @router.post("/users")
    async def create_user(request: Request):
        try:
            user = decode_user(await request.read())
        except msgspec.ValidationError as error:
            return json({"detail": str(error)}, 422)
        return json({"id": 1, "name": user.name, "email": user.email, "age": user.age}, 201)

    @router.post("/orders")
    async def filter_order(request: Request):
        try:
            order = decode_order(await request.read())
        except msgspec.ValidationError as error:
            return json({"detail": str(error)}, 422)
        return json(msgspec.convert(order, OrderOut, from_attributes=True))

    @router.post("/upload")
    async def upload(files: FromFiles):
        file = files.value[0]
        size = 0
        while chunk := file.file.read(1024 * 1024):
            size += len(chunk)
        return json({"filename": file.file_name.decode(), "size": size})


def _work():
    return {"status": "ok"}


def _add_others(app: Application, router: Router) -> None:
    @router.get("/sync")
    async def sync():
        return json(await asyncio.to_thread(_work))

    @router.get("/large")
    async def large():
        return json(LARGE)

    app.serve_files(STATIC_FOLDER, root_path="/static")

    @router.ws("/ws")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except Disconnected:
            pass
