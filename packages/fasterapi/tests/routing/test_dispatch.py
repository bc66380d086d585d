"""What answers a request: priority, HEAD, 405, redirects, mounts, hosts, fallbacks; and two routes for one path."""

import warnings

import pytest

from fasterapi import (
    CORSMiddleware,
    Faster,
    FasterAPIError,
    FasterRouter,
    PlainTextResponse,
    Request,
    WebSocket,
)
from fasterapi.exceptions import NoMatchFound
from fasterapi.middleware import Middleware
from fasterapi.routing import Host, Mount, Route, iter_route_contexts
from fasterapi.testclient import TestClient


def client(app: Faster) -> TestClient:
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def echo(name: str):
    async def handler() -> str:
        return name

    return handler


@pytest.mark.parametrize("order", [("/users/{name}", "/users/me"), ("/users/me", "/users/{name}")])
def test_a_static_path_wins_whatever_the_order_of_registration(order):
    app = Faster()
    for path in order:
        app.get(path)(echo(path))
    assert client(app).get("/users/me").json() == "/users/me"
    assert client(app).get("/users/you").json() == "/users/{name}"


def test_of_two_routes_with_one_method_and_path_the_first_answers_and_a_warning_names_both():
    app = Faster()
    app.get("/a")(echo("first"))
    app.get("/a")(echo("second"))
    with pytest.warns(UserWarning, match=r"GET /a is declared twice: .*test_dispatch.py:.*test_dispatch.py:"):
        assert client(app).get("/a").json() == "first"


def test_strict_routes_refuse_a_second_route():
    app = Faster(strict_routes=True)
    app.get("/a")(echo("first"))
    app.get("/a")(echo("second"))
    with pytest.raises(FasterAPIError, match="declared twice"):
        TestClient(app).get("/a")


def test_head_is_answered_by_get_without_the_body_and_with_the_same_headers():
    app = Faster()
    app.get("/a")(echo("body"))
    get, head = client(app).get("/a"), client(app).head("/a")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers


def test_a_wrong_method_is_405_with_every_allowed_one():
    app = Faster()
    app.get("/a")(echo("get"))
    app.post("/a")(echo("post"))
    response = client(app).delete("/a")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, POST")


def answering_options(*middleware: Middleware) -> TestClient:
    app = Faster(automatic_options=True, middleware=list(middleware))
    app.get("/a/{x}")(echo("get"))
    app.put("/a/{x}")(echo("put"))
    app.options("/own")(echo("own"))
    return client(app)


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("OPTIONS", "/a/1", 204, "GET, HEAD, OPTIONS, PUT"),
        ("DELETE", "/a/1", 405, "GET, HEAD, OPTIONS, PUT"),
        ("OPTIONS", "/own", 200, None),
        ("OPTIONS", "/none", 404, None),
        ("OPTIONS", "/", 404, None),
    ],
)
def test_options_may_be_answered_with_the_methods_of_the_path(method, path, status, allow):
    response = answering_options().request(method, path)
    assert (response.status_code, response.headers.get("allow")) == (status, allow)
    assert status != 204 or response.content == b""


def test_options_is_405_unless_asked_for():
    app = Faster()
    app.get("/a")(echo("get"))
    response = client(app).options("/a")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


def test_a_preflight_request_is_the_middlewares():
    answers = answering_options(Middleware(CORSMiddleware, allow_origins=["https://a.example"]))
    origin = {"Origin": "https://a.example"}
    preflight = answers.options("/a/1", headers={**origin, "Access-Control-Request-Method": "GET"})
    plain = answers.options("/a/1", headers=origin)
    assert (preflight.status_code, "allow" in preflight.headers) == (200, False)
    assert (plain.status_code, plain.headers["access-control-allow-origin"]) == (204, "https://a.example")


@pytest.mark.parametrize(("version", "place"), [("3.2.0", "query"), ("3.1.0", "x-oai-additionalOperations")])
def test_query_has_a_body_and_is_documented(version, place):
    app = Faster(
        openapi_version=version,
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"])],
    )

    @app.query("/search")
    async def search(body: dict[str, int], limit: int = 3) -> dict[str, int]:
        return {**body, "limit": limit}

    answers = client(app)
    assert answers.request("QUERY", "/search?limit=1", json={"a": 1}).json() == {"a": 1, "limit": 1}
    operation = app.openapi()["paths"]["/search"][place]
    assert "requestBody" in operation.get("QUERY", operation)
    preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "QUERY"}
    assert "QUERY" in answers.options("/search", headers=preflight).headers["access-control-allow-methods"]


