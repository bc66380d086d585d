"""Robyn on its own server, which is written in Rust, with msgspec for JSON; it runs for HTTP only."""

import msgspec
from robyn import Headers, Request, Response, Robyn

from contestants.models import LARGE, Order, OrderOut, User

DISTRIBUTION = "robyn"
HTTP_ONLY = True

encode = msgspec.json.Encoder().encode
decode_user = msgspec.json.Decoder(User, strict=False).decode
decode_order = msgspec.json.Decoder(Order, strict=False).decode


def json(value, status: int = 200) -> Response:
    return Response(status, Headers({"content-type": "application/json"}), encode(value))


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

    @app.post("/orders")
    async def filter_order(request: Request):
        return json(msgspec.convert(decode_order(request.body), OrderOut, from_attributes=True))

    @app.get("/large")
    async def large():
        return json(LARGE)

    return app


def serve(kind: str, port: int) -> None:
    build(kind).start(host="127.0.0.1", port=port)
