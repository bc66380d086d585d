"""Sanic on its own server, with msgspec for JSON; it runs for HTTP only."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
from sanic import Sanic
from sanic.response import HTTPResponse

from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "sanic"
HTTP_ONLY = True

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


def json(value, status: int = 200) -> HTTPResponse:
    return HTTPResponse(encode(value), status, content_type="application/json")


@asynccontextmanager
async def opened(config):
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def settings():
    return {"dsn": "memory"}


def build(kind: str) -> Sanic:
    app = Sanic("benchmark", configure_logging=False)
    app.config.ACCESS_LOG = False
    if kind.startswith("routes-"):

        async def item(request, item_id: int):
            return json({"id": item_id})

        for index in range(int(kind.removeprefix("routes-"))):
            app.add_route(item, f"/r{index}/items/<item_id:int>", name=f"item{index}")
        return app

    @app.get("/health")
    async def health(request):
        return json({"status": "ok"})

    if kind == "middleware":
        _add_layers(app)
    else:
        _add_routes(app)
        _add_others(app)
    return app


def _add_layers(app: Sanic) -> None:
    # Sanic runs the one that was added last first.
    @app.on_response
    async def allow_origin(request, response):
        if request.headers.get("origin") == "https://example.com":
            response.headers["access-control-allow-origin"] = "https://example.com"
            response.headers["vary"] = "Origin"

    @app.on_response
    async def outer(request, response):
        response.headers["x-outer"] = "1"

    @app.on_response
    async def inner(request, response):
        response.headers["x-inner"] = "1"


def _add_routes(app: Sanic) -> None:
    @app.get("/users/<user_id:int>")
    async def get_user(request, user_id: int):
        return json({"id": user_id, "name": "Ada"})

    @app.post("/users")
    async def create_user(request):
        try:
            user = decode_user(request.body)
        except msgspec.ValidationError as error:
            return json({"detail": str(error)}, 422)
        return json({"id": 1, "name": user.name, "email": user.email, "age": user.age}, 201)

    @app.get("/search")
    async def search(request):
        query = request.args
        q, limit, offset = query.get("q"), int(query.get("limit", 10)), int(query.get("offset", 0))
        exact = query.get("exact", "false")
        if not 1 <= len(q) <= 50 or not 1 <= limit <= 100 or offset < 0 or exact not in {"true", "false"}:
            return json({"detail": "out of range"}, 422)
        return json({"q": q, "limit": limit, "offset": offset, "exact": exact == "true"})

    @app.get("/session")
    async def session(request):
        return json({"request": request.headers["x-request-id"], "session": request.cookies.get("session")})

    @app.get("/diamond")
    async def diamond(request):
        config = await settings()
        async with opened(config) as db, opened(config) as store:
            return json({"db": db[0], "cache": store[0]})

    @app.post("/orders")
    async def filter_order(request):
        return json(msgspec.convert(decode_order(request.body), OrderOut, from_attributes=True))


def _add_others(app: Sanic) -> None:
    def work():
        return {"status": "ok"}

    @app.get("/sync")
    async def sync(request):
        return json(await asyncio.to_thread(work))

    @app.get("/large")
    async def large(request):
        return json(LARGE)

    @app.post("/upload")
    async def upload(request):
        file = request.files["file"][0]
        return json({"filename": file.name, "size": len(file.body)})

    @app.websocket("/ws")
    async def echo(request, ws):
        async for message in ws:
            await ws.send(message)

    app.static("/static", STATIC_FOLDER)


def serve(kind: str, port: int) -> None:
    build(kind).run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)