def with_encoded_slashes(**options) -> TestClient:
    app = Faster(encoded_slashes=True, **options)

    @app.get("/files/{name}")
    async def one(name: str) -> list[str]:
        return ["one", name]

    @app.get("/files/{folder}/{name}/")
    async def two(folder: str, name: str) -> list[str]:
        return ["two", folder, name]

    @app.get("/rest/{path:path}")
    async def rest(path: str) -> list[str]:
        return ["rest", path]

    inner = Faster(encoded_slashes=True)

    @inner.get("/{name}")
    async def below(name: str, request: Request) -> list[str]:
        return [name, request.scope["root_path"]]

    app.mount("/mounted/{tenant}", inner)

    @app.websocket("/ws/{name}")
    async def talk(websocket: WebSocket, name: str) -> None:
        await websocket.accept()
        await websocket.send_text(name)

    return client(app)


@pytest.mark.parametrize("middleware", [[], [Middleware(CORSMiddleware)]])
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/files/a", ["one", "a"]),
        ("/files/a%2Fb", ["one", "a/b"]),
        ("/files/%2fa%2F%20%C3%BC", ["one", "/a/ ü"]),
        ("/files/a%252Fb", ["one", "a%2Fb"]),
        ("/files/a%2Fb/c/", ["two", "a/b", "c"]),
        ("/files/a/b%2F/", ["two", "a", "b/"]),
        ("/rest/a/b%2Fc", ["rest", "a/b/c"]),
        ("/mounted/t/a%2Fb", ["a/b", "/mounted/t"]),
        ("/mounted/t%2Fu/a", ["a", "/mounted/t/u"]),
        ("/files%2Fa", {"detail": "Not Found"}),
    ],
)
def test_an_encoded_slash_may_belong_to_a_value(middleware, path, answer):
    answers = with_encoded_slashes(middleware=middleware)
    assert answers.get(path).json() == answer
    assert answers.head(path).status_code == (404 if "detail" in answer else 200)


def test_an_encoded_slash_stays_one_in_a_redirect():
    response = with_encoded_slashes().get("/files/a%2Fb/c")
    assert (response.status_code, response.headers["location"]) == (307, "/files/a%2Fb/c/")


def test_an_encoded_slash_is_a_value_for_websockets_and_wrong_methods_too():
    answers = with_encoded_slashes()
    assert answers.delete("/files/a%2Fb").headers["allow"] == "GET, HEAD"
    with answers.websocket_connect("/ws/a%2Fb") as connection:
        assert connection.receive_text() == "a/b"


def test_a_path_that_somebody_has_changed_is_looked_up_as_it_is():
    class Cut:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            if scope["type"] == "http":
                scope["path"] = scope["path"].removeprefix("/api")
            await self.app(scope, receive, send)

    answers = with_encoded_slashes(middleware=[Middleware(Cut)])
    assert answers.get("/api/files/a%2Fb/").json() == ["two", "a", "b"]


def test_an_encoded_slash_is_a_slash_unless_asked_for():
    app = Faster()
    app.get("/files/{name}")(echo("one"))
    app.get("/files/{folder}/{name}")(echo("two"))
    assert client(app).get("/files/a%2Fb").json() == "two"


@pytest.mark.parametrize("method", ["_DO_DELETE", "__class__", "GET2", "get"])
def test_a_method_is_only_a_token(method):  # CVE-2026-48817
    app = Faster()
    app.get("/a")(echo("get"))
    response = (
        client(app).request("GET", "/a", extensions={})
        if method == "get"
        else client(app).request(method, "/a")
    )
    assert response.status_code == (200 if method == "get" else 405)


@pytest.mark.parametrize("host", ["testserver", "evil.example"])
def test_a_slash_redirect_stays_on_this_host(host):
    app = Faster()
    app.get("/a/")(echo("a"))
    response = client(app).get("/a?x=1", headers={"host": host})
    assert (response.status_code, response.headers["location"]) == (307, "/a/?x=1")


@pytest.mark.parametrize("path", ["/a/100%25", "/a/x%252Fy", "/a/%C3%BC%20z", "/a/b%3Fc%23d", "/a/e%5Cf"])
def test_a_slash_redirect_leads_to_the_path_that_was_asked_for(path):
    app = Faster()

    @app.get("/a/{name}/")
    async def show(name: str) -> str:
        return name

    answers = TestClient(app)
    redirected = answers.get(path)
    assert redirected.status_code == 200
    assert redirected.json() == answers.get(f"{path}/").json()


