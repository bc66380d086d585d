"""Route classes that hand a request of their own to the handler, as FastAPI's pages about custom requests do."""

import gzip
import importlib
import json
from typing import Annotated, Any

import pytest

from fasterapi.testclient import TestClient


def build(kit: Any) -> Any:
    app = kit.App()
    routing = importlib.import_module(f"{kit.module}.routing")

    class Unpacked(kit.Request):
        async def body(self):
            body = await super().body()
            return gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body

    class Streamed(kit.Request):
        async def stream(self):
            async for chunk in super().stream():
                yield chunk.upper()

    class Decoded(kit.Request):
        async def json(self):
            return {"wrapped": await super().json()}

    class Renamed(kit.Request):
        async def form(self, **limits):
            form = await super().form(**limits)
            return type(form)([(name.lower(), value) for name, value in form.multi_items()])

    class Broken(kit.Request):
        async def body(self):
            raise KeyError("nothing")

    def handing(request_class):
        class Handing(routing.APIRoute):
            def get_route_handler(self):
                handle = super().get_route_handler()

                async def handler(request):
                    return await handle(request_class(request.scope, request.receive))

                return handler

        return Handing

    classes = (Unpacked, Streamed, Decoded, Renamed, Broken)
    for request_class in classes:
        router = kit.Router(prefix=f"/{request_class.__name__}", route_class=handing(request_class))

        @router.post("/json")
        async def read_json(value: Annotated[Any, kit.Body()]):
            return value

        @router.post("/numbers")
        async def read_numbers(numbers: list[int]):
            return numbers

        @router.post("/form")
        async def read_form(name: Annotated[str, kit.Form()]):
            return name

        def class_of(request: kit.Request):
            return type(request).__name__

        @router.post("/class")
        async def read_class(request: kit.Request, name: Annotated[str, kit.Depends(class_of)]):
            return [name, type(request).__name__]

        app.include_router(router)
    app.router.route_class = handing(Unpacked)

    @app.post("/numbers")
    async def read_later(numbers: list[int]):
        return numbers

    return app


JSON = {"content-type": "application/json"}
PACKED = {**JSON, "content-encoding": "gzip"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
TABLE = [
    ("/Unpacked/json", gzip.compress(b"[1]"), PACKED), ("/Unpacked/numbers", gzip.compress(b'["x"]'), PACKED),
    ("/Unpacked/json", b"[1]", JSON), ("/Unpacked/json", b"[1", JSON), ("/Unpacked/json", b"no", PACKED), ("/Unpacked/form", b"name=a", FORM),
    ("/Streamed/json", b'"abc"', JSON), ("/Streamed/form", b"NAME=a", FORM), ("/Streamed/form", b"name=a", FORM),
    ("/Decoded/json", b"[1]", JSON), ("/Decoded/numbers", b"[1]", JSON), ("/Decoded/json", b"[1", JSON), ("/Decoded/json", b"", JSON),
    ("/Renamed/form", b"NAME=a", FORM), ("/Renamed/form", b"other=a", FORM), ("/Renamed/json", b"{}", JSON),
    ("/Broken/json", b"{}", JSON), ("/Broken/form", b"name=a", FORM),
    *[(f"/{name}/class", b"", {}) for name in ("Unpacked", "Streamed", "Decoded", "Renamed", "Broken")],
    ("/numbers", gzip.compress(b"[1, 2]"), PACKED), ("/numbers", gzip.compress(b'{"a": 1}'), PACKED),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body", "headers"), TABLE)
def test_the_handler_reads_the_request_that_it_is_handed(parity, path, body, headers):
    parity(build, "POST", path, content=body, headers=headers)


def test_dependencies_behind_a_route_class_are_overridden(parity):
    answers = {}
    for name, kit in parity._kits.items():
        routing = importlib.import_module(f"{kit.module}.routing")

        class Passing(routing.APIRoute):
            def get_route_handler(self):
                handle = super().get_route_handler()

                async def handler(request):
                    return await handle(request)

                return handler

        def original():
            return "original"

        def replaced(value: int):
            return value

        app = kit.App()
        app.router.route_class = Passing

        @app.get("/")
        async def read(value: Annotated[Any, kit.Depends(original)]):
            return value

        client = TestClient(app)
        found = [client.get("/").json()]
        app.dependency_overrides[original] = replaced
        found += [client.get("/?value=2").json(), client.get("/").status_code]
        app.dependency_overrides.clear()
        answers[name] = [*found, client.get("/").json()]
    assert answers["ours"] == answers["theirs"]


CHANGES = {
    "append": lambda routes, extra: routes.append(extra),
    "insert": lambda routes, extra: routes.insert(0, extra),
    "extend": lambda routes, extra: routes.extend([extra]),
    "add": lambda routes, extra: routes.__iadd__([extra]),
    "remove": lambda routes, extra: routes.remove(next(route for route in routes if route.path == "/docs")),
    "pop": lambda routes, extra: routes.pop(0),
    "delete": lambda routes, extra: routes.__delitem__(slice(0, 2)),
    "replace": lambda routes, extra: routes.__setitem__(0, extra),
    "reverse": lambda routes, extra: routes.reverse(),
    "clear": lambda routes, extra: routes.clear(),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", ["app", "router"])
def test_what_changes_the_list_of_routes_changes_what_is_served(parity, change, place):
    answers = {}
    for name, kit in parity._kits.items():
        routing = importlib.import_module("starlette.routing" if name == "theirs" else "fasterapi.routing")
        app = kit.App()

        @app.get("/items")
        async def read():
            return "items"

        async def extra(request):
            return kit.PlainTextResponse("extra")

        client = TestClient(app)
        assert client.get("/extra").status_code == 404
        CHANGES[change]((app if place == "app" else app.router).routes, routing.Route("/extra", extra))
        answers[name] = [
            client.get(path).status_code for path in ("/extra", "/items", "/docs", "/openapi.json", "/redoc")
        ]
        assert json.dumps(sorted(app.openapi()["paths"])) == ("[]" if change == "clear" else '["/items"]')
    assert answers["ours"] == answers["theirs"]


def test_a_routers_list_is_replaced_as_a_whole(parity):
    answers = {}
    for name, kit in parity._kits.items():
        app = kit.App()

        @app.get("/items")
        async def read():
            return "items"

        app.router.routes = [route for route in app.router.routes if route.path != "/docs"]
        client = TestClient(app)
        answers[name] = [client.get(path).status_code for path in ("/items", "/docs")]
    assert answers["ours"] == answers["theirs"]
