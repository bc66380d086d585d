"""The generated function of ten typical handlers, as text that a person can read, and executed.

Run with UPDATE_GOLDEN=1 after a wanted change, and read the difference.
"""

import os
from collections.abc import AsyncIterable, AsyncIterator, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

import fasterapi_di

from fasterapi import (
    BackgroundTasks,
    Cookie,
    Depends,
    Faster,
    Form,
    Header,
    PlainTextResponse,
    Query,
    Request,
    Response,
)
from fasterapi.testclient import TestClient

GOLDEN = Path(__file__).parent.parent / "golden"


class Item(msgspec.Struct):
    name: str
    price: float = 1.0


async def get_settings() -> dict[str, int]:
    return {"limit": 3}


async def get_session(settings: Annotated[dict[str, int], Depends(get_settings)]) -> AsyncIterator[str]:
    yield f"session {settings['limit']}"


def get_connection() -> Iterator[str]:
    yield "connection"


async def plain() -> dict[str, str]:
    return {"status": "ok"}


async def path_int(item_id: int) -> int:
    return item_id


async def query(
    q: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    tags: Annotated[list[str], Query()] = [],
):  # noqa: B006
    return [q, limit, tags]


async def header_and_cookie(
    x_token: Annotated[str, Header()], session: Annotated[str | None, Cookie()] = None
):
    return [x_token, session]


async def body(item: Item) -> Item:
    return item


async def two_bodies(item: Item, other: Item):
    return [item.name, other.name]


async def diamond(
    session: Annotated[str, Depends(get_session)], settings: Annotated[dict[str, int], Depends(get_settings)]
):
    return [session, settings]


def sync(connection: Annotated[str, Depends(get_connection)], number: int = 1):
    return [connection, number]


async def form(name: Annotated[str, Form()], request: Request):
    return [name, request.method]


async def extras(response: Response, tasks: BackgroundTasks):
    response.headers["x-token"] = "t"
    tasks.add_task(list)
    return "queued"


async def text():
    return "hello"


async def stream() -> AsyncIterable[Item]:
    yield Item("a")


CASES = {
    "plain": ("GET", "/plain", plain, {}, {}, {"status": "ok"}),
    "path_int": ("GET", "/items/{item_id}", path_int, {}, {"path": "/items/7"}, 7),
    "query": ("GET", "/query", query, {}, {"path": "/query?limit=5&tags=a&tags=b"}, [None, 5, ["a", "b"]]),
    "header_and_cookie": (
        "GET",
        "/header",
        header_and_cookie,
        {},
        {"headers": {"x-token": "t", "cookie": "session=s"}},
        ["t", "s"],
    ),
    "body": (
        "POST",
        "/body",
        body,
        {"status_code": 201},
        {"json": {"name": "n"}},
        {"name": "n", "price": 1.0},
    ),
    "two_bodies": (
        "POST",
        "/two",
        two_bodies,
        {},
        {"json": {"item": {"name": "a"}, "other": {"name": "b"}}},
        ["a", "b"],
    ),
    "diamond": ("GET", "/diamond", diamond, {}, {}, ["session 3", {"limit": 3}]),
    "sync": ("GET", "/sync", sync, {}, {}, ["connection", 1]),
    "form": ("POST", "/form", form, {}, {"data": {"name": "n"}}, ["n", "POST"]),
    "extras": ("GET", "/extras", extras, {}, {}, "queued"),
    "text": ("GET", "/text", text, {"response_class": PlainTextResponse}, {}, "hello"),
    "stream": ("GET", "/stream", stream, {}, {}, {"name": "a", "price": 1.0}),
}


def build(name: str) -> tuple[Faster, str]:
    method, path, handler, options, _, _ = CASES[name]
    app = Faster(openapi_url=None)
    app.add_api_route(path, handler, methods=[method], **options)
    return app, app.routes[0].source


@pytest.mark.parametrize("name", CASES)
def test_the_generated_source_is_the_reviewed_one(name):
    _, source = build(name)
    golden = GOLDEN / f"{name}.py"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(source)
    assert source == golden.read_text(), f"{name} changed; run with UPDATE_GOLDEN=1 and read the difference"


@pytest.mark.parametrize("name", CASES)
def test_the_generated_function_does_what_its_source_says(name):
    method, path, _, _, request, expected = CASES[name]
    app, _ = build(name)
    options = dict(request)
    response = TestClient(app).request(method, options.pop("path", path), **options)
    assert (response.text if name == "text" else response.json()) == expected


def test_a_function_is_compiled_at_its_first_request_and_only_once(monkeypatch):
    compiled = []
    original = fasterapi_di.compile_source
    monkeypatch.setattr(
        fasterapi_di, "compile_source", lambda source: compiled.append(source.name) or original(source)
    )
    app, _ = Faster(), None
    app.get("/a")(plain)
    client = TestClient(app)
    assert compiled == []
    client.get("/a")
    client.get("/a")
    assert compiled == ["call_plain"]


def test_a_traceback_shows_the_generated_line():
    import traceback

    app = Faster()

    @app.get("/boom")
    async def boom():
        raise RuntimeError("x")

    try:
        TestClient(app).get("/boom")
    except RuntimeError as error:
        text = "".join(traceback.format_exception(error))
    assert "<fasterapi: GET /boom" in text
    assert "result = await boom()" in text