@pytest.mark.parametrize("path", ["//evil.example", "//evil.example/", "/\\evil.example", "///a"])
def test_a_path_that_looks_like_a_host_is_never_redirected_to(path):
    app = Faster()
    app.get("/{name}/")(echo("a"))
    scope_path = path

    async def call() -> list[dict]:
        sent = []

        async def receive():
            return {"type": "http.request"}

        async def send(message):
            sent.append(message)

        await app(
            {"type": "http", "method": "GET", "path": scope_path, "headers": [], "query_string": b""},
            receive,
            send,
        )
        return sent

    import asyncio

    start = asyncio.run(call())[0]
    location = dict(start["headers"]).get(b"location", b"/")
    assert not location.startswith((b"//", b"/\\", b"http"))


def test_redirects_can_be_switched_off():
    app = Faster(redirect_slashes=False)
    app.get("/a/")(echo("a"))
    assert client(app).get("/a").status_code == 404


def test_a_route_wins_over_a_mount_and_the_longest_mount_wins_over_the_others():
    async def short(scope, receive, send):
        await PlainTextResponse(f"short {scope['root_path']}")(scope, receive, send)

    async def long(scope, receive, send):
        await PlainTextResponse(f"long {scope['root_path']} {scope['path']}")(scope, receive, send)

    app = Faster()
    app.mount("/x", short)
    app.mount("/x/y", long)
    app.get("/x/route")(echo("route"))
    assert client(app).get("/x/route").json() == "route"
    assert client(app).get("/x/y/z").text == "long /x/y /x/y/z"
    assert client(app).get("/x/other").text == "short /x"
    assert client(app).post("/x/route").text == "short /x"


def test_a_mount_may_have_parameters():
    async def mounted(scope, receive, send):
        await PlainTextResponse(str(scope["path_params"]))(scope, receive, send)

    app = Faster(routes=[Mount("/t/{tenant}", mounted)])
    assert client(app).get("/t/a/b").text == "{'tenant': 'a'}"


def test_hosts_lead_to_other_applications():
    api = Faster()
    api.get("/a")(echo("api"))
    app = Faster(routes=[Host("api.example.org", api)])
    app.get("/a")(echo("main"))
    assert client(app).get("/a").json() == "main"
    assert client(app).get("/a", headers={"host": "api.example.org:80"}).json() == "api"


def test_handlers_without_declared_parameters_are_served():
    app = Faster(routes=[Route("/plain/{x}", lambda request: PlainTextResponse(request.path_params["x"]))])

    @app.route("/decorated", methods=["POST"])
    async def decorated(request: Request):
        return PlainTextResponse(request.method)

    class View:
        def __init__(self, scope, receive, send):
            self.triple = scope, receive, send

        def __await__(self):
            return PlainTextResponse(self.triple[0]["method"])(*self.triple).__await__()

    app.add_route("/class", View)
    assert client(app).get("/plain/5").text == "5"
    assert client(app).post("/decorated").text == "POST"
    assert client(app).put("/class").text == "PUT"


def test_a_default_application_answers_what_nothing_else_does():
    async def rest(scope, receive, send):
        await PlainTextResponse("rest")(scope, receive, send)

    assert client(Faster(default=rest)).get("/anything").text == "rest"


def test_a_router_is_an_application_of_its_own():
    router = FasterRouter()
    router.get("/a")(echo("a"))
    app = Faster()
    app.mount("/r", router)
    assert client(app).get("/r/a").json() == "a"


def test_routes_added_after_the_first_request_are_served():
    app, router = Faster(), FasterRouter(prefix="/r")
    app.include_router(router)
    assert client(app).get("/r/late").status_code == 404
    router.get("/late")(echo("late"))
    app.get("/later")(echo("later"))
    assert client(app).get("/r/late").json() == "late"
    assert client(app).get("/later").json() == "later"


def test_a_router_included_in_itself_is_refused():
    router, other = FasterRouter(), FasterRouter()
    other.include_router(router)
    for outer, inner in ((router, router), (router, other)):
        with pytest.raises(FasterAPIError, match="cannot be included in itself"):
            outer.include_router(inner)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: FasterRouter(prefix="x"), "must start with '/'"),
        (lambda: FasterRouter(prefix="/x/"), "must not end"),
        (lambda: Mount("x"), "must be empty or start"),
        (lambda: Faster().get("x")(echo("a")), "must start with '/'"),
        (lambda: Faster().api_route("/x")(5), "must be callable"),
        (lambda: Faster(routes=[object()]), "is no route"),
    ],
)
def test_paths_and_prefixes_are_checked_when_they_are_declared(make, text):
    with pytest.raises((FasterAPIError, ValueError), match=text):
        app = make()
        TestClient(app).get("/")


