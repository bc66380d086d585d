"""Middleware around whole applications."""

import contextvars
from typing import Annotated

import pytest

from fasterapi import BackgroundTasks, Body, Depends, Faster, Request
from fasterapi.exceptions import HTTPException
from fasterapi.middleware import (
    BaseHTTPMiddleware,
    BodyLimitMiddleware,
    CORSMiddleware,
    GZipMiddleware,
    Middleware,
    TrustedHostMiddleware,
)
from fasterapi.responses import PlainTextResponse, StreamingResponse
from fasterapi.testclient import TestClient

user: contextvars.ContextVar[str] = contextvars.ContextVar("user", default="nobody")


def tag(name):
    async def dispatch(request, call_next):
        response = await call_next(request)
        response.headers.append("x-way", name)
        return response

    return dispatch


def test_the_middleware_that_was_added_last_is_the_outermost():
    app = Faster(middleware=[Middleware(BaseHTTPMiddleware, dispatch=tag("given"))])
    app.add_middleware(BaseHTTPMiddleware, dispatch=tag("added"))
    app.middleware("http")(tag("decorated"))

    @app.get("/")
    def root():
        return {}

    assert TestClient(app).get("/").headers.get_list("x-way") == ["given", "added", "decorated"]


@pytest.mark.parametrize("path", ["/", "/nowhere", "/refused", "/invalid"])
def test_every_answer_passes_the_middleware(path):
    app = Faster()
    app.add_middleware(CORSMiddleware, allow_origins=["*"])

    @app.get("/")
    def root():
        return {}

    @app.get("/refused")
    def refused():
        raise HTTPException(403)

    @app.get("/invalid")
    def invalid(number: int):
        return number

    response = TestClient(app).get(path, headers={"Origin": "https://a.example"})

    assert response.headers["access-control-allow-origin"] == "*"
    # fixed headers of the route are not changed by it
    assert response.headers == TestClient(app).get(path, headers={"Origin": "https://a.example"}).headers


@pytest.mark.parametrize("path", ["/", "/nowhere"])
def test_middleware_knows_the_application(path):
    app = Faster()
    seen = []

    @app.middleware("http")
    async def look(request, call_next):
        seen.append(request.app)
        return await call_next(request)

    @app.get("/")
    def root():
        return {}

    TestClient(app).get(path)

    assert seen == [app]


class Look:
    """Plain ASGI middleware that reads from the scope which route answered."""

    def __init__(self, app, seen):
        self.app = app
        self.seen = seen

    async def __call__(self, scope, receive, send):
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                self.seen.append((scope["route"].path, scope["endpoint"].__name__, scope["path_params"]))


@pytest.mark.parametrize("is_compiled", [False, True])
@pytest.mark.parametrize(("prefix", "is_mounted"), [("", False), ("/below", True)])
def test_middleware_learns_which_route_answered(is_compiled, prefix, is_mounted):
    app = Faster()

    @app.get("/items/{name}")
    async def item(name: str):
        raise HTTPException(404)

    if is_compiled:
        app.compile()
    outer, seen = app, []
    if is_mounted:
        outer = Faster()
        outer.mount(prefix, app)
    outer.add_middleware(Look, seen=seen)

    TestClient(outer).get(f"{prefix}/items/a")

    path_params = {"name": "a"}
    assert seen == [("/items/{name}", "item", path_params)]


def test_an_unhandled_error_is_answered_outside_of_the_middleware(caplog):
    app = Faster()
    app.middleware("http")(tag("x"))

    @app.get("/")
    def root():
        raise LookupError("broken")

    response = TestClient(app, raise_server_exceptions=False).get("/")

    assert (response.status_code, response.text) == (500, "Internal Server Error")
    assert "x-way" not in response.headers
    assert [record.name for record in caplog.records] == ["fasterapi.error"]


@pytest.mark.parametrize("is_async", [True, False], ids=["async def", "def"])
def test_context_variables_reach_handlers_dependencies_and_background_tasks(is_async):
    app = Faster()
    seen = []

    @app.middleware("http")
    async def sign_in(request, call_next):
        user.set(request.headers["x-user"])
        return await call_next(request)

    def dependency():
        return user.get()

    if is_async:

        @app.get("/")
        async def root(tasks: BackgroundTasks, dependency: Annotated[str, Depends(dependency)]):
            tasks.add_task(lambda: seen.append(user.get()))
            return [user.get(), dependency]
    else:

        @app.get("/")
        def root(tasks: BackgroundTasks, dependency: Annotated[str, Depends(dependency)]):
            tasks.add_task(lambda: seen.append(user.get()))
            return [user.get(), dependency]

    assert TestClient(app).get("/", headers={"X-User": "ada"}).json() == ["ada", "ada"]
    assert seen == ["ada"]


def test_what_an_async_handler_sets_is_seen_in_the_middleware():
    app = Faster()
    seen = []

    @app.middleware("http")
    async def look(request, call_next):
        response = await call_next(request)
        seen.append(user.get())
        return response

    @app.get("/")
    async def root():
        user.set("ada")
        return {}

    TestClient(app).get("/")

    assert seen == ["ada"]


def test_a_body_is_read_by_middleware_and_handler():
    """starlette #495, #847; fastapi #191, #5386: also when it is a form."""
    app = Faster()
    bodies = []

    @app.middleware("http")
    async def look(request, call_next):
        bodies.append(await request.body())
        response = await call_next(request)
        bodies.append(await request.body())
        return response

    @app.post("/json")
    async def json(item: Annotated[dict, Body()]):
        return item

    @app.post("/form")
    async def form(request: Request):
        return dict(await request.form())

    client = TestClient(app)

    assert client.post("/json", json={"a": 1}).json() == {"a": 1}
    assert client.post("/form", data={"a": "1"}).json() == {"a": "1"}
    assert bodies == [b'{"a":1}', b'{"a":1}', b"a=1", b"a=1"]


def test_a_form_is_read_by_middleware_and_handler():
    app = Faster()

    @app.middleware("http")
    async def look(request, call_next):
        assert dict(await request.form()) == {"a": "1"}
        return await call_next(request)

    @app.post("/")
    async def root(request: Request):
        return dict(await request.form())

    assert TestClient(app).post("/", data={"a": "1"}).json() == {"a": "1"}


def test_the_body_limit_is_answered():
    app = Faster()
    app.add_middleware(BodyLimitMiddleware, max_body_size=5)

    @app.post("/")
    async def root(item: Annotated[str, Body()]):
        return item

    client = TestClient(app)

    assert client.post("/", json="abc").json() == "abc"
    assert client.post("/", json="abcd").status_code == 413
    assert client.post("/", content=iter([b'"abc', b'd"'])).status_code == 413


def test_a_stack_of_several_layers_streams():
    app = Faster()
    app.add_middleware(GZipMiddleware, minimum_size=1)
    app.middleware("http")(tag("x"))
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["testserver"])

    @app.get("/")
    def root():
        return StreamingResponse(iter([b"a" * 1000, b"b" * 1000]), media_type="text/plain")

    with TestClient(app).stream("GET", "/", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.headers["content-encoding"] == "gzip"
        assert b"".join(response.iter_bytes()) == b"a" * 1000 + b"b" * 1000


def test_a_middleware_that_answers_keeps_the_handler_from_running():
    app = Faster()

    @app.middleware("http")
    async def closed(request, call_next):
        return PlainTextResponse("closed", status_code=503)

    @app.get("/")
    def root():
        raise AssertionError("not called")

    assert TestClient(app).get("/").status_code == 503
