"""Bodies of several messages, as every large one is, behind each middleware and in front of each kind of handler."""

import asyncio
import gzip
import json
from typing import Annotated, Any

import msgspec
import pytest

from fasterapi import Body, Faster, Form, JSONResponse, Request, UploadFile
from fasterapi.middleware import BaseHTTPMiddleware, CORSMiddleware, GZipMiddleware, Middleware
from fasterapi.middleware.accesslog import AccessLogMiddleware
from fasterapi.middleware.body_limit import BodyLimitMiddleware
from fasterapi.middleware.decompression import DecompressionMiddleware
from fasterapi.middleware.idempotency import IdempotencyMiddleware
from fasterapi.middleware.timeout import TimeoutMiddleware
from fasterapi.routing import Route
from fasterapi.stores import MemoryStore


class Item(msgspec.Struct):
    name: str


ITEM = b'{"name":"Ada"}'
URLENCODED = b"name=Ada&rest=x"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nAda\r\n--b--\r\n'
)
KINDS = {
    "/struct": ("application/json", ITEM),
    "/dict": ("application/json", ITEM),
    "/embedded": ("application/json", b'{"item":' + ITEM + b',"other":1}'),
    "/bytes": ("application/json", ITEM),
    "/json": ("application/json", ITEM),
    "/cancelled": ("application/json", ITEM),
    "/stream": ("application/json", ITEM),
    "/starlette": ("application/json", ITEM),
    "/form": ("application/x-www-form-urlencoded", URLENCODED),
    "/upload": ("multipart/form-data; boundary=b", MULTIPART),
    "/request-form": ("multipart/form-data; boundary=b", MULTIPART),
    "/parts": ("multipart/form-data; boundary=b", MULTIPART),
}


async def starlette_style(request: Request) -> JSONResponse:
    return JSONResponse((await request.json())["name"])


def new_app(middleware: list[Middleware]) -> Faster:
    app = Faster(middleware=middleware, routes=[Route("/starlette", starlette_style, methods=["POST"])])

    @app.post("/struct")
    async def of_struct(item: Item) -> str:
        return item.name

    @app.post("/dict")
    async def of_dict(item: dict[str, Any]) -> str:
        return item["name"]

    @app.post("/embedded")
    async def of_embedded(item: Item, other: Annotated[int, Body()]) -> str:
        return item.name

    @app.post("/bytes")
    async def of_bytes(request: Request) -> str:
        return json.loads(await request.body())["name"]

    @app.post("/json")
    async def of_json(item: Item, request: Request) -> str:
        assert msgspec.structs.asdict(item) == await request.json()
        return item.name

    @app.post("/cancelled", cancel_on_disconnect=True)
    async def of_cancelled(item: Item) -> str:
        return item.name

    @app.post("/stream")
    async def of_stream(request: Request) -> str:
        return json.loads(b"".join([chunk async for chunk in request.stream()]))["name"]

    @app.post("/form")
    async def of_form(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/upload")
    async def of_upload(file: UploadFile, name: Annotated[str, Form()]) -> str:
        assert await file.read() == name.encode()
        return name

    @app.post("/request-form")
    async def of_request_form(request: Request) -> str:
        async with request.form() as form:
            return str(form["name"])

    @app.post("/parts")
    async def of_parts(request: Request) -> str:
        return [(await part.read()).decode() async for part in request.parts()][0]

    return app


async def pass_on(request, call_next):
    return await call_next(request)


async def look_first(request, call_next):
    await request.body()
    return await call_next(request)


async def ask_whether_gone(request, call_next):
    assert not await request.is_disconnected()
    return await call_next(request)


MIDDLEWARE = {
    "none": [],
    "base": [Middleware(BaseHTTPMiddleware, dispatch=pass_on)],
    "base twice": [Middleware(BaseHTTPMiddleware, dispatch=pass_on)] * 2,
    "base that reads": [Middleware(BaseHTTPMiddleware, dispatch=look_first)],
    "base that asks": [Middleware(BaseHTTPMiddleware, dispatch=ask_whether_gone)],
    "base around one that reads": [
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
        Middleware(BaseHTTPMiddleware, dispatch=look_first),
    ],
    "base inside one that reads": [
        Middleware(BaseHTTPMiddleware, dispatch=look_first),
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
    ],
    "limit": [Middleware(BodyLimitMiddleware, max_body_size=1000)],
    "decompression": [Middleware(DecompressionMiddleware)],
    "decompression within base": [
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
        Middleware(DecompressionMiddleware),
    ],
    "idempotency": [Middleware(IdempotencyMiddleware, store=MemoryStore())],
    "idempotency within base": [
        Middleware(BaseHTTPMiddleware, dispatch=pass_on),
        Middleware(IdempotencyMiddleware, store=MemoryStore()),
    ],
    "timeout": [Middleware(TimeoutMiddleware, timeout_seconds=10)],
    "others": [Middleware(AccessLogMiddleware), Middleware(GZipMiddleware), Middleware(CORSMiddleware)],
}


def pieces_of(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize("name", MIDDLEWARE)
def test_a_body_in_pieces_is_the_body(ask, name, path):
    content_type, body = KINDS[path]
    app = new_app(MIDDLEWARE[name])
    for size in (1, 9, 1000):
        headers = {
            "content-type": content_type,
            "idempotency-key": f"{name}{path}{size}"[-30:].replace(" ", "-"),
        }
        sent = body
        if "decompression" in name:
            sent, headers["content-encoding"] = gzip.compress(body), "gzip"
        answer = ask(app, method="POST", path=path, headers=headers, body=pieces_of(sent, size))
        assert (answer.status, answer.body) == (200, b'"Ada"'), size


def test_a_handler_that_wants_a_body_which_a_middleware_has_streamed_is_told_so(ask):
    async def consume(request, call_next):
        async for _ in request.stream():
            pass
        return await call_next(request)

    app = new_app([Middleware(BaseHTTPMiddleware, dispatch=consume)])
    for path in ("/struct", "/dict", "/bytes", "/starlette"):
        headers = {"content-type": KINDS[path][0]}
        with pytest.raises(RuntimeError, match=r"streamed before and is gone"):
            ask(app, method="POST", path=path, headers=headers, body=pieces_of(ITEM, 5))


def test_the_client_gone_between_two_pieces_is_no_error(new_scope, caplog):
    app = new_app([Middleware(BaseHTTPMiddleware, dispatch=pass_on)])
    for path, (content_type, body) in KINDS.items():
        messages = [
            {"type": "http.request", "body": body[:5], "more_body": True},
            {"type": "http.disconnect"},
        ]
        sent: list[Any] = []

        async def receive(messages=messages):
            return messages.pop(0) if len(messages) > 1 else messages[0]

        async def send(message, sent=sent):
            sent.append(message)

        scope = new_scope(method="POST", path=path, headers={"content-type": content_type})
        asyncio.run(app(scope, receive, send))
        assert sent == [], path
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
