"""What generated functions promise about one request: strictness, limits, failures, disconnects, cancellation."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
import pytest

from fasterapi import (
    Body,
    Cookie,
    Depends,
    Faster,
    FasterRouter,
    File,
    Form,
    Header,
    JSONResponse,
    PlainTextResponse,
    Query,
    Request,
    Response,
    StreamingResponse,
)
from fasterapi.exceptions import RequestValidationError
from fasterapi.testclient import TestClient


class Item(msgspec.Struct):
    name: str
    price: float = 0


class Private(Item):
    secret: str = "s"


def client(app: Faster) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


async def take(item: Item) -> Item:
    return item


def half(value: int) -> int:
    return value // 2


async def async_half(value: int) -> int:
    return value // 2


def open_half(value: int):
    yield value // 2


async def async_open_half(value: int):
    yield value // 2


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("inner", [half, async_half, open_half, async_open_half])
@pytest.mark.parametrize("outer", [None, "def", "async"])
def test_every_kind_of_dependency_and_handler_collects_all_errors(is_async, inner, outer):
    """A refusal is sent where it is found, except from inside a worker thread or before something is left."""
    app = Faster()

    def plain_outer(number: int = Depends(inner)) -> int:
        return number

    async def async_outer(number: int = Depends(inner)) -> int:
        return number

    dependency = {None: inner, "def": plain_outer, "async": async_outer}[outer]

    def show(other: int, number: int = Depends(dependency)) -> list[int]:
        return [number, other]

    async def async_show(other: int, number: int = Depends(dependency)) -> list[int]:
        return [number, other]

    app.get("/")(async_show if is_async else show)
    with client(app) as user:
        assert user.get("/?value=4&other=1").json() == [2, 1]
        refused = user.get("/?value=x")
        assert refused.status_code == 422
        assert {error["loc"][1]: error["type"] for error in refused.json()["detail"]} == {
            "value": "int_parsing",
            "other": "missing",
        }


@pytest.mark.parametrize("level", ["app", "router", "route"])
def test_strict_mode_takes_no_text_for_a_number(level):
    app = Faster(strict=level == "app")
    router = FasterRouter(strict=True) if level == "router" else FasterRouter()
    router.post("/", **({"strict": True} if level == "route" else {}))(take)
    app.include_router(router)
    assert client(app).post("/", json={"name": "a", "price": "1"}).status_code == 422
    lax = Faster()
    lax.post("/")(take)
    assert client(lax).post("/", json={"name": "a", "price": "1"}).json() == {"name": "a", "price": 1.0}


@pytest.mark.parametrize("level", ["app", "router", "route"])
def test_the_nearest_body_limit_holds(level):
    app = Faster(max_body_size=10 if level == "app" else 1000)
    router = FasterRouter(**({"max_body_size": 10} if level == "router" else {}))
    router.post("/json", **({"max_body_size": 10} if level == "route" else {}))(take)

    @router.post("/raw", **({"max_body_size": 10} if level == "route" else {}))
    async def raw(request: Request) -> int:
        return len(await request.body())

    app.include_router(router)
    assert client(app).post("/json", json={"name": "a" * 20}).status_code == 413
    assert client(app).post("/raw", content=b"x" * 20).status_code == 413
    assert client(app).post("/raw", content=b"x" * 10).json() == 10


@pytest.mark.parametrize("size", [-1, True, "1"])
def test_a_body_limit_is_a_size(size):
    with pytest.raises(ValueError, match="max_body_size"):
        Faster(max_body_size=size)


def test_form_limits_hold():
    app = Faster(form_limits={"max_fields": 2})

    @app.post("/")
    async def form(a: str = Form()) -> str:
        return a

    assert client(app).post("/", data={"a": "1", "b": "2"}).json() == "1"
    assert client(app).post("/", data={"a": "1", "b": "2", "c": "3"}).status_code == 400


def test_an_unknown_option_is_refused_at_once():
    with pytest.raises(TypeError, match="middlewares"):
        Faster(middlewares=[])
    with pytest.raises(TypeError, match="methodz"):
        Faster().get("/", methodz=1)(take)


def test_a_result_that_does_not_fit_is_a_500_whose_fields_only_the_log_names(caplog):
    app = Faster()

    @app.get("/")
    async def wrong() -> Item:
        return {"price": "hidden value"}

    with caplog.at_level(logging.ERROR, "fasterapi.error"):
        answer = client(app).get("/")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert "('response', 'name')" in caplog.text


def test_no_field_outside_the_response_model_leaves():
    app = Faster()

    @app.get("/model", response_model=list[Item])
    async def model():
        return [Private(name="a"), {"name": "b", "secret": "s"}]

    assert client(app).get("/model").json() == [{"name": "a", "price": 0.0}, {"name": "b", "price": 0.0}]


def test_a_failure_after_the_response_began_is_raised_and_not_answered_again():
    app = Faster()

    @app.exception_handler(RuntimeError)
    async def handler(request, exc):
        return PlainTextResponse("never")

    @app.get("/")
    async def breaks():
        async def chunks():
            yield b"begun"
            raise RuntimeError("in mid-stream")

        return StreamingResponse(chunks())

    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        await asyncio.sleep(10)

    with pytest.raises(RuntimeError, match="in mid-stream"):
        asyncio.run(
            app(
                {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""},
                receive,
                send,
            )
        )
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


def test_a_background_task_that_fails_is_logged_and_the_next_one_runs(caplog):
    from fasterapi import BackgroundTasks

    done = []
    app = Faster()

    def fails():
        raise ValueError("task failed")

    @app.get("/")
    async def queue(tasks: BackgroundTasks):
        tasks.add_task(fails)
        tasks.add_task(done.append, "second")
        return "ok"

    assert client(app).get("/").json() == "ok"
    assert done == ["second"]
    assert "task failed" in caplog.text


async def serve(app, messages, path="/", method="POST", headers=()):
    """Call the application with the given messages; afterwards `receive` waits, as for a quiet client."""
    sent = []

    async def receive():
        if messages:
            message = messages.pop(0)
            await asyncio.sleep(message.pop("after", 0))
            return message
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list(headers), "query_string": b""}
    await asyncio.wait_for(app(scope, receive, send), 5)
    return sent


def test_a_handler_is_cancelled_when_its_client_goes_if_it_asked_for_it():
    log = []
    app = Faster()

    async def session():
        log.append("open")
        try:
            yield
        finally:
            log.append("close")

    @app.post("/", cancel_on_disconnect=True)
    async def waits(request: Request, value: None = Depends(session)):
        log.append((await request.body()).decode())
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    messages = [{"type": "http.request", "body": b"body"}, {"type": "http.disconnect", "after": 0.01}]
    assert asyncio.run(serve(app, messages)) == []
    assert log == ["open", "body", "cancelled", "close"]


@pytest.mark.parametrize("cancel", [True, False])
def test_a_handler_that_ends_answers_whether_it_asked_or_not(cancel):
    app = Faster()

    @app.post("/", cancel_on_disconnect=cancel)
    async def handler(value: Annotated[int, Body()]):
        return value

    sent = asyncio.run(
        serve(app, [{"type": "http.request", "body": b"5"}], headers=[(b"content-type", b"application/json")])
    )
    assert sent[1]["body"] == b"5"


def test_a_cancelled_request_leaves_its_dependencies():
    log = []
    app = Faster()

    async def session():
        try:
            yield
        except asyncio.CancelledError:
            log.append("seen")
            raise
        finally:
            log.append("closed")

    @app.post("/", cancel_on_disconnect=True)
    async def waits(value: None = Depends(session)):
        await asyncio.Event().wait()

    async def run():
        task = asyncio.create_task(serve(app, []))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert log == ["seen", "closed"]


def test_defaults_are_fresh_for_every_request():
    app = Faster()

    @app.get("/")
    async def handler(q: Annotated[list[int], Query()] = []):  # noqa: B006
        q.append(1)
        return q

    for _ in range(2):
        assert client(app).get("/").json() == [1]


def test_several_names_of_one_parameter_are_tried_in_order():
    from fasterapi.params import AliasChoices

    app = Faster()

    @app.get("/")
    async def handler(page: Annotated[int, Query(validation_alias=AliasChoices("page", "p"))] = 1):
        return page

    assert [client(app).get(f"/?{query}").json() for query in ("", "p=2", "page=3", "page=3&p=2")] == [
        1,
        2,
        3,
        3,
    ]


def test_sync_steps_of_one_request_share_one_visit_to_a_thread():
    import threading

    threads = []
    app = Faster()

    def first():
        threads.append(threading.get_ident())

    def second(x: None = Depends(first)):
        threads.append(threading.get_ident())

    @app.get("/")
    def handler(x: None = Depends(second)):
        threads.append(threading.get_ident())
        return "ok"

    client(app).get("/")
    assert len(set(threads)) == 1
    assert threading.main_thread().ident not in threads


def test_files_of_a_form_are_closed_after_the_request():
    from fasterapi import UploadFile

    kept = []
    app = Faster()

    @app.post("/")
    async def handler(file: UploadFile, data: Annotated[bytes, File()]):
        kept.append(file)
        return len(data)

    client(app).post("/", files={"file": ("a", b"x"), "data": ("b", b"yy")})
    assert kept[0].file.closed


def test_fields_that_were_sent_are_known_where_the_handler_asks_for_them():
    from fasterapi.validation import fields_set

    app = Faster()

    @app.patch("/asks")
    async def asks(item: Item) -> list[str]:
        return sorted(fields_set(item))

    @app.patch("/model", response_model=Item, response_model_exclude_unset=True)
    async def model(item: Item):
        return item

    for path, expected in (("/asks", ["name"]), ("/model", {"name": "a"})):
        assert client(app).patch(path, json={"name": "a"}).json() == expected
    assert client(app).patch("/asks", json={"name": "a", "price": 0}).json() == ["name", "price"]
    assert client(app).patch("/model", json={"name": "a", "price": 0}).json() == {"name": "a", "price": 0.0}


@pytest.mark.parametrize(("method", "expected"), [("GET", b'"d"'), ("POST", b'[{"detail"')])
def test_a_scope_may_lack_headers(method, expected):
    app = Faster(strict_content_type=False)
    sent = []

    @app.get("/")
    async def read(
        request: Request, x: Annotated[str, Header()] = "d", c: Annotated[str, Cookie()] = "d"
    ) -> str:
        return x if not request.headers else "some"

    @app.post("/")
    async def write(number: Annotated[int, Body()]) -> list[dict[str, int]]:
        return [{"detail": number}]

    async def receive():
        return {"type": "http.request", "body": b"1"}

    async def send(message):
        sent.append(message)

    asyncio.run(app({"type": "http", "method": method, "path": "/", "query_string": b""}, receive, send))
    assert sent[1]["body"].startswith(expected)


@pytest.mark.parametrize(
    ("response_class", "result", "content"),
    [
        (Response, b"abc", b"abc"),
        (PlainTextResponse, b"abc", b"abc"),
        (StreamingResponse, iter([b"a", b"b"]), b"ab"),
        (JSONResponse, b"abc", b'"YWJj"'),
    ],
)
def test_only_in_json_are_bytes_base64(response_class, result, content):
    app = Faster()

    @app.get("/", response_class=response_class)
    async def answer():
        return result

    assert client(app).get("/").content == content


def test_a_handler_of_errors_that_is_registered_late_answers_from_then_on() -> None:
    app = Faster()

    @app.post("/")
    async def take(item: int) -> None: ...

    client = TestClient(app)
    assert client.post("/?item=x").json()["detail"][0]["type"] == "int_parsing"

    @app.exception_handler(RequestValidationError)
    async def refuse(request: Any, error: RequestValidationError) -> JSONResponse:
        return JSONResponse({"count": len(error.errors())}, status_code=400)

    response = client.post("/?item=x")
    assert (response.status_code, response.json()) == (400, {"count": 1})


def test_a_dependency_that_must_be_left_sees_that_a_request_does_not_fit() -> None:
    seen = []

    async def resource() -> AsyncIterator[None]:
        try:
            yield
        except RequestValidationError as error:
            seen.append(error.errors()[0]["type"])
            raise

    app = Faster()

    @app.get("/", dependencies=[Depends(resource)])
    async def take(item: int) -> None: ...

    assert TestClient(app).get("/?item=x").status_code == 422
    assert seen == ["int_parsing"]
