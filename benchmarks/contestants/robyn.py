"""Robyn on its own server, which is written in Rust, with msgspec for JSON; it runs for HTTP only."""

from contextlib import asynccontextmanager

import msgspec
from robyn import Headers, Request, Response, Robyn

from contestants.models import LARGE, Order, OrderOut, User
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "robyn"
HTTP_ONLY = True

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


def json(value, status: int = 200) -> Response:
    return Response(status, Headers({"content-type": "application/json"}), encode(value))


@asynccontextmanager
async def opened(config):
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def settings():
    return {"dsn": "memory"}


def build(kind: str) -> Robyn:
    app = Robyn(__file__)
    if kind.startswith("routes-"):

        async def item(request: Request):
            return json({"id": int(request.path_params["item_id"])})

        for index in range(int(kind.removeprefix("routes-"))):
            app.get(f"/r{index}/items/:item_id")(item)
        return app

    @app.get("/health")
    async def health():
        return json({"status": "ok"})

    if kind == "middleware":
        _add_layers(app)
    else:
        _add_routes(app)
        _add_others(app)
    return app


def _add_layers(app: Robyn) -> None:
    @app.after_request()
    async def add_headers(request: Request, response: Response):
        if request.headers.get("origin") == "https://example.com":
            response.headers.set("access-control-allow-origin", "https://example.com")
            response.headers.set("vary", "Origin")
        response.headers.set("x-outer", "1")
        response.headers.set("x-inner", "1")
        return response


def _add_routes(app: Robyn) -> None:
    @app.get("/users/:user_id")
    async def get_user(request: Request):
        return json({"id": int(request.path_params["user_id"]), "name": "Ada"})

    @app.post("/users")
    async def create_user(request: Request):
        try:
            user = decode_user(request.body)
        except msgspec.ValidationError as error:
            return json({"detail": str(error)}, 422)
        return json({"id": 1, "name": user.name, "email": user.email, "age": user.age}, 201)

    @app.get("/search")
    async def search(request: Request):
        query = request.query_params
        q, limit = query.get("q", ""), int(query.get("limit", "10"))
        offset, exact = int(query.get("offset", "0")), query.get("exact", "false")
        if not 1 <= len(q) <= 50 or not 1 <= limit <= 100 or offset < 0 or exact not in {"true", "false"}:
            return json({"detail": "out of range"}, 422)
        return json({"q": q, "limit": limit, "offset": offset, "exact": exact == "true"})

    @app.get("/session")
    async def session(request: Request):
        cookies = dict(part.split("=", 1) for part in request.headers.get("cookie").split("; "))
        return json({"request": request.headers.get("x-request-id"), "session": cookies["session"]})

    @app.get("/diamond")
    async def diamond():
        config = await settings()
        async with opened(config) as db, opened(config) as store:
            return json({"db": db[0], "cache": store[0]})

    @app.post("/orders")
    async def filter_order(request: Request):
        return json(msgspec.convert(decode_order(request.body), OrderOut, from_attributes=True))


def _add_others(app: Robyn) -> None:
    @app.get("/sync")
    def sync():
        return json({"status": "ok"})

    @app.get("/large")
    async def large():
        return json(LARGE)

    @app.post("/upload")
    async def upload(request: Request):
        ((name, content),) = request.files.items()
        return json({"filename": name, "size": len(content)})

    @app.websocket("/ws")
    async def echo(websocket):
        while True:
            await websocket.send_text(await websocket.receive_text())

    app.serve_directory("/static", str(STATIC_FOLDER))


def serve(kind: str, port: int) -> None:
    build(kind).start(host="127.0.0.1", port=port)
