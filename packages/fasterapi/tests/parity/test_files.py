"""Files and folders: ranges, conditions, HEAD, content types; cookies, sessions, streams, and what runs afterwards."""

from pathlib import Path
from typing import Annotated, Any

import pytest

pytest.importorskip("itsdangerous", reason="Starlette's sessions need it")

ETAG_OF_NOBODY = '"0123"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("files")
    (root / "a.txt").write_bytes(bytes(range(97, 123)))
    (root / "empty.txt").write_bytes(b"")
    (root / "page.html").write_text("<p>page</p>")
    (root / "naïve name.css").write_text("p {}")
    (root / "sub").mkdir()
    (root / "sub" / "index.html").write_text("<p>index</p>")
    (root / "404.html").write_text("<p>missing</p>")
    return root


@pytest.fixture(scope="module")
def build(folder):
    def build(kit: Any) -> Any:
        app = kit.App()

        @app.get("/file")
        async def file():
            return kit.FileResponse(folder / "a.txt")

        @app.get("/download")
        async def download(name: str = "a.txt"):
            return kit.FileResponse(
                folder / "a.txt", filename=name, media_type="text/x-own", headers={"x-token": "t"}
            )

        @app.get("/inline")
        async def inline():
            return kit.FileResponse(folder / "a.txt", filename="a.txt", content_disposition_type="inline")

        @app.get("/empty")
        async def empty():
            return kit.FileResponse(folder / "empty.txt")

        @app.get("/class", response_class=kit.FileResponse)
        async def by_class():
            return str(folder / "a.txt")

        @app.get("/missing")
        async def missing():
            return kit.FileResponse(folder / "nothing.txt")

        app.mount("/static", kit.StaticFiles(directory=folder), name="static")
        app.mount("/site", kit.StaticFiles(directory=folder, html=True), name="site")
        return app

    return build


RANGES = [
    "bytes=0-4",
    "bytes=5-",
    "bytes=-3",
    "bytes=0-",
    "bytes=25-25",
    "bytes=26-",
    "bytes=99-100",
    "bytes=4-2",
    "bytes=-0",
    "bytes=0-999",
    "bytes=a-b",
    "bytes=",
    "bytes",
    "items=0-4",
    "bytes=0-4,4-8",
    "bytes = 0-4",
    "bytes=0-0, 0-25",
]


@pytest.mark.parametrize("range_", RANGES)
@pytest.mark.parametrize("path", ["/file", "/static/a.txt", "/empty"])
def test_ranges_answer_alike(parity, build, path, range_):
    parity(build, "GET", path, headers={"range": range_})


@pytest.mark.parametrize(
    "if_range", ["etag", "last-modified", ETAG_OF_NOBODY, "Thu, 01 Jan 1970 00:00:00 GMT", ""]
)
def test_conditional_ranges_answer_alike(parity, build, if_range):
    answers = {}
    for name, client in parity.clients(build).items():
        own = client.get("/file").headers.get(if_range, if_range)
        response = client.get("/file", headers={"range": "bytes=1-2", "if-range": own})
        answers[name] = (response.status_code, response.content, response.headers.get("content-range"))
    assert answers["ours"] == answers["theirs"]


@pytest.mark.parametrize(
    "path",
    [
        "/file",
        "/download",
        "/download?name=ü ü.txt",
        '/download?name=a".txt',
        "/inline",
        "/empty",
        "/class",
        "/missing",
    ],
)
def test_files_answer_alike(parity, build, path):
    parity(build, "GET", path)


@pytest.mark.parametrize("base", ["/static", "/site"])
@pytest.mark.parametrize(
    "path",
    ["/a.txt", "/page.html", "/naïve name.css", "/sub", "/sub/", "/sub/index.html", "/nothing.txt", "/", "",
     "/%2e%2e/x", "/..%2fx", "/sub/../a.txt", "/empty.txt"],
)  # fmt: skip
def test_folders_answer_alike(parity, build, base, path):
    parity(build, "GET", base + path)


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/static/a.txt", "/static/nothing.txt", "/site/sub/"])
def test_other_methods_of_folders_answer_alike(parity, build, method, path):
    parity(build, method, path)


@pytest.mark.parametrize("name", ["if-none-match", "if-modified-since"])
@pytest.mark.parametrize(
    "value", ["own", ETAG_OF_NOBODY, "*", "W/own", "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense"]
)
def test_conditions_answer_alike(parity, build, name, value):
    source = {"if-none-match": "etag", "if-modified-since": "last-modified"}[name]
    answers = {}
    for library, client in parity.clients(build).items():
        own = client.get("/static/a.txt").headers[source]
        response = client.get("/static/a.txt", headers={name: value.replace("own", own)})
        answers[library] = (response.status_code, response.content, response.headers.get("content-length"))
    assert answers["ours"] == answers["theirs"]


