"""Applications within applications: whose error is answered by whom, and whose parameters are seen where."""

from typing import Any

import pytest

from fasterapi import Faster, FasterRouter, Request, WebSocket
from fasterapi.responses import PlainTextResponse
from fasterapi.routing import Host, Mount
from fasterapi.testclient import TestClient


async def failing(scope, receive, send):
    raise KeyError("failing")


async def begun_and_failing(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise KeyError("begun")


@pytest.fixture
def app():
    app, inner = Faster(), Faster()
    app.mount("/inner", inner)
    app.mount("/failing", failing)
    app.mount("/begun", begun_and_failing)

    @inner.get("/boom")
    @app.get("/boom")
    async def boom() -> None:
        raise ZeroDivisionError("boom")

    return app


@pytest.mark.parametrize(
    ("method", "path", "error"),
    [
        ("GET", "/inner/boom", ZeroDivisionError),
        ("HEAD", "/inner/boom", ZeroDivisionError),
        ("HEAD", "/boom", ZeroDivisionError),
        ("GET", "/failing/", KeyError),
        ("GET", "/begun/", KeyError),
    ],
)
def test_an_error_that_nobody_handles_is_answered_once_and_reaches_the_server(app, method, path, error):
    with pytest.raises(error):
        TestClient(app).request(method, path)


@pytest.mark.parametrize("path", ["/inner/boom", "/failing/"])
def test_the_answer_is_500(app, path):
    answer = TestClient(app, raise_server_exceptions=False).get(path)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")


def test_a_handler_answers_for_a_mounted_application_that_has_not_begun_to_answer_itself(app):
    @app.exception_handler(KeyError)
    async def handle(request: Request, error: KeyError) -> PlainTextResponse:
        return PlainTextResponse("handled", 418)

    client = TestClient(app)
    assert client.get("/failing/").status_code == 418
    with pytest.raises(KeyError, match="begun"):
        client.get("/begun/")


def inner_application(kind):
    inner = kind()

    @inner.get("/show")
    async def show(request: Request) -> dict[str, Any]:
        return request.path_params

    @inner.get("/show/{name}")
    async def show_name(request: Request, name: str) -> dict[str, Any]:
        return request.path_params

    @inner.websocket("/ws/{name}")
    async def connect(websocket: WebSocket, name: str) -> None:
        await websocket.accept()
        await websocket.send_json(websocket.path_params)
        await websocket.close()

    return inner


@pytest.mark.parametrize("middleware", [False, True])
@pytest.mark.parametrize("kind", [Faster, FasterRouter])
def test_a_request_has_the_parameters_of_the_mounts_and_the_host_around_its_route(kind, middleware):
    inner, between = inner_application(kind), Faster()
    between.mount("/{part}", inner)
    app = Faster(
        routes=[
            Mount("/of/{owner}", inner),
            Mount("/deep/{owner}", between),
            Host("{owner}.example.org", inner),
        ]
    )
    if middleware:

        @app.middleware("http")
        async def pass_on(request, call_next):
            return await call_next(request)

    client = TestClient(app)
    assert client.get("/of/ada/show").json() == {"owner": "ada"}
    assert client.get("/of/ada/show/x").json() == {"owner": "ada", "name": "x"}
    assert client.get("/deep/ada/b/show/x").json() == {"owner": "ada", "part": "b", "name": "x"}
    assert client.get("/show", headers={"host": "ada.example.org:8000"}).json() == {"owner": "ada"}
    with client.websocket_connect("/of/ada/ws/x") as session:
        assert session.receive_json() == {"owner": "ada", "name": "x"}


def test_parameters_of_mounts_have_the_types_of_their_converters():
    app = Faster(routes=[Mount("/{year:int}", inner_application(Faster))])
    assert TestClient(app).get("/2026/show/x").json() == {"year": 2026, "name": "x"}
