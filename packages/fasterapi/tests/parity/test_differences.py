"""The deliberate differences of `docs/differences.md`: what FastAPI answers, and what this project answers instead."""

import asyncio
import datetime
import decimal
import os
import signal
from typing import Annotated, Any

import anyio
import anyio.from_thread
import pytest

from fasterapi import FasterAPIError
from fasterapi.testclient import TestClient


def build(kit: Any) -> Any:
    app = kit.App()

    @app.get("/users/{name}")
    async def named(name: str):
        return name

    @app.get("/users/me")
    async def me():
        return "static"

    @app.post("/users/me")
    async def post():
        return "posted"

    @app.get("/slash/")
    async def slash():
        return "slash"

    @app.post("/number")
    async def number(value: int = kit.Body()):
        return value

    @app.post("/form")
    async def form(name: str = kit.Form()):
        return name

    @app.post("/files")
    async def files(files: Annotated[list[kit.UploadFile], kit.File(max_length=1)]):
        return len(files)

    @app.get("/values")
    async def values():
        return {
            "aware": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
            "delta": datetime.timedelta(hours=2),
            "decimal": decimal.Decimal("1.50"),
            "bytes": b"abc",
        }

    @app.get("/nan")
    async def nan():
        return float("nan")

    @app.get("/url")
    async def url(request: kit.Request):
        return str(request.url_for("named", name="a b"))

    return app


