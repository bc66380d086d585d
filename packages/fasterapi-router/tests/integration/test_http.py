"""`ASGIRouter` over real HTTP: bare under uvicorn, and inside Starlette, FastAPI and Litestar applications."""

from urllib.parse import urljoin

import pytest

REQUESTS = [
    # method, path below the prefix, status, a header, text that the body contains
    ("GET", "/users/7", 200, ("x-app", "user"), "user {'id': '7'} root={prefix} path={prefix}/users/7"),
    ("PUT", "/users/7", 200, ("x-app", "user"), "user {'id': '7'}"),
    ("HEAD", "/users/7", 200, ("x-app", "user"), ""),
    ("GET", "/users/x", 404, None, "Not Found"),
    ("DELETE", "/users/7", 405, ("allow", "GET, HEAD, PUT"), "Method Not Allowed"),
    ("GET", "/users/7/", 307, ("location", "../7"), ""),
    ("GET", "/folder", 307, ("location", "./folder/"), ""),
    ("GET", "/folder?a=1", 307, ("location", "./folder/?a=1"), ""),
    (
        "GET",
        "/static/a%20b/c",
        200,
        ("x-app", "static"),
        "static {} root={prefix}/static path={prefix}/static/a b/c",
    ),
    ("POST", "/static/", 200, ("x-app", "static"), "static {}"),
    ("GET", "/nothing", 404, None, "Not Found"),
]


def check(connect, ask, prefix):
    for method, path, status, header, text in REQUESTS:
        got_status, headers, body = ask(connect, method, prefix + path)
        assert got_status == status, (method, path, body)
        if header is not None:
            assert headers[header[0]] == header[1], (method, path)
        assert text.replace("{prefix}", prefix) in body
        if method == "HEAD":
            assert body == ""
        if status == 307:
            target = urljoin(f"http://h{prefix}{path}", headers["location"]).removeprefix("http://h")
            assert ask(connect, method, target)[0] == 200


def test_bare_under_uvicorn(serve, ask, users):
    app, log = users
    with serve(app) as connect:
        check(connect, ask, "")
        for path in ["//evil.example/", "//evil.example", "/%5Cevil.example/", "/%09/evil.example/", "/%00/"]:
            status, headers, _ = ask(connect, "GET", path)
            assert (status, headers.get("location")) == (404, None)
        assert log == ["startup"]
    assert log == ["startup", "shutdown"]


def test_under_uvicorn_with_a_root_path(serve, ask, users):
    """uvicorn puts its --root-path before the path that the client sent."""
    app, _ = users
    with serve(app, root_path="/behind/proxy") as connect:
        status, _, body = ask(connect, "GET", "/users/7")
        assert (status, body) == (200, "user {'id': '7'} root=/behind/proxy path=/behind/proxy/users/7")
        _, headers, _ = ask(connect, "GET", "/users/7/")
        assert headers["location"] == "../7"


def test_inside_starlette(serve, ask, users):
    pytest.importorskip("starlette", reason="Starlette is not installed")
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Mount, Route

    app, _ = users
    outer = Starlette(routes=[Route("/own", lambda request: PlainTextResponse("own")), Mount("/sub", app)])
    with serve(outer) as connect:
        check(connect, ask, "/sub")
        assert ask(connect, "GET", "/own")[2] == "own"


def test_inside_fastapi(serve, ask, users):
    fastapi = pytest.importorskip("fastapi", reason="FastAPI is not installed")
    app, _ = users
    outer = fastapi.FastAPI()

    @outer.get("/own")
    def own() -> str:
        return "own"

    outer.mount("/sub", app)
    with serve(outer) as connect:
        check(connect, ask, "/sub")
        assert ask(connect, "GET", "/own")[2] == '"own"'


def test_inside_litestar(serve, ask, users):
    """Litestar takes its mount's path off `path`, adds it to no `root_path`, and adds a slash to the end."""
    litestar = pytest.importorskip("litestar", reason="Litestar is not installed")
    app, _ = users

    @litestar.get("/own")
    async def own() -> str:
        return "own"

    mounted = litestar.asgi("/sub", is_mount=True, copy_scope=True)(app)
    with serve(litestar.Litestar([own, mounted], openapi_config=None)) as connect:
        assert ask(connect, "GET", "/own")[2] == "own"
        assert ask(connect, "GET", "/sub/users/7")[0] == 200
        assert ask(connect, "DELETE", "/sub/users/7")[0] == 405
        assert ask(connect, "GET", "/sub/nothing")[0] == 404
        assert ask(connect, "GET", "/sub/static/a")[1]["x-app"] == "static"
        status, headers, _ = ask(connect, "GET", "/sub/users/7/")
        assert (status, headers["location"]) == (307, "../7")


def test_starlette_and_fastapi_applications_below_it(serve, ask):
    fastapi = pytest.importorskip("fastapi", reason="FastAPI is not installed")
    from contextlib import asynccontextmanager

    from fasterapi_router.asgi import ASGIRouter

    log = []

    @asynccontextmanager
    async def lifespan(app):
        log.append("startup")
        yield {"told": "by lifespan"}
        log.append("shutdown")

    inner = fastapi.FastAPI(lifespan=lifespan)

    @inner.get("/items/{item}")
    def show(item: int, request: fastapi.Request):
        return {
            "item": item,
            "shop": request.path_params["shop"],
            "url": request.url.path,
            "told": request.state.told,
        }

    app = ASGIRouter()
    app.mount("/shops/{shop}", inner)
    with serve(app) as connect:
        status, _, body = ask(connect, "GET", "/shops/s1/items/7")
        assert (status, body) == (
            200,
            '{"item":7,"shop":"s1","url":"/shops/s1/items/7","told":"by lifespan"}',
        )
        assert ask(connect, "GET", "/shops/s1/openapi.json")[0] == 200
    assert log == ["startup", "shutdown"]


def test_websockets_under_uvicorn(serve):
    client = pytest.importorskip("websockets.sync.client", reason="websockets is not installed")
    from websockets.exceptions import InvalidStatus

    from fasterapi_router.asgi import ASGIRouter

    app = ASGIRouter()

    @app.websocket("/rooms/{room}")
    async def room(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": f"{scope['path_params']} {scope['root_path']}"})
        await send({"type": "websocket.close", "code": 1000})

    outer = ASGIRouter()
    outer.mount("/chat", app)
    with serve(outer, ws="websockets-sansio") as connect:
        address = f"ws://127.0.0.1:{connect().port}"
        with client.connect(f"{address}/chat/rooms/r1") as connection:
            assert connection.recv(timeout=10) == "{'room': 'r1'} /chat"
        with pytest.raises(InvalidStatus) as refused, client.connect(f"{address}/chat/nothing"):
            pass
        assert refused.value.response.status_code == 404
