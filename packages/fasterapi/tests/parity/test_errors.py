"""Exceptions and their handlers, middleware around them, 404, 405 and 500."""

from typing import Any

import pytest

from fasterapi.testclient import TestClient


def build(kit: Any) -> Any:
    app = kit.App()

    class UnicornError(Exception):
        def __init__(self, name: str):
            self.name = name

    class ChildError(UnicornError):
        pass

    @app.exception_handler(UnicornError)
    async def unicorn(request: kit.Request, exc: UnicornError):
        return kit.JSONResponse({"oops": exc.name}, status_code=418)

    @app.exception_handler(KeyError)
    def sync_handler(request: kit.Request, exc: KeyError):
        return kit.PlainTextResponse(str(exc), status_code=409)

    @app.exception_handler(410)
    async def gone(request: kit.Request, exc: kit.HTTPException):
        return kit.PlainTextResponse("gone for good", status_code=410)

    @app.get("/unicorn/{name}")
    async def raise_unicorn(name: str):
        raise (UnicornError if name == "parent" else ChildError)(name)

    @app.get("/key")
    def raise_key():
        raise KeyError("k")

    @app.get("/http/{code}")
    async def raise_http(code: int):
        raise kit.HTTPException(code, detail={"code": code, "list": [1]}, headers={"x-token": "h"})

    @app.get("/http-default/{code}")
    async def raise_default(code: int):
        raise kit.HTTPException(status_code=code)

    @app.get("/boom")
    async def boom():
        raise RuntimeError("secret text")

    @app.get("/boom-sync")
    def boom_sync():
        return 1 / 0

    @app.get("/validated")
    async def validated(n: int):
        return n

    return app


def build_custom(kit: Any) -> Any:
    app = kit.App()

    @app.exception_handler(kit.RequestValidationError)
    async def invalid(request: kit.Request, exc: Any):
        return kit.JSONResponse(
            {"errors": sorted(error["type"] for error in exc.errors()), "body": exc.body}, status_code=400
        )

    @app.exception_handler(404)
    async def missing(request: kit.Request, exc: Any):
        return kit.JSONResponse({"missing": request.url.path}, status_code=404)

    @app.exception_handler(405)
    async def wrong(request: kit.Request, exc: Any):
        return kit.JSONResponse({"wrong": request.method}, status_code=405)

    @app.exception_handler(500)
    async def broken(request: kit.Request, exc: Any):
        return kit.JSONResponse({"broken": type(exc).__name__}, status_code=500)

    @app.middleware("http")
    async def tag(request: kit.Request, call_next: Any):
        response = await call_next(request)
        response.headers["x-first"] = "tagged"
        return response

    @app.get("/validated")
    async def validated(n: int):
        return n

    @app.post("/body")
    async def body(item: dict[str, int]):
        return item

    @app.get("/boom")
    async def boom():
        raise RuntimeError("x")

    @app.get("/raise404")
    async def raise404():
        raise kit.HTTPException(404, "own")

    return app


@pytest.mark.parametrize(
    "path",
    ["/unicorn/parent", "/unicorn/child", "/key", "/http/400", "/http/410", "/http/204", "/http/304", "/http/500", "/http-default/404",
     "/http-default/403", "/http-default/599", "/boom", "/boom-sync", "/validated", "/validated?n=x", "/nowhere"],
)  # fmt: skip
def test_exceptions_are_answered_alike(parity, path):
    parity(build, "GET", path)


@pytest.mark.parametrize(
    "path", ["/validated", "/validated?n=x", "/nowhere", "/boom", "/raise404", "/validated?n=1"]
)
def test_custom_handlers_answer_alike(parity, path):
    parity(build_custom, "GET", path)


@pytest.mark.parametrize("body", [b'{"a": "x"}', b"{", b"[]", b'{"a": 1}'])
def test_a_handler_sees_the_body_that_was_refused(parity, body):
    parity(build_custom, "POST", "/body", content=body, headers={"content-type": "application/json"})


def test_wrong_methods_reach_the_handler(parity):
    parity(build_custom, "DELETE", "/validated")


def build_failing_handlers(kit: Any) -> Any:
    app = kit.App()

    @app.exception_handler(Exception)
    async def anything(request: kit.Request, exc: Exception):
        return kit.JSONResponse({"broken": type(exc).__name__}, status_code=500)

    @app.exception_handler(404)
    @app.exception_handler(KeyError)
    async def failing(request: kit.Request, exc: Any):
        raise LookupError("in the handler")

    @app.exception_handler(ValueError)
    async def begins_and_fails(request: kit.Request, exc: Any):
        async def pieces():
            yield b"piece"
            raise LookupError("in the answer")

        return kit.StreamingResponse(pieces(), status_code=400)

    @app.get("/key")
    async def key():
        raise KeyError("k")

    @app.get("/value")
    async def value():
        raise ValueError("v")

    @app.get("/raise404")
    async def raise404():
        raise kit.HTTPException(404)

    @app.get("/header")
    async def header():
        raise kit.HTTPException(400, headers={"x-token": "a\r\nx-first: b"})

    return app


@pytest.mark.parametrize("path", ["/key", "/value", "/raise404", "/nowhere"])
def test_a_handler_that_fails_is_answered_for_alike(parity, path):
    parity(build_failing_handlers, "GET", path)


def test_a_header_that_an_exception_cannot_have_is_a_500_by_the_handler_for_it(parity):
    app = parity.applications(build_failing_handlers)["ours"]
    answer = TestClient(app, raise_server_exceptions=False).get("/header")
    assert (answer.status_code, answer.json()) == (500, {"broken": "ValueError"})
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        TestClient(app).get("/header")
