"""Quart with msgspec for JSON; responses are made of bytes, as `jsonify` with a JSON provider would make them."""

from contextlib import asynccontextmanager

import msgspec
from quart import Quart, Response, request, websocket
from werkzeug.exceptions import UnprocessableEntity

from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "quart"
AWAITS_DISCONNECT = True

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


def json(value, status: int = 200) -> Response:
    return Response(encode(value), status, content_type="application/json")


async def decoded(decode):
    try:
        return decode(await request.get_data(cache=False))
    except msgspec.ValidationError as error:
        raise UnprocessableEntity(str(error)) from None


@asynccontextmanager
async def opened(config):
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def settings():
    return {"dsn": "memory"}


def build(kind: str):
    app = Quart(__name__, static_folder=STATIC_FOLDER, static_url_path="/static")
    if kind.startswith("routes-"):

        async def item(item_id: int):
            return json({"id": item_id})

        for index in range(int(kind.removeprefix("routes-"))):
            app.add_url_rule(f"/r{index}/items/<int:item_id>", f"item{index}", item)
        return app

    @app.get("/health")
    async def health():
        return json({"status": "ok"})

    if kind == "middleware":
        _add_layers(app)
    else:
        _add_parameters(app)
        _add_bodies(app)
        _add_others(app)
    return app


def _add_layers(app: Quart) -> None:
    @app.after_request
    async def allow_origin(response):
        if request.headers.get("origin") == "https://example.com":
            response.headers["access-control-allow-origin"] = "https://example.com"
            response.headers["vary"] = "Origin"
        return response

    @app.after_request
    async def outer(response):
        response.headers["x-outer"] = "1"
        return response

    @app.after_request
    async def inner(response):
        response.headers["x-inner"] = "1"
        return response


def _add_parameters(app: Quart) -> None:
    @app.get("/users/<int:user_id>")
    async def get_user(user_id: int):
        return json({"id": user_id, "name": "Ada"})

    @app.get("/search")
    async def search():
        query = request.args
        q, limit = query["q"], query.get("limit", 10, type=int)
        offset, exact = query.get("offset", 0, type=int), query.get("exact", "false")
        if not 1 <= len(q) <= 50 or not 1 <= limit <= 100 or offset < 0 or exact not in {"true", "false"}:
            raise UnprocessableEntity
        return json({"q": q, "limit": limit, "offset": offset, "exact": exact == "true"})

    @app.get("/session")
    async def session():
        return json({"request": request.headers["x-request-id"], "session": request.cookies["session"]})

    @app.get("/diamond")
    async def diamond():
        config = await settings()
        async with opened(config) as db, opened(config) as store:
            return json({"db": db[0], "cache": store[0]})


def _add_bodies(app: Quart) -> None:
    @app.post("/users")
    async def create_user():
        user = await decoded(decode_user)
        return json({"id": 1, "name": user.name, "email": user.email, "age": user.age}, 201)

    @app.post("/orders")
    async def filter_order():
        return json(msgspec.convert(await decoded(decode_order), OrderOut, from_attributes=True))

    @app.post("/upload")
    async def upload():
        file, size = (await request.files)["file"], 0
        while chunk := file.read(1024 * 1024):
            size += len(chunk)
        return json({"filename": file.filename, "size": size})


def _add_others(app: Quart) -> None:
    @app.get("/sync")
    def sync():
        return json({"status": "ok"})

    @app.get("/large")
    async def large():
        return json(LARGE)

    @app.websocket("/ws")
    async def echo():
        while True:
            await websocket.send(await websocket.receive())
