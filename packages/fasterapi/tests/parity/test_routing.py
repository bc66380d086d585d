"""Methods, prefixes, nested routers, mounts, slashes, names."""

from typing import Any

import pytest


def build(kit: Any) -> Any:
    app = kit.App()

    @app.get("/items")
    async def items():
        return "items"

    @app.post("/items")
    async def create():
        return "created"

    @app.api_route("/multi", methods=["GET", "PUT"])
    async def multi():
        return "multi"

    @app.head("/headed")
    async def headed(response: kit.Response):
        response.headers["x-token"] = "h"

    @app.options("/opted")
    async def opted():
        return "options"

    @app.trace("/traced")
    async def traced():
        return "trace"

    @app.patch("/patched")
    async def patched():
        return "patch"

    @app.get("/slash/")
    async def slash():
        return "slash"

    @app.get("/users/me")
    async def me():
        return "me"

    @app.get("/users/{user_id}")
    async def user(user_id: str):
        return user_id

    @app.get("/users/{user_id}/posts/{post_id}")
    async def post(user_id: str, post_id: int):
        return [user_id, post_id]

    @app.get("/files/{path:path}")
    async def files(path: str):
        return path

    @app.get("/named/{name}.{ext}")
    async def named(name: str, ext: str):
        return [name, ext]

    @app.get("/typed/{a:int}/{b:float}/{c:uuid}/{d:path}", include_in_schema=False)
    async def typed(request: kit.Request):
        return {name: [type(value).__name__, value] for name, value in request.path_params.items()}

    async def raw(request):
        return kit.PlainTextResponse(repr(request.path_params))

    app.add_route("/raw/{number:int}/{text}", raw)

    inner = kit.Router(prefix="/inner", tags=["inner"])

    @inner.get("")
    async def inner_root():
        return "inner"

    @inner.get("/{thing}")
    async def inner_thing(thing: int, tenant: str):
        return [tenant, thing]

    outer = kit.Router()
    outer.include_router(inner, prefix="/{tenant}")

    @outer.get("/outer")
    async def outer_root(tenant: str | None = None):
        return "outer"

    app.include_router(outer, prefix="/api")

    @inner.get("/late/route")
    async def late():
        return "late"

    async def token(x_token: str = kit.Header()):
        if x_token != "ok":
            raise kit.HTTPException(403, "no")

    guarded = kit.Router(
        prefix="/guarded", dependencies=[kit.Depends(token)], responses={403: {"description": "no"}}
    )

    @guarded.get("/")
    async def guarded_root():
        return "guarded"

    app.include_router(guarded)

    sub = kit.App()

    @sub.get("/page/{number}")
    async def page(number: int, request: kit.Request):
        return [number, request.scope["root_path"], str(request.url), request.url_for("page", number=3).path]

    app.mount("/sub", sub)
    tenant_app = kit.App()

    @tenant_app.get("/show/{name}")
    async def show(name: str, request: kit.Request):
        return [name, request.path_params]

    app.mount("/tenants/{tenant}", tenant_app)

    @app.get("/url")
    async def url(request: kit.Request):
        return [
            str(request.url_for("user", user_id="ab")),
            str(request.url_for("post", user_id="x", post_id=5)),
            str(app.url_path_for("files", path="a/b")),
            str(request.url),
            str(request.base_url),
            request.url.path,
            dict(request.query_params),
            request.path_params,
        ]

    @app.get("/state")
    async def state(request: kit.Request):
        return [
            request.method,
            request.client.host,
            request.url.scheme,
            sorted(request.scope["path_params"]),
            request.headers["host"],
        ]

    return app


REQUESTS = [
    ("GET", "/items"), ("POST", "/items"), ("PUT", "/items"), ("GET", "/items/"), ("POST", "/items/"),
    ("GET", "/multi"), ("PUT", "/multi"), ("POST", "/multi"), ("HEAD", "/headed"), ("OPTIONS", "/opted"),
    ("TRACE", "/traced"), ("PATCH", "/patched"), ("GET", "/slash/"), ("GET", "/slash"), ("GET", "/slash?a=1"),
    ("GET", "/users/me"), ("GET", "/users/you"), ("GET", "/users/"), ("GET", "/users/me/posts/5"),
    ("GET", "/users/me/posts/x"), ("DELETE", "/users/me"), ("GET", "/files/a/b/c"), ("GET", "/files/"), ("GET", "/files"),
    ("GET", "/named/a.txt"), ("GET", "/named/a.b.txt"), ("GET", "/named/a"),
    ("GET", "/api/t1/inner"), ("GET", "/api/t1/inner/5"), ("GET", "/api/t1/inner/x"), ("GET", "/api/outer"),
    ("GET", "/api/t1/inner/late/route"), ("GET", "/guarded/"), ("GET", "/guarded/?x=1"), ("GET", "/sub/page/5"),
    ("GET", "/sub/page/x"), ("GET", "/sub/none"), ("GET", "/sub"), ("GET", "/url?a=1"), ("GET", "/state"),
    ("GET", "/nowhere"), ("GET", "//items"), ("GET", "/items//"), ("POST", "/nowhere"), ("GET", "/"),
    ("GET", "/raw/07/07"), ("GET", "/raw/x/07"), ("GET", "/tenants/ada/show/x"), ("GET", "/tenants/ada/show/x?tenant=y"),
    ("GET", "/typed/007/1.50/0a2ee5a4-0cf0-4f8b-9b4e-5f3e4e8ecf71/a/b"), ("GET", "/typed/1/2/3/4"),
    ("GET", "/docs/oauth2-redirect-none"), ("GET", "/ITEMS"), ("GET", "/users/%2e%2e"), ("GET", "/users/a%2Fb"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), REQUESTS)
def test_requests_are_routed_alike(parity, method, path):
    parity(build, method, path, ignore_headers=("allow",))


@pytest.mark.parametrize("token", ["ok", "bad"])
def test_dependencies_of_a_router_guard_its_routes(parity, token):
    parity(build, "GET", "/guarded/", headers={"x-token": token})
