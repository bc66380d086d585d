"""The web objects under uvicorn, over real sockets: what a server makes of them, and what they make of it."""

import asyncio
import http.client
import socket
import threading
from contextlib import contextmanager

import pytest

from fasterapi.requests import Request
from fasterapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from fasterapi.sse import EventSourceResponse
from fasterapi.staticfiles import StaticFiles
from fasterapi.websockets import WebSocket

uvicorn = pytest.importorskip("uvicorn")


class Application:
    """One path per web object; notes which streams were closed."""

    def __init__(self, root):
        self.root = root
        self.files = StaticFiles(directory=root)
        self.closed = {"stream": threading.Event(), "events": threading.Event()}

    async def __call__(self, scope, receive, send):
        if scope["type"] == "websocket":
            websocket = WebSocket(scope, receive, send)
            await websocket.accept()
            async for message in websocket.iter_json():
                await websocket.send_json(message)
            return
        handler = getattr(self, f"on_{scope['path'].strip('/').partition('/')[0]}")
        response = await handler(Request(scope, receive, send))
        await response(scope, receive, send)

    async def on_echo(self, request):
        return JSONResponse({"body": await request.json(), "url": str(request.url)})

    async def on_upload(self, request):
        async with request.form() as form:
            return PlainTextResponse(f"{form['file'].filename} {form['file'].size}")

    async def on_file(self, request):
        return FileResponse(self.root / "data.bin")

    async def on_static(self, request):
        request.scope["root_path"] = "/static"
        return self.files

    async def on_stream(self, request):
        def pieces():
            try:
                while True:
                    yield b"x" * 1000
            finally:
                self.closed["stream"].set()

        return StreamingResponse(pieces())

    async def on_events(self, request):
        async def events():
            try:
                yield {"data": "first"}
                await asyncio.Event().wait()
            finally:
                self.closed["events"].set()

        return EventSourceResponse(events(), ping_interval=0.01)


@contextmanager
def serve(application):
    """The port of a server that runs in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("served")
    (root / "data.bin").write_bytes(bytes(range(256)) * 4096)
    application = Application(root)
    with serve(application) as port:
        application.port = port
        yield application


def ask(server, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def test_a_body_and_a_url(server):
    status, headers, body = ask(server, "POST", "/echo/a%3Fb?x=1", b'{"a":1}')
    assert (status, headers["content-type"]) == (200, "application/json")
    assert body == b'{"body":{"a":1},"url":"http://127.0.0.1:%d/echo/a%%3Fb?x=1"}' % server.port


def test_an_upload_in_chunks(server):
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    chunks = iter([part, *([b"x" * 65536] * 40), b"\r\n--b--\r\n"])
    headers = {"content-type": "multipart/form-data; boundary=b"}
    assert ask(server, "POST", "/upload", chunks, headers)[::2] == (200, b"a.bin 2621440")


@pytest.mark.parametrize(
    ("path", "wanted", "status", "size"),
    [
        ("/file", None, 200, 2**20),
        ("/file", "bytes=0-9", 206, 10),
        ("/file", "bytes=1000-600000", 206, 599_001),
        ("/static/data.bin", None, 200, 2**20),
        ("/static/data.bin", "bytes=-1", 206, 1),
    ],
)
def test_files_and_ranges(server, path, wanted, status, size):
    headers = {} if wanted is None else {"range": wanted}
    found, answered, body = ask(server, "GET", path, headers=headers)
    assert (found, len(body), answered["content-length"]) == (status, size, str(size))
    found, answered, body = ask(server, "HEAD", path, headers=headers)
    assert (found, len(body), answered["content-length"]) == (status, 0, str(size))


@pytest.mark.parametrize(("path", "start"), [("/stream", b"xxx"), ("/events", b"data: first\n\n: ping\n\n")])
def test_a_client_that_leaves_closes_the_stream(server, path, start):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", path)
    response = connection.getresponse()
    assert response.read(len(start)) == start
    response.close()
    connection.close()
    assert server.closed[path[1:]].wait(20)


def test_a_websocket(server):
    client = pytest.importorskip("websockets.sync.client")
    with client.connect(f"ws://127.0.0.1:{server.port}/", max_size=None) as websocket:
        for message in ("[1]", '"' + "x" * 2**20 + '"', '{"a":"ü"}'):
            websocket.send(message)
            assert websocket.recv() == message