def build_state(kit: Any) -> Any:
    app = kit.App()
    app.add_middleware(kit.SessionMiddleware, secret_key="secret", max_age=None)
    log: list[str] = []

    @app.get("/log")
    async def read_log():
        entries = log[:]
        log.clear()
        return entries

    @app.get("/set")
    async def set_(request: kit.Request, value: str = "v"):
        request.session["key"] = value
        return "set"

    @app.get("/cookies")
    async def cookies(request: kit.Request, a: Annotated[str | None, kit.Cookie()] = None):
        return [a, dict(sorted(request.cookies.items()))]

    @app.get("/cookie")
    async def cookie(response: kit.Response, kind: str = "plain"):
        options: dict[str, Any] = {
            "plain": {},
            "safe": {"secure": True, "httponly": True, "samesite": "strict"},
            "long": {"max_age": 60, "path": "/a", "domain": "example.org"},
            "none": {"path": None, "samesite": None},
        }[kind]
        response.set_cookie("c", "a b;ü", **options)
        response.set_cookie("d", "1")
        return kind

    async def task(name: str, fail: bool = False):
        log.append(name)
        if fail:
            raise RuntimeError(name)

    async def resource(tasks: kit.BackgroundTasks):
        tasks.add_task(task, "of the dependency")
        yield
        log.append("left")

    @app.get("/tasks")
    async def tasks(tasks: kit.BackgroundTasks, _: Annotated[None, kit.Depends(resource)]):
        tasks.add_task(task, "first")
        tasks.add_task(log.append, "in a thread")
        log.append("handler")
        return "ok"

    @app.get("/task-of-response")
    async def of_response(tasks: kit.BackgroundTasks):
        tasks.add_task(task, "injected")
        return kit.PlainTextResponse("x", background=kit.BackgroundTask(task, "own"))

    @app.get("/tasks-then-error")
    async def then_error(tasks: kit.BackgroundTasks):
        tasks.add_task(task, "never")
        raise kit.HTTPException(409)

    async def held():
        log.append("in")
        yield "held"
        log.append("out")

    def pieces(value: str):
        for index in range(3):
            log.append(f"piece {index}")
            yield f"{value}{index}\n"

    @app.get("/stream")
    async def stream(value: Annotated[str, kit.Depends(held)]):
        return kit.StreamingResponse(pieces(value), media_type="text/csv", headers={"x-first": "1"})

    @app.get("/stream-function")
    async def stream_function(value: Annotated[str, kit.Depends(held, scope="function")]):
        return kit.StreamingResponse(pieces(value), status_code=202)

    @app.get("/stream-class", response_class=kit.StreamingResponse)
    async def stream_class():
        return (piece.encode() for piece in pieces("c"))

    @app.get("/empty-stream")
    async def empty():
        return kit.StreamingResponse(iter(()))

    @app.get("/bytes", response_class=kit.Response)
    async def bytes_():
        return b"abc"

    @app.get("/html", response_class=kit.HTMLResponse)
    async def html():
        return b"<p>bytes</p>"

    return app


@pytest.mark.parametrize(
    "path",
    ["/tasks", "/task-of-response", "/tasks-then-error", "/stream", "/stream-function", "/stream-class",
     "/empty-stream", "/bytes", "/html"],
)  # fmt: skip
def test_what_runs_when_is_alike(parity, path):
    parity(build_state, "GET", path)
    parity(build_state, "GET", "/log")


@pytest.mark.parametrize("kind", ["plain", "safe", "long", "none"])
def test_cookies_are_set_alike(parity, kind):
    parity(build_state, "GET", "/cookie", params={"kind": kind})


@pytest.mark.parametrize(
    "header", ["a=1", "a=1; b=2", 'a="q v"', "a", "=x", "a=1; a=2", "b=%20;a= c ", "a=ü", ""]
)
def test_cookies_are_read_alike(parity, header):
    parity(build_state, "GET", "/cookies", headers={"cookie": header.encode("latin-1")})


def test_sessions_made_by_one_are_read_by_the_other(parity):
    values = {}
    clients = parity.clients(build_state)
    for name, client in clients.items():
        client.cookies.clear()
        values[name] = client.get("/set?value=v").cookies["session"]
        client.cookies.clear()
    for name, client in clients.items():
        other = values["ours" if name == "theirs" else "theirs"]
        client.cookies.set("session", other)
        assert client.get("/cookies").status_code == 200
        client.cookies.clear()
    assert {name: value.split(".")[0] for name, value in values.items()} == dict.fromkeys(
        values, values["ours"].split(".")[0]
    )
