"""Litestar with Structs, which it recommends as its quickest models; it encodes and decodes by msgspec itself."""

from collections.abc import AsyncGenerator
from typing import Annotated, Any

import msgspec
from litestar import Litestar, WebSocket, get, post, websocket
from litestar.config.cors import CORSConfig
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.exceptions import WebSocketDisconnect
from litestar.middleware import DefineMiddleware
from litestar.params import Body, Parameter
from litestar.static_files import create_static_files_router

from contestants.layer import Layer
from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "litestar"


@get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@get("/users/{user_id:int}")
async def get_user(user_id: int) -> dict[str, Any]:
    return {"id": user_id, "name": "Ada"}


@post("/users")
async def create_user(data: User) -> dict[str, Any]:
    return {"id": 1, "name": data.name, "email": data.email, "age": data.age}


@get("/search")
async def search(
    q: Annotated[str, Parameter(min_length=1, max_length=50)],
    limit: Annotated[int, Parameter(ge=1, le=100)] = 10,
    offset: Annotated[int, Parameter(ge=0)] = 0,
    exact: bool = False,
) -> dict[str, Any]:
    return {"q": q, "limit": limit, "offset": offset, "exact": exact}


@get("/session")
async def session(
    request_id: Annotated[str, Parameter(header="x-request-id")],
    key: Annotated[str, Parameter(cookie="session")],
) -> dict[str, str]:
    return {"request": request_id, "session": key}


async def settings() -> dict[str, str]:
    return {"dsn": "memory"}


async def database(config: dict[str, str]) -> AsyncGenerator[list[str], None]:
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def cache(config: dict[str, str]) -> AsyncGenerator[list[str], None]:
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def service(db: list[str], store: list[str]) -> tuple[list[str], list[str]]:
    return db, store


@get(
    "/diamond",
    dependencies={
        "config": Provide(settings),
        "db": Provide(database),
        "store": Provide(cache),
        "parts": Provide(service),
    },
)
async def diamond(parts: tuple[list[str], list[str]]) -> dict[str, str]:
    return {"db": parts[0][0], "cache": parts[1][0]}


@post("/orders", status_code=200)
async def filter_order(data: Order) -> OrderOut:
    return msgspec.convert(data, OrderOut, from_attributes=True)


@get("/sync", sync_to_thread=True)
def sync() -> dict[str, str]:
    return {"status": "ok"}


@get("/large")
async def large() -> list[dict[str, Any]]:
    return LARGE


@post("/upload", status_code=200, request_max_body_size=None)
async def upload(
    data: Annotated[dict[str, UploadFile], Body(media_type=RequestEncodingType.MULTI_PART)],
) -> dict[str, Any]:
    file, size = data["file"], 0
    while chunk := await file.read(1024 * 1024):
        size += len(chunk)
    return {"filename": file.filename, "size": size}


@websocket("/ws")
async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        pass


async def item(item_id: int) -> dict[str, int]:
    return {"id": item_id}


def build(kind: str):
    if kind.startswith("routes-"):
        count = int(kind.removeprefix("routes-"))
        return Litestar([get(f"/r{index}/items/{{item_id:int}}")(item) for index in range(count)])
    if kind == "middleware":
        return Litestar(
            [health],
            cors_config=CORSConfig(allow_origins=["https://example.com"]),
            middleware=[DefineMiddleware(Layer, name=b"x-outer"), DefineMiddleware(Layer, name=b"x-inner")],
        )
    files = create_static_files_router(path="/static", directories=[STATIC_FOLDER])
    handlers = [
        health,
        get_user,
        create_user,
        search,
        session,
        diamond,
        filter_order,
        sync,
        large,
        upload,
        echo,
        files,
    ]
    return Litestar(handlers)
