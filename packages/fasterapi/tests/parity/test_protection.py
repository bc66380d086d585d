"""The middleware that protects also does so around an application of Starlette."""

import pytest

pytest.importorskip("starlette", reason="Starlette is not installed")
pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")

from starlette.applications import Starlette  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.responses import JSONResponse, StreamingResponse  # noqa: E402
from starlette.routing import Route, WebSocketRoute  # noqa: E402


from fasterapi.middleware.csrf import CSRFMiddleware, csrf_token  # noqa: E402
from fasterapi.middleware.idempotency import IdempotencyMiddleware  # noqa: E402
from fasterapi.middleware.ratelimit import RateLimitMiddleware  # noqa: E402
from fasterapi.middleware.responsecache import ResponseCacheMiddleware  # noqa: E402
from fasterapi.middleware.sessions import SessionMiddleware  # noqa: E402
from fasterapi.stores import MemoryStore  # noqa: E402
from fasterapi.testclient import TestClient  # noqa: E402


def site(*middleware, **options):
    calls = []

    async def number(request):
        calls.append(1)
        return JSONResponse(len(calls), headers={"Cache-Control": "max-age=60"})

    async def form(request):
        calls.append(1)
        async with request.form() as fields:
            return JSONResponse({name: value for name, value in fields.items() if isinstance(value, str)})

    async def token(request):
        return JSONResponse(csrf_token(request))

    async def session(request):
        request.session["visits"] = request.session.get("visits", 0) + 1
        return JSONResponse(request.session["visits"])

    async def stream(request):
        return StreamingResponse(iter(["a", "b"]))

    async def echo(websocket):
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.close()

    routes = [
        Route("/number", number),
        Route("/form", form, methods=["POST"]),
        Route("/token", token),
        Route("/session", session),
        Route("/stream", stream, methods=["GET", "POST"]),
        WebSocketRoute("/echo", echo),
    ]
    client = TestClient(Starlette(routes=routes, middleware=list(middleware), **options))
    client.calls = calls
    return client


ALL = [
    Middleware(RateLimitMiddleware, "100/minute"),
    Middleware(ResponseCacheMiddleware),
    Middleware(SessionMiddleware, secret_key="key", store=MemoryStore()),
    Middleware(CSRFMiddleware, secret_key="key"),
    Middleware(IdempotencyMiddleware),
]


def test_a_limit():
    client = site(Middleware(RateLimitMiddleware, "1/day"))

    first, second = client.get("/number"), client.get("/number")

    assert first.headers["ratelimit"].startswith('"default";r=0;')
    assert (second.status_code, second.json()) == (429, {"detail": "Too Many Requests"})


def test_a_refusal_is_answered_by_the_handler_of_its_status():
    async def own_shape(request, error):
        return JSONResponse({"problem": error.detail}, status_code=error.status_code, headers=error.headers)

    client = site(Middleware(RateLimitMiddleware, "1/day"), exception_handlers={429: own_shape})
    client.get("/number")

    refused = client.get("/number")

    assert (refused.status_code, refused.json()) == (429, {"problem": "Too Many Requests"})
    assert "retry-after" in refused.headers


def test_all_of_them_together():
    client = site(*ALL)
    token = client.get("/token").json()
    key = {"Idempotency-Key": "1"}

    fields = [
        client.post("/form", data={"csrf_token": token, "a": "1"}, headers=key).json() for _ in range(2)
    ]

    assert fields == [{"csrf_token": token, "a": "1"}] * 2
    assert len(client.calls) == 1
    upload = client.post("/form", data={"csrf_token": token}, files={"file": b"x" * 2_000_000})
    assert upload.json() == {"csrf_token": token}
    assert client.post("/form", data={"a": "1"}).status_code == 403
    assert [client.get("/session").json() for _ in range(3)] == [1, 2, 3]


def test_answers_are_kept():
    client = site(*ALL)

    assert [client.get("/number").json() for _ in range(3)] == [1, 1, 1]
    assert client.head("/number").headers["cache-status"].startswith("fasterapi; hit")


def test_streams_and_websockets_pass():
    client = site(*ALL)

    assert client.get("/stream").text == "ab"
    with client.websocket_connect("/echo") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello"