def test_an_empty_prefix_and_an_empty_path_are_refused():
    router = FasterRouter()
    router.get("")(echo("a"))
    with pytest.raises(FasterAPIError, match="cannot both be empty"):
        Faster().include_router(router)


def test_middleware_is_passed_from_the_application_over_routers_to_the_route_and_back():
    passed = []

    def step(name: str) -> Middleware:
        class Step:
            def __init__(self, app):
                self.app = app

            async def __call__(self, scope, receive, send):
                passed.append(name)
                await self.app(scope, receive, send)
                passed.append(f"/{name}")

        return Middleware(Step)

    app = Faster(middleware=[step("app")])
    inner = FasterRouter(middleware=[step("inner 1"), step("inner 2")])
    outer = FasterRouter(middleware=[step("outer")])
    inner.get("/", middleware=[step("route")])(echo("answer"))
    outer.include_router(inner, middleware=[step("include")])
    app.include_router(outer, prefix="/x")
    client(app).get("/x/")
    order = ["app", "outer", "include", "inner 1", "inner 2", "route"]
    assert passed == order + [f"/{name}" for name in reversed(order)]


def test_middleware_and_handlers_of_a_router_apply_to_its_routes_alone():
    class Tag:
        def __init__(self, app, name):
            self.app, self.name = app, name

        async def __call__(self, scope, receive, send):
            async def tagged(message):
                if message["type"] == "http.response.start":
                    message["headers"].append((b"x-tag", self.name.encode()))
                await send(message)

            await self.app(scope, receive, tagged)

    router = FasterRouter(prefix="/r", middleware=[Middleware(Tag, "router")])

    @router.exception_handler(KeyError)
    async def handle(request, exc):
        return PlainTextResponse("router's", status_code=409)

    @router.get("/a", middleware=[Middleware(Tag, "route")])
    async def a(fail: bool = False):
        if fail:
            raise KeyError
        return "a"

    app = Faster()
    app.include_router(router)
    app.get("/b")(echo("b"))
    assert client(app).get("/r/a").headers.get_list("x-tag") == ["route", "router"]
    assert "x-tag" not in client(app).get("/b").headers
    assert client(app).get("/r/a?fail=1").status_code == 409


def test_a_nearer_handler_goes_first():
    inner, outer, app = FasterRouter(), FasterRouter(), Faster()
    for router, name in ((inner, "inner"), (outer, "outer"), (app, "app")):
        router.add_exception_handler(KeyError, lambda request, exc, name=name: PlainTextResponse(name))
    outer.add_exception_handler(ValueError, lambda request, exc: PlainTextResponse("outer value"))

    @inner.get("/{kind}")
    async def handler(kind: str):
        raise {"key": KeyError, "value": ValueError}[kind]

    outer.include_router(inner)
    app.include_router(outer)
    assert client(app).get("/key").text == "inner"
    assert client(app).get("/value").text == "outer value"


def test_paths_are_built_by_name_through_mounts_and_percent_encoded():
    sub = Faster()
    sub.get("/page/{number}", name="page")(echo("p"))
    app = Faster()
    app.get("/users/{name}/{n:int}", name="user")(echo("u"))
    app.mount("/sub", sub, name="sub")
    app.mount("/static", sub, name="static")
    assert app.url_path_for("user", name="a b", n=5) == "/users/a%20b/5"
    assert app.url_path_for("sub:page", number=3) == "/sub/page/3"
    assert app.url_path_for("static", path="a/b.css") == "/static/a/b.css"
    for name, params in (("nobody", {}), ("user", {"name": "x"}), ("user", {"name": "x", "n": 1, "z": 2})):
        with pytest.raises(NoMatchFound):
            app.url_path_for(name, **params)


def test_websockets_are_routed_and_unknown_ones_are_refused():
    from fasterapi import WebSocketDisconnect

    app = Faster()

    @app.websocket("/ws/{name}")
    async def handler(ws: WebSocket, name: str):
        await ws.accept()
        await ws.send_text(name)

    with client(app).websocket_connect("/ws/a") as session:
        assert session.receive_text() == "a"
    with pytest.raises(WebSocketDisconnect), client(app).websocket_connect("/nowhere"):
        pass


