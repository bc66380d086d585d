"""A real server on a free port of 127.0.0.1, and a client that shows the bytes it gets."""

import contextlib
import http.client
import socket
import threading
import time

import pytest


@pytest.fixture
def serve():
    """`with serve(app) as connect:` runs an ASGI application under uvicorn; `connect()` is an HTTP connection."""
    uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed: no real server to test with")

    @contextlib.contextmanager
    def running(app, **options):
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn.Config(app, log_level="error", lifespan="on", **{"ws": "none", **options})
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.005)
        try:
            yield lambda: http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        finally:
            server.should_exit = True
            thread.join(timeout=10)
            listener.close()
            assert not thread.is_alive()

    return running


@pytest.fixture
def ask():
    """Send one request over a connection: status, headers, body."""

    def request(connect, method, path):
        connection = connect()
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            connection.endheaders()
            response = connection.getresponse()
            return (
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read().decode(),
            )
        finally:
            connection.close()

    return request


@pytest.fixture
def users(echo):
    """An ASGIRouter with one of everything, and the list that its mount's lifespan writes to."""
    from fasterapi_router.asgi import ASGIRouter

    log = []
    static = echo("static")

    async def mounted(scope, receive, send):
        if scope["type"] != "lifespan":
            await static(scope, receive, send)
            return
        for stage in ("startup", "shutdown"):
            await receive()
            log.append(stage)
            await send({"type": f"lifespan.{stage}.complete"})

    app = ASGIRouter()
    app.add_route("/users/{id:int}", echo("user"), methods=["GET", "PUT"])
    app.add_route("/folder/", echo("folder"))
    app.mount("/static", mounted)
    return app, log
