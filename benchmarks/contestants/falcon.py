"""Falcon with msgspec for JSON, after the recipe of its documentation; its wheels are compiled by Cython.

Answers are bytes from a shared encoder (`resp.data`), which saves the media handler's dispatch.
"""

# ruff: noqa: ARG002 - a responder gets what Falcon gives

from contextlib import asynccontextmanager

import falcon
import falcon.asgi
import falcon.media
import msgspec

from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "falcon"

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


def reply(resp, value) -> None:
    resp.content_type = falcon.MEDIA_JSON
    resp.data = encode(value)


async def decoded(req, decode):
    try:
        return decode(await req.stream.read())
    except msgspec.ValidationError as error:
        raise falcon.HTTPUnprocessableEntity(description=str(error)) from None


class Health:
    async def on_get(self, req, resp):
        reply(resp, {"status": "ok"})


class Users:
    async def on_get_one(self, req, resp, user_id):
        reply(resp, {"id": user_id, "name": "Ada"})

    async def on_post(self, req, resp):
        user = await decoded(req, decode_user)
        resp.status = falcon.HTTP_201
        reply(resp, {"id": 1, "name": user.name, "email": user.email, "age": user.age})


class Item:
    async def on_get(self, req, resp, item_id):
        reply(resp, {"id": item_id})


class Search:
    async def on_get(self, req, resp):
        q = req.get_param("q", required=True)
        if not 1 <= len(q) <= 50:
            raise falcon.HTTPInvalidParam("1 to 50 characters", "q")
        limit = req.get_param_as_int("limit", min_value=1, max_value=100, default=10)
        offset = req.get_param_as_int("offset", min_value=0, default=0)
        exact = req.get_param_as_bool("exact", default=False)
        reply(resp, {"q": q, "limit": limit, "offset": offset, "exact": exact})


class Session:
    async def on_get(self, req, resp):
        request_id = req.get_header("x-request-id", required=True)
        reply(resp, {"request": request_id, "session": req.get_cookie_values("session")[0]})


@asynccontextmanager
async def opened(config):
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def settings():
    return {"dsn": "memory"}


class Diamond:
    async def on_get(self, req, resp):
        config = await settings()
        async with opened(config) as db, opened(config) as store:
            reply(resp, {"db": db[0], "cache": store[0]})


class Orders:
    async def on_post(self, req, resp):
        order = await decoded(req, decode_order)
        reply(resp, msgspec.convert(order, OrderOut, from_attributes=True))


def work():
    return {"status": "ok"}


class Sync:
    async def on_get(self, req, resp):
        reply(resp, await falcon.sync_to_async(work))


class Large:
    async def on_get(self, req, resp):
        reply(resp, LARGE)


class Upload:
    async def on_post(self, req, resp):
        async for part in await req.get_media():
            size = 0
            while chunk := await part.stream.read(1024 * 1024):
                size += len(chunk)
            reply(resp, {"filename": part.filename, "size": size})


class Echo:
    async def on_websocket(self, req, ws):
        await ws.accept()
        try:
            while True:
                await ws.send_text(await ws.receive_text())
        except falcon.WebSocketDisconnected:
            pass


class AddHeader:
    def __init__(self, name: str) -> None:
        self.name = name

    async def process_response(self, req, resp, resource, req_succeeded):
        resp.set_header(self.name, "1")


def build(kind: str):
    if kind == "middleware":
        cors = falcon.CORSMiddleware(allow_origins="https://example.com")
        app = falcon.asgi.App(middleware=[cors, AddHeader("x-outer"), AddHeader("x-inner")])
        app.add_route("/health", Health())
        return app
    app = falcon.asgi.App()
    if kind.startswith("routes-"):
        for index in range(int(kind.removeprefix("routes-"))):
            app.add_route(f"/r{index}/items/{{item_id:int}}", Item())
        return app
    users = Users()
    app.add_route("/health", Health())
    app.add_route("/users/{user_id:int}", users, suffix="one")
    app.add_route("/users", users)
    app.add_route("/search", Search())
    app.add_route("/session", Session())
    app.add_route("/diamond", Diamond())
    app.add_route("/orders", Orders())
    app.add_route("/sync", Sync())
    app.add_route("/large", Large())
    app.add_route("/upload", Upload())
    app.add_route("/ws", Echo())
    app.add_static_route("/static", STATIC_FOLDER)
    return app