def test_the_root_path_is_not_part_of_the_route():
    app = Faster(root_path="/api")
    app.get("/a")(echo("a"))
    assert client(app).get("/a").json() == "a"
    assert client(app).get("/api/a").json() == "a"


def test_explain_shows_route_plan_and_source():
    app = Faster()
    app.get("/a/{x}")(echo("a"))
    with pytest.raises(FasterAPIError, match="methods of this path: GET"):
        app.explain("POST", "/a/1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        text = app.explain("get", "/a/1")
    for part in (
        "GET /a/{x}",
        "path parameters: {'x': '1'}",
        "async def call_handler(scope, receive, send, path_params):",
    ):
        assert part in text


def test_explain_shows_what_a_request_passes_reads_and_gets():
    class Outer:
        def __init__(self, app):
            self.app = app

    class Inner(Outer): ...

    app = Faster(middleware=[Middleware(Outer)])

    @app.post("/a", middleware=[Middleware(Inner)])
    async def make(body: dict[str, int]) -> list[int]:
        return []

    lines = app.explain("POST", "/a").splitlines()
    assert "middleware: Outer → Inner" in lines
    assert "body: body: dict[str, int]" in lines
    assert "response model: list[int]" in lines


def test_tools_walk_the_routes_of_included_routers_too():
    inner, outer, app = FasterRouter(prefix="/in"), FasterRouter(prefix="/out"), Faster(openapi_url=None)
    inner.get("/{x:int}")(echo("a"))
    inner.websocket("/ws")(echo("ws"))
    outer.include_router(inner, prefix="/mid")
    app.include_router(outer)
    app.post("/own")(echo("own"))
    contexts = list(iter_route_contexts(app.router.entries))
    assert [(context.path, context.path_format, context.methods) for context in contexts] == [
        ("/out/mid/in/{x:int}", "/out/mid/in/{x}", {"GET"}),
        ("/out/mid/in/ws", "/out/mid/in/ws", None),
        ("/own", "/own", {"POST"}),
    ]
    assert contexts[0].original_route is inner.entries[0]
    assert (contexts[0].name, contexts[0].endpoint.__name__, contexts[0].tags) == ("handler", "handler", [])
    assert [context.path for context in iter_route_contexts(app.routes)] == [
        context.path for context in contexts
    ]
    assert list(iter_route_contexts(contexts)) == contexts


def test_compile_makes_every_function_now():
    app = Faster()
    app.get("/a")(echo("a"))
    app.compile()
    assert app.routes[-1].call.__source__


def test_a_registration_that_is_refused_leaves_the_application_as_it_was():
    app = Faster()
    app.get("/a")(echo("a"))
    for path in ("b", "/b"):
        with pytest.raises((ValueError, FasterAPIError)):

            @app.get(path)
            async def refused(*values): ...

    assert client(app).get("/a").json() == "a"
    assert [route.path for route in app.routes if route.path == "/b"] == []


def test_a_websocket_is_handed_to_the_server_without_a_layer():
    """Each of its messages would pass it."""
    app = Faster()

    @app.websocket("/ws")
    async def echo(websocket: WebSocket):
        """Not called."""

    scope = {"type": "websocket", "path": "/ws", "query_string": b"", "headers": []}
    connection = app(scope, None, None)
    assert connection.cr_code.co_name == "call_echo"
    connection.close()


@pytest.mark.parametrize(
    ("names", "others"),
    [
        ([], ["/", "/a", ""]),
        (["users"], ["/", "/user", "/usersx", "/usersx/1"]),
        ([""], ["/x", "/x/"]),
        ([f"r{number}" for number in range(100)], ["/", "/s1/1", "/r100/1", "/r", "/r1x/1"]),
        ([chr(0x4E00 + number) for number in range(100)], ["/", "/x/1", "/\u5000/1"]),
    ],
)
def test_a_path_is_refused_by_its_beginning_only_if_no_route_begins_like_it(names, others):
    app = Faster(openapi_url=None)
    for name in names:
        app.get(f"/{name}" if not name else f"/{name}/{{number}}")(echo(name))
    answers = client(app)

    for name in names:
        path = f"/{name}/1" if name else "/"
        assert answers.get(path).json() == name
        assert answers.post(path).status_code == 405
        assert answers.head(path).status_code == 200
        if name:
            assert answers.get(f"{path}/").status_code == 307
    assert [(path, answers.get(path).status_code) for path in others] == [(path, 404) for path in others]
