"""The handlers and layers that this project and raw ASGI share: the same functions, called by both.

They carry no return annotations but where results are filtered, so that neither side checks what the other
does not.
"""

from collections.abc import AsyncIterator
from typing import Annotated

from contestants.models import LARGE, Order, OrderOut, User
from fasterapi import Cookie, Depends, Header, Query, UploadFile

__all__ = [
    "cache",
    "create_user",
    "database",
    "diamond",
    "filter_order",
    "get_user",
    "health",
    "item",
    "large",
    "search",
    "service",
    "session",
    "settings",
    "sync",
    "upload",
]


async def health():
    return {"status": "ok"}


async def get_user(user_id: int):
    return {"id": user_id, "name": "Ada"}


async def create_user(user: User):
    return {"id": 1, "name": user.name, "email": user.email, "age": user.age}


async def search(
    q: Annotated[str, Query(min_length=1, max_length=50)],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    offset: Annotated[int, Query(ge=0)] = 0,
    exact: bool = False,
):
    return {"q": q, "limit": limit, "offset": offset, "exact": exact}


async def session(x_request_id: Annotated[str, Header()], session: Annotated[str, Cookie()]):
    return {"request": x_request_id, "session": session}


async def settings():
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


async def diamond(parts: Annotated[tuple, Depends(service)]):
    return {"db": parts[0][0], "cache": parts[1][0]}


async def filter_order(order: Order) -> OrderOut:
    return order  # type: ignore[return-value]  # the response model takes what it knows of it


async def item(item_id: int):
    return {"id": item_id}


def sync():
    return {"status": "ok"}


async def large():
    return LARGE


async def upload(file: UploadFile):
    size = 0
    while chunk := await file.read(1024 * 1024):
        size += len(chunk)
    return {"filename": file.filename, "size": size}
