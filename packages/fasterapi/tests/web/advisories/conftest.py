"""What the tests of advisories share: an application with a route for each kind of input, and a count of work."""

import sys
from typing import Annotated, Any

import pytest

from fasterapi import Body, Cookie, Faster, Form, Request, Response, UploadFile


@pytest.fixture(scope="session")
def app():
    """Default settings: what an application answers whose author thought of nothing."""
    app = Faster()

    @app.post("/json")
    async def json(value: Annotated[Any, Body()]) -> Any:
        return value

    @app.post("/object")
    async def object(value: dict[str, Any]) -> Any:
        return value

    @app.post("/form")
    async def form(request: Request) -> list[tuple[str, str]]:
        async with request.form() as form:
            fields = form.multi_items()
            return [
                (name, value if isinstance(value, str) else str(value.filename)) for name, value in fields
            ]

    @app.post("/field")
    async def field(name: Annotated[str, Form()] = "") -> str:
        return name

    @app.post("/upload")
    async def upload(file: UploadFile) -> list[Any]:
        return [file.filename, file.basename, file.size]

    @app.get("/query")
    async def query(request: Request) -> list[tuple[str, str]]:
        return request.query_params.multi_items()

    @app.get("/cookies")
    async def cookies(
        request: Request, session: Annotated[str | None, Cookie(alias="__Host-session")] = None
    ):
        return [request.cookies, session]

    @app.get("/url")
    async def url(request: Request) -> list[Any]:
        return [str(request.url), request.url.path, request.url.hostname, str(request.base_url)]

    @app.get("/headers")
    async def headers(request: Request) -> int:
        return len(request.headers)

    @app.get("/slash/")
    async def slash() -> str:
        return "slash"

    @app.get("/set")
    async def set(response: Response, value: str) -> str:
        response.headers["x-value"] = value
        return value

    @app.get("/fail/{rest:path}")
    async def fail(rest: str) -> None:
        raise ZeroDivisionError

    return app


@pytest.fixture
def steps():
    """`steps(function)`: how many lines of Python run in it. A clock would measure the machine as well."""

    def count(function):
        lines = 0

        def trace(frame, event, arg):
            nonlocal lines
            lines += 1
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            function()
        finally:
            sys.settrace(before)
        return lines

    return count
