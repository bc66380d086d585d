"""A request goes through few rooms: what stands between the server's call and the handler is counted."""

import sys

import pytest

from fasterapi import Depends, Faster
from fasterapi.middleware.cors import CORSMiddleware


def frames_below(function_name: str) -> int:
    frame = sys._getframe(1)
    count = 0
    while frame is not None and frame.f_code.co_name != function_name:
        frame = frame.f_back
        count += 1
    return count - 1


async def dependency() -> int:
    return 1


def build(counted: list[int], middleware: bool) -> Faster:
    app = Faster()
    if middleware:
        app.add_middleware(CORSMiddleware, allow_origins=["*"])

    @app.get("/{name}")
    async def handler(name: str, value: int = Depends(dependency)) -> str:
        counted.append(frames_below("serve_one"))
        return name

    return app


@pytest.mark.parametrize(("middleware", "most"), [(False, 5), (True, 5)])
def test_at_most_five_frames_stand_between_server_and_handler(middleware, most):
    counted: list[int] = []
    app = build(counted, middleware)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/a",
        "headers": [],
        "query_string": b"",
        "http_version": "1.1",
    }

    async def receive():
        return {"type": "http.request"}

    async def send(message):
        pass

    async def serve_one():
        await app(dict(scope), receive, send)

    import asyncio

    asyncio.run(serve_one())
    asyncio.run(serve_one())
    assert max(counted) <= most
