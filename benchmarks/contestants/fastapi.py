"""FastAPI with return types, which its own benchmarks recommend: Pydantic then writes the JSON bytes itself."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, Header, Query, UploadFile, WebSocket, WebSocketDisconnect
from fastapi.middleware.cors import CORSMiddleware
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel

from contestants.layer import Layer
from harness.workloads import STATIC_FOLDER

DISTRIBUTION = "fastapi"
FASTAPI_ERRORS = True


class User(BaseModel):
    name: str
    email: str
    age: int


class CreatedUser(User):
    id: int


class ItemOut(BaseModel):
    sku: str
    quantity: int
    price: float


class Item(ItemOut):
    cost: float


class Order(BaseModel):
    id: int
    customer: str
    items: list[Item]


class OrderOut(BaseModel):
    id: int
    customer: str
    items: list[ItemOut]


LARGE = [
    {
        "id": index,
        "name": f"name {index}",
        "tags": ["alpha", "beta", "gamma"],
        "score": index * 0.5,
        "ok": True,
    }
    for index in range(11_500)
]


async def settings() -> dict[str, str]:
    return {"dsn": "memory"}


async def database(config: Annotated[dict, Depends(settings)]) -> AsyncIterator[list]:
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def cache(config: Annotated[dict, Depends(settings)]) -> AsyncIterator[list]:
    connection = [config["dsn"]]
    try:
        yield connection
    finally:
        connection.clear()


async def service(db: Annotated[list, Depends(database)], store: Annotated[list, Depends(cache)]):
    return db, store


def build(kind: str):
    app = FastAPI()
    if kind.startswith("routes-"):

        async def item(item_id: int) -> dict[str, int]:
            return {"id": item_id}

        for index in range(int(kind.removeprefix("routes-"))):
            app.add_api_route(f"/r{index}/items/{{item_id}}", item)
        return app

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    if kind == "middleware":
        app.add_middleware(Layer, name=b"x-inner")
        app.add_middleware(Layer, name=b"x-outer")
        app.add_middleware(CORSMiddleware, allow_origins=["https://example.com"])
    else:
        _add_parameters(app)
        _add_bodies(app)
        _add_others(app)
    return app


def _add_parameters(app: FastAPI) -> None:
    @app.get("/users/{user_id}")
    async def get_user(user_id: int) -> dict[str, int | str]:
        return {"id": user_id, "name": "Ada"}

    @app.get("/search")
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=50)],
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        offset: Annotated[int, Query(ge=0)] = 0,
        exact: bool = False,
    ) -> dict[str, str | int | bool]:
        return {"q": q, "limit": limit, "offset": offset, "exact": exact}

    @app.get("/session")
    async def session(
        x_request_id: Annotated[str, Header()], session: Annotated[str, Cookie()]
    ) -> dict[str, str]:
        return {"request": x_request_id, "session": session}

    @app.get("/diamond")
    async def diamond(parts: Annotated[tuple, Depends(service)]) -> dict[str, str]:
        return {"db": parts[0][0], "cache": parts[1][0]}


def _add_bodies(app: FastAPI) -> None:
    @app.post("/users", status_code=201)
    async def create_user(user: User) -> CreatedUser:
        return CreatedUser(id=1, name=user.name, email=user.email, age=user.age)

    @app.post("/orders")
    async def filter_order(order: Order) -> OrderOut:
        return order

    @app.post("/upload")
    async def upload(file: UploadFile) -> dict[str, str | int]:
        size = 0
        while chunk := await file.read(1024 * 1024):
            size += len(chunk)
        return {"filename": file.filename, "size": size}


def _add_others(app: FastAPI) -> None:
    @app.get("/sync")
    def sync() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/large")
    async def large() -> list[dict[str, object]]:
        return LARGE

    app.mount("/static", StaticFiles(directory=STATIC_FOLDER))

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            while True:
                await websocket.send_text(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