# request → (FastAPI's answer, this project's answer)
TABLE = {
    "static paths win whatever the order": (("GET", "/users/me", {}), "me", "static"),
    "a boolean is no number": (("POST", "/number", {"json": True}), 200, 422),
    "values are encoded as in typed responses": (
        ("GET", "/values", {}),
        {"aware": "2024-01-02T00:00:00+00:00", "delta": 7200.0, "decimal": 1.5, "bytes": "abc"},
        {"aware": "2024-01-02T00:00:00Z", "delta": "PT7200S", "decimal": "1.50", "bytes": "YWJj"},
    ),
    "NaN has no JSON form": (("GET", "/nan", {}), 500, 200),
    "paths are percent-encoded": (
        ("GET", "/url", {}),
        "http://testserver/users/a b",
        "http://testserver/users/a%20b",
    ),
    "a cut form is malformed": (
        (
            "POST",
            "/form",
            {
                "content": b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na',
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
        ),
        422,
        400,
    ),
    "HEAD is answered by GET": (("HEAD", "/users/me", {}), 405, 200),
}


@pytest.mark.parametrize(("request_", "theirs", "ours"), TABLE.values(), ids=TABLE)
def test_this_is_answered_otherwise(parity, request_, theirs, ours):
    method, path, options = request_
    for name, expected in (("theirs", theirs), ("ours", ours)):
        response = parity.clients(build)[name].request(method, path, **options)
        assert (response.status_code if isinstance(expected, int) else response.json()) == expected


def test_405_names_every_allowed_method(parity):
    allowed = {
        name: client.put("/users/me").headers["allow"] for name, client in parity.clients(build).items()
    }
    assert allowed == {"theirs": "GET", "ours": "GET, HEAD, POST"}


def test_files_beyond_the_last_one_are_not_counted(parity):
    for name, counted in (("theirs", 2), ("ours", None)):
        response = parity.clients(build)[name].post("/files", files=[("files", ("a", b"x"))] * 2)
        (error,) = response.json()["detail"]
        assert (response.status_code, error["type"], error["loc"]) == (422, "too_long", ["body", "files"])
        assert error["ctx"]["actual_length"] == counted


@pytest.mark.parametrize(
    ("header", "value", "theirs", "ours"),
    [("etag", '"1"', ('"1"', "gzip"), ('W/"1"', "gzip")), ("cache-control", "no-transform", ("no-transform", "gzip"), ("no-transform", None))],
)  # fmt: skip
def test_compression_says_that_the_bytes_are_others_and_heeds_no_transform(
    parity, header, value, theirs, ours
):
    import fastapi.middleware.gzip

    import fasterapi.middleware.gzip

    classes = {
        "theirs": fastapi.middleware.gzip.GZipMiddleware,
        "ours": fasterapi.middleware.gzip.GZipMiddleware,
    }

    def build_compressed(kit):
        app = kit.App()
        app.add_middleware(classes["ours" if kit.App.__module__.startswith("fasterapi") else "theirs"])

        @app.get("/")
        async def large():
            return kit.Response(b"x" * 1000, headers={header: value})

        return app

    for name, expected in (("theirs", theirs), ("ours", ours)):
        response = parity.clients(build_compressed)[name].get("/", headers={"accept-encoding": "gzip"})
        assert (response.headers[header], response.headers.get("content-encoding")) == expected


def test_a_slash_redirect_is_relative(parity):
    locations = {
        name: client.get("/slash", headers={"host": "evil.example"}, follow_redirects=False).headers[
            "location"
        ]
        for name, client in parity.clients(build).items()
    }
    assert locations == {"theirs": "http://evil.example/slash/", "ours": "/slash/"}


def test_a_duplicate_operation_id_is_refused(parity):
    from fasterapi import Faster

    app = Faster()
    for path in ("/a", "/b"):

        @app.get(path, operation_id="same")
        async def handler(): ...

    with pytest.raises(Exception, match=r"(?s)same.*test_differences.py:.*test_differences.py:"):
        app.openapi()


def test_a_lifespan_of_a_mounted_application_runs(parity):
    log: dict[str, list[str]] = {"theirs": [], "ours": []}
    for name, kit in parity._kits.items():
        app, sub = kit.App(), kit.App(on_startup=[lambda name=name: log[name].append("started")])
        app.mount("/sub", sub)
        with TestClient(app):
            pass
    assert log == {"theirs": [], "ours": ["started"]}


def build_websocket(kit: Any) -> Any:
    app = kit.App()

    @app.websocket("/{number}")
    async def numbered(websocket: kit.WebSocket, number: int):
        await websocket.accept()
        try:
            await websocket.receive_text()
        except kit.WebSocketDisconnect as error:
            await websocket.send_text(str(error.code))

    return app


CONNECT = {"type": "websocket.connect"}
ACCEPT = {"type": "websocket.accept", "subprotocol": None, "headers": []}
WEBSOCKETS = {
    "a close reason is a text": (
        ("/x", []),
        [{"type": "websocket.close", "code": 1008, "reason": list}],
        [{"type": "websocket.close", "code": 1008, "reason": str}],
    ),
    "a message of the other kind is refused with 1003": (
        ("/1", [{"type": "websocket.receive", "bytes": b"x"}]),
        [ACCEPT, "KeyError"],
        [ACCEPT, {"type": "websocket.close", "code": 1003, "reason": str}],
    ),
    "a page of another host may not use the user's cookies": (
        (
            "/1",
            [{"type": "websocket.disconnect", "code": 1000}],
            [(b"host", b"a.example"), (b"origin", b"https://evil.example"), (b"cookie", b"session=1")],
        ),
        [ACCEPT, {"type": "websocket.send", "text": "1000"}],
        [{"type": "websocket.close", "code": 1008, "reason": str}],
    ),
    "a disconnect without a code has 1005": (
        ("/1", [{"type": "websocket.disconnect"}]),
        [ACCEPT, "KeyError"],
        [ACCEPT, {"type": "websocket.send", "text": "1005"}],
    ),
}


@pytest.mark.parametrize(("conversation", "theirs", "ours"), WEBSOCKETS.values(), ids=WEBSOCKETS)
def test_this_conversation_goes_otherwise(parity, conversation, theirs, ours):
    path, messages, *rest = conversation
    headers = rest[0] if rest else []
    for name, expected in (("theirs", theirs), ("ours", ours)):
        incoming = [CONNECT, *messages]
        sent: list[Any] = []

        async def receive(incoming: Any = incoming) -> Any:
            return incoming.pop(0)

        async def send(message: Any, sent: Any = sent) -> None:
            sent.append({**message, "reason": type(message["reason"])} if message.get("reason") else message)

        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers}
        try:
            asyncio.run(parity.applications(build_websocket)[name](scope, receive, send))
        except Exception as error:
            sent.append(type(error).__name__)
        assert sent == expected


def test_bytes_of_a_file_are_base64_in_json(parity):
    def build_file(kit: Any) -> Any:
        app = kit.App()

        @app.post("/")
        async def upload(file: bytes = kit.File()):
            return file

        return app

    answers = {
        name: client.post("/", files={"file": ("a.txt", b"foo")}).json()
        for name, client in parity.clients(build_file).items()
    }
    assert answers == {"theirs": "foo", "ours": "Zm9v"}


def test_declarations_that_contradict_themselves_are_refused_by_the_frameworks_own_errors(parity):
    raised = {}
    for name, kit in parity._kits.items():

        async def dependency(): ...

        async def handler(x: Annotated[int, kit.Depends(dependency)] = kit.Depends(dependency)): ...

        with pytest.raises((AssertionError, FasterAPIError)) as error:
            kit.App().get("/")(handler)
        raised[name] = error.type.__name__
    assert raised == {"theirs": "AssertionError", "ours": "FasterAPIError"}


