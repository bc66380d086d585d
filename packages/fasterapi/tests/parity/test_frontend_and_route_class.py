"""Frontends behind all routes, and route classes that wrap their handlers."""

import time
from pathlib import Path
from typing import Any

import pytest


def build(kit: Any) -> Any:
    import tempfile

    folder = Path(tempfile.mkdtemp())
    (folder / "index.html").write_text("<p>index</p>")
    (folder / "assets").mkdir()
    (folder / "assets" / "app.js").write_text("let a = 1;")
    app = kit.App()

    @app.get("/api/items")
    async def items():
        return "items"

    async def guard(x_token: str = kit.Header("ok")):
        if x_token != "ok":
            raise kit.HTTPException(403, "no")

    router = kit.Router(prefix="/guarded", dependencies=[kit.Depends(guard)])
    router.frontend("/", directory=folder)
    app.include_router(router)
    app.frontend("/", directory=folder)
    return app


PAGE = {"accept": "text/html"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {}), ("GET", "/assets/app.js", {}), ("GET", "/some/page", PAGE), ("GET", "/some/page", {}),
        ("GET", "/api/items", PAGE), ("POST", "/api/items", {}), ("GET", "/api/nothing", PAGE), ("POST", "/assets/app.js", {}),
        ("POST", "/nothing", {}), ("GET", "/guarded/", {}), ("GET", "/guarded/page", PAGE), ("GET", "/guarded/", {"x-token": "bad"}),
        ("GET", "/assets/%2e%2e/%2e%2e/etc/passwd", {}),
    ],
)  # fmt: skip
def test_frontends_answer_alike(parity, method, path, headers):
    parity(build, method, path, headers=headers, ignore_headers=("allow", "content-length", "set-cookie"))


def build_route_class(kit: Any) -> Any:
    routing = __import__(f"{kit.module}.routing", fromlist=["APIRoute"])

    class Timed(routing.APIRoute):
        def get_route_handler(self):
            original = super().get_route_handler()

            async def handler(request):
                before = time.monotonic()
                try:
                    response = await original(request)
                except kit.RequestValidationError as error:
                    raise kit.HTTPException(400, detail=[item["type"] for item in error.errors()]) from None
                response.headers["x-token"] = str(time.monotonic() >= before)
                return response

            return handler

    app = kit.App()
    router = kit.Router(route_class=Timed)

    @router.get("/timed/{number}")
    async def timed(number: int):
        return number

    @router.get("/fails")
    async def fails():
        raise kit.HTTPException(409, "x")

    app.include_router(router)
    return app


@pytest.mark.parametrize("path", ["/timed/5", "/timed/x", "/fails"])
def test_a_route_class_wraps_its_handlers(parity, path):
    parity(build_route_class, "GET", path)
