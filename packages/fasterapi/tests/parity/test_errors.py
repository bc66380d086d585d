"""Exceptions and their handlers, middleware around them, 404, 405 and 500."""

from typing import Any

import pytest


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