def build_threads(kit: Any) -> Any:
    app = kit.App()

    @app.get("/")
    def read():
        return anyio.from_thread.run(anyio.sleep, 0)

    async def original():
        return "original"

    async def changes():
        app.dependency_overrides[original] = lambda: "replaced"

    @app.get("/overrides")
    async def overridden(_: None = kit.Depends(changes), value: str = kit.Depends(original)):
        app.dependency_overrides.clear()
        return value

    return app


def test_threads_are_not_those_of_anyio(parity):
    answers = {name: client.get("/").status_code for name, client in parity.clients(build_threads).items()}
    assert answers == {"theirs": 200, "ours": 500}


def test_one_request_sees_one_set_of_dependencies(parity):
    answers = {
        name: client.get("/overrides").json() for name, client in parity.clients(build_threads).items()
    }
    assert answers == {"theirs": "replaced", "ours": "original"}


def build_exit(kit: Any, log: list[str]) -> Any:
    app = kit.App()

    async def resource():
        try:
            yield
        finally:
            log.append("begun")
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            log.append("done")

    @app.get("/")
    async def handler(_: Any = kit.Depends(resource)):
        await asyncio.sleep(60)

    return app


def test_a_scope_of_anyio_cuts_off_what_a_dependency_awaits_while_it_is_left(parity):
    exits: dict[str, list[str]] = {"theirs": [], "ours": []}

    async def main(app: Any) -> None:
        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None: ...

        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        with anyio.move_on_after(0.01):
            await app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send)

    for name, kit in parity._kits.items():
        asyncio.run(main(build_exit(kit, exits[name])))
    assert exits == {"theirs": ["begun", "done"], "ours": ["begun"]}


def build_events(kit: Any) -> Any:
    app = kit.App()

    @app.get("/", response_class=kit.EventSourceResponse)
    async def events():
        yield "begun"
        await asyncio.Event().wait()

    return app


def test_an_event_stream_ends_when_the_server_is_told_to_stop(parity):
    async def main(app: Any) -> bool:
        begun, stop = asyncio.Event(), asyncio.Event()
        kinds = iter(["startup", "shutdown"])

        async def next_event() -> Any:
            kind = next(kinds)
            if kind == "shutdown":
                await stop.wait()
            return {"type": f"lifespan.{kind}"}

        async def started(message: Any) -> None:
            begun.set()

        async def receive() -> Any:
            await asyncio.Event().wait()

        async def send(message: Any) -> None:
            if message.get("body"):
                begun.set()

        lifespan = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, next_event, started))
        await begun.wait()
        begun.clear()
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        answering = asyncio.ensure_future(app({**scope, "asgi": {"spec_version": "2.4"}}, receive, send))
        await begun.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        _, waiting = await asyncio.wait({answering}, timeout=1)
        for task in waiting:
            task.cancel()
            await asyncio.wait({task})
        stop.set()
        await lifespan
        return not waiting

    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        ended = {name: asyncio.run(main(app)) for name, app in parity.applications(build_events).items()}
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended == {"theirs": False, "ours": True}


def build_parameters(kit: Any) -> Any:
    app = kit.App()
    Page = kit.model("Page", limit=(int, 1), word=(str, "a"))

    @app.get("/cookie")
    async def cookie(numbers: Annotated[list[int], kit.Cookie()]):
        return numbers

    @app.get("/page")
    async def page(page: Annotated[Page, kit.Query()] = Page(limit=5)):
        return page.limit

    router = kit.Router(prefix="/inner")

    @router.get("/route")
    async def route(request: kit.Request):
        return request.scope["route"].path

    outer = kit.Router(prefix="/outer")
    outer.include_router(router)
    app.include_router(outer)

    @app.get("/detail")
    async def detail():
        raise kit.HTTPException(418, detail={1})

    return app


@pytest.mark.parametrize(
    ("path", "theirs", "ours"),
    [
        ("/cookie", 422, [7]),
        ("/page", 1, 5),
        ("/page?word=b", 1, 1),
        ("/outer/inner/route", "/inner/route", "/outer/inner/route"),
        ("/detail", 500, {"detail": [1]}),
    ],
)
def test_this_is_read_or_shown_otherwise(parity, path, theirs, ours):
    for name, expected in (("theirs", theirs), ("ours", ours)):
        client = parity.clients(build_parameters)[name]
        response = client.get(path, headers={"cookie": "numbers=7"})
        assert (response.status_code if expected in (422, 500) else response.json()) == expected
