"""Starlette with msgspec for JSON both ways: it leaves the choice of an encoder to a response class."""

from contextlib import asynccontextmanager

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocketDisconnect

from contestants.layer import Layer
from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "starlette"

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


class JSON(Response):
    media_type = "application/json"

    def render(self, content) -> bytes:
        return encode(content)


async def not_found(request, exc):
    return JSON({"detail": exc.detail}, status_code=exc.status_code)


async def health(request):
    return JSON({"status": "ok"})


async def get_user(request):
    return JSON({"id": request.path_params["user_id"], "name": "Ada"})


async def item(request):
    return JSON({"id": request.path_params["item_id"]})


async def create_user(request):
    try:
        user = decode_user(await request.body())
    except msgspec.ValidationError as error:
        return JSON({"detail": str(error)}, status_code=422)
    return JSON({"id": 1, "name": user.name, "email": user.email, "age": user.age}, status_code=201)


async def search(request):
    query = request.query_params
    try:
        q, limit, offset = query["q"], int(query.get("limit", 10)), int(query.get("offset", 0))
        exact = {"true": True, "false": False}[query.get("exact", "false")]
    except (KeyError, ValueError):
        raise HTTPException(422) from None
    if not 1 <= len(q) <= 50 or not 1 <= limit <= 100 or offset < 0:
        raise HTTPException(422)
    return JSON({"q": q, "limit": limit, "offset": offset, "exact": exact})


async def session(request):
    return JSON({"request": request.headers["x-request-id"], "session": request.cookies["session"]})


async def settings():
    return {"dsn": "memory"}


@asynccontextmanager
async def opened(config):
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def diamond(request):
    config = await settings()
    async with opened(config) as db, opened(config) as store:
        return JSON({"db": db[0], "cache": store[0]})


async def filter_order(request):
    try:
        order = decode_order(await request.body())
    except msgspec.ValidationError as error:
        return JSON({"detail": str(error)}, status_code=422)
    return JSON(msgspec.convert(order, OrderOut, from_attributes=True))


def sync(request):
    return JSON({"status": "ok"})


async def large(request):
    return JSON(LARGE)


async def upload(request):
    async with request.form() as form:
        file, size = form["file"], 0
        while chunk := await file.read(1024 * 1024):
            size += len(chunk)
        return JSON({"filename": file.filename, "size": size})


async def echo(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


def build(kind: str):
    if kind.startswith("routes-"):
        count = int(kind.removeprefix("routes-"))
        return Starlette(routes=[Route(f"/r{index}/items/{{item_id:int}}", item) for index in range(count)])
    if kind == "middleware":
        middleware = [
            Middleware(CORSMiddleware, allow_origins=["https://example.com"]),
            Middleware(Layer, name=b"x-outer"),
            Middleware(Layer, name=b"x-inner"),
        ]
        return Starlette(routes=[Route("/health", health)], middleware=middleware)
    routes = [
        Route("/health", health),
        Route("/users/{user_id:int}", get_user),
        Route("/users", create_user, methods=["POST"]),
        Route("/search", search),
        Route("/session", session),
        Route("/diamond", diamond),
        Route("/orders", filter_order, methods=["POST"]),
        Route("/sync", sync),
        Route("/large", large),
        Route("/upload", upload, methods=["POST"]),
        Mount("/static", StaticFiles(directory=STATIC_FOLDER)),
        WebSocketRoute("/ws", echo),
    ]
    return Starlette(routes=routes, exception_handlers={404: not_found})
