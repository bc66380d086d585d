"""Middleware can read which route a request was led to, whatever way it took there."""

import pytest

from fasterapi import Depends, Faster, FasterRouter, Request, WebSocket
from fasterapi.responses import PlainTextResponse
from fasterapi.routing import Host, Mount, Route
from fasterapi.routing.template import route_template
from fasterapi.testclient import TestClient


@pytest.fixture
def seen():
    return []


@pytest.fixture
def app(seen, tmp_path):
    (tmp_path / "index.html").write_text("front")

    class Look:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            try:
                await self.app(scope, receive, send)
            finally:
                if scope["type"] != "lifespan":
                    seen.append(route_template(scope))

    app = Faster()
    app.add_middleware(Look)

    @app.get("/plain")
    async def plain() -> str:
        return ""

    @app.get("/items/{item_id:int}")
    async def item(item_id: int) -> int:
        return item_id

    @app.get("/slash/{name}/")
    async def slash(name: str) -> str:
        return name

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError

    @app.websocket("/live/{room}")
    async def live(websocket: WebSocket, room: str) -> None:
        await websocket.accept()
        await websocket.close()

    async def starlette_like(request: Request) -> PlainTextResponse:
        return PlainTextResponse("")

    users = FasterRouter(prefix="/users/{user_id}")

    @users.get("/posts")
    async def posts(user_id: int) -> int:
        return user_id

    inner, innermost, routed = Faster(), Faster(), FasterRouter()

    @inner.get("/things/{thing}")
    async def thing(thing: str) -> str:
        return thing

    @innermost.get("/deep")
    async def deep() -> str:
        return ""

    @routed.get("/r/{x}")
    async def r(x: str) -> str:
        return x

    async def raw(scope, receive, send):
        await PlainTextResponse("")(scope, receive, send)

    inner.mount("/innermost/{which:int}", innermost)
    app.include_router(users)
    app.router.entries.append(Route("/like/{x:path}", starlette_like))
    app.mount("/inner", inner)
    app.mount("/raw", raw)
    app.mount("/routed", routed)
    app.frontend("/front", directory=tmp_path)
    app.changed()
    return app


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/plain", "/plain"),
        ("GET", "/items/7", "/items/{item_id}"),
        ("HEAD", "/items/7", "/items/{item_id}"),
        ("POST", "/items/7", "/items/{item_id}"),
        ("GET", "/slash/a", "/slash/{name}/"),
        ("GET", "/users/7/posts", "/users/{user_id}/posts"),
        ("GET", "/like/a/b", "/like/{x}"),
        ("GET", "/inner/things/a", "/inner/things/{thing}"),
        ("GET", "/inner/innermost/3/deep", "/inner/innermost/{which}/deep"),
        ("GET", "/inner/none", "/inner/{path}"),
        ("GET", "/raw/x", "/raw/{path}"),
        ("GET", "/routed/r/x", "/routed/r/{x}"),
        ("GET", "/front/index.html", "/front/{path}"),
        ("GET", "/openapi.json", "/openapi.json"),
        ("GET", "/nowhere", None),
        ("GET", "/items", None),
    ],
)
def test_the_template_of_the_route_is_known_outside(app, seen, method, path, template):
    TestClient(app, follow_redirects=False).request(method, path)
    assert seen == [template]


def test_the_template_of_a_websocket_route_is_known_outside(app, seen):
    with TestClient(app).websocket_connect("/live/blue"):
        pass
    assert seen == ["/live/{room}"]


def test_a_handler_that_fails_has_its_template_too(app, seen):
    TestClient(app, raise_server_exceptions=False).get("/fails")
    assert seen == ["/fails"]


def test_overridden_dependencies_change_nothing(app, seen):
    def one():
        return 1

    @app.get("/depends/{x}")
    async def depends(x: str, value: int = Depends(one)) -> int:
        return value

    app.dependency_overrides[one] = lambda: 2
    assert TestClient(app).get("/depends/a").json() == 2
    assert seen == ["/depends/{x}"]


def test_an_application_of_a_host_has_its_own_templates(app, seen):
    tenant = Faster()

    @tenant.get("/of/{tenant}")
    async def of(tenant: str) -> str:
        return tenant

    app.router.entries.append(Host("{tenant}.example.com", tenant))
    app.changed()
    TestClient(app, base_url="http://a.example.com").get("/of/b")
    TestClient(app).get("/items/7")
    assert seen == ["/of/{tenant}", "/items/{item_id}"]


def test_a_mount_that_is_added_while_the_application_serves_is_told_as_well(app, seen):
    TestClient(app).get("/plain")
    late = Faster()

    @late.get("/{x}")
    async def x(x: str) -> str:
        return x

    app.mount("/late", late)
    TestClient(late).get("/a")
    TestClient(app).get("/late/a")
    assert seen == ["/plain", "/late/{x}"]
