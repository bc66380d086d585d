"""WebSockets: parameters, dependencies, sub-protocols, close codes, what is raised, and handshakes refused."""

import asyncio
from typing import Annotated, Any

import pytest


def build(kit: Any) -> Any:
    app = kit.App()
    WebSocket, Depends, Query, Header, Cookie = kit.WebSocket, kit.Depends, kit.Query, kit.Header, kit.Cookie
    Path, WebSocketException = kit.Path, kit.WebSocketException

    class TeapotError(Exception):
        pass

    @app.exception_handler(TeapotError)
    async def teapot(websocket: WebSocket, error: TeapotError):
        await websocket.close(4418, "teapot")

    async def tell(websocket: Any, *values: Any) -> None:
        await websocket.accept()
        await websocket.send_json(values)
        await websocket.close()

    @app.websocket("/path/{number}")
    async def path(websocket: WebSocket, number: Annotated[int, Path(ge=1)]):
        await tell(websocket, number)

    @app.websocket("/file/{rest:path}")
    async def file(websocket: WebSocket, rest: str):
        await tell(websocket, rest)

    @app.websocket("/query")
    async def query(websocket: WebSocket, a: int, b: str = "b", c: Annotated[list[int], Query()] = []):  # noqa: B006
        await tell(websocket, a, b, c)

    @app.websocket("/header")
    async def header(
        websocket: WebSocket,
        x_token: Annotated[str, Header(min_length=2)],
        s: Annotated[str | None, Cookie()] = None,
    ):
        await tell(websocket, x_token, s)

    async def token(websocket: WebSocket, t: str | None = None):
        if t is None:
            raise WebSocketException(1008, "no token")
        return websocket.url.path + t

    @app.websocket("/depends")
    async def depends(websocket: WebSocket, found: Annotated[str, Depends(token)]):
        await tell(websocket, found)

    def connection(found: Annotated[str, Depends(token)], number: int = 0):
        return [found, number]

    @app.websocket("/nested")
    async def nested(websocket: WebSocket, found: Annotated[list, Depends(connection)]):
        await tell(websocket, found)

    log: list[str] = []

    async def resource():
        log.append("in")
        try:
            yield "value"
        except Exception as error:
            log.append(type(error).__name__)
            raise
        finally:
            log.append("out")

    @app.websocket("/yield")
    async def use(websocket: WebSocket, value: Annotated[str, Depends(resource)], fail: str = ""):
        if fail == "early":
            raise WebSocketException(1008)
        await websocket.accept()
        await websocket.send_text(value)
        if fail == "late":
            raise WebSocketException(4001, "late")
        if fail == "other":
            raise TeapotError
        await websocket.close()

    @app.websocket("/log")
    async def read_log(websocket: WebSocket):
        entries = log[:]
        log.clear()
        await tell(websocket, *entries)

    @app.websocket("/protocol")
    async def protocol(websocket: WebSocket):
        wanted = websocket.scope.get("subprotocols", [])
        await websocket.accept(subprotocol=wanted[-1] if wanted else None, headers=[(b"x-a", b"1")])
        await websocket.close(1001, reason="bye")

    @app.websocket("/echo")
    async def echo(websocket: WebSocket):
        await websocket.accept()
        try:
            async for message in websocket.iter_text():
                await websocket.send_text(f"got {message}")
        finally:
            log.append("echo done")

    @app.websocket("/bytes")
    async def binary(websocket: WebSocket):
        await websocket.accept()
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.send_json(await websocket.receive_json(), mode="binary")

    @app.websocket("/raises")
    async def raises(websocket: WebSocket, kind: str = "http", accepted: bool = False):
        if accepted:
            await websocket.accept()
        raise {"http": kit.HTTPException(403, "no"), "teapot": TeapotError(), "key": KeyError("k")}[kind]

    @app.websocket("/refuse")
    async def refuse(websocket: WebSocket, code: int = 1000, reason: str = ""):
        await websocket.close(code, reason)

    @app.websocket("/disconnect")
    async def disconnect(websocket: WebSocket):
        await websocket.accept()
        try:
            await websocket.receive_text()
        except kit.WebSocketDisconnect as error:
            log.append(f"{error.code} {error.reason}")

    @app.websocket("/silent")
    async def silent(websocket: WebSocket):
        await websocket.accept()

    router = kit.Router(prefix="/router", dependencies=[Depends(token)])

    @router.websocket("/{name}")
    async def routed(websocket: WebSocket, name: str):
        await tell(websocket, name)

    app.include_router(router, prefix="/v1")

    @app.get("/plain")
    async def plain():
        return 1

    return app


def text(value: str) -> dict[str, Any]:
    return {"type": "websocket.receive", "text": value}


def data(value: bytes) -> dict[str, Any]:
    return {"type": "websocket.receive", "bytes": value}


GONE = {"type": "websocket.disconnect", "code": 4002, "reason": "left"}
TOKEN = {"headers": [(b"x-token", b"abc")]}

# path and query, what the client sends after connecting, what else is in the scope
TABLE: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    ("/path/5", [], {}),
    ("/path/0", [], {}),
    ("/path/x", [], {}),
    ("/path/5/6", [], {}),
    ("/file/a/b.txt", [], {}),
    ("/file/", [], {}),
    ("/query?a=1", [], {}),
    ("/query?a=1&b=x&c=1&c=2", [], {}),
    ("/query?a=x", [], {}),
    ("/query?a=1&c=x", [], {}),
    ("/query", [], {}),
    ("/query?a=&b=", [], {}),
    ("/header", [], {}),
    ("/header", [], TOKEN),
    ("/header", [], {"headers": [(b"x-token", b"a")]}),
    ("/header", [], {"headers": [(b"x-token", b"abc"), (b"cookie", b"s=1; t=2")]}),
    ("/depends", [], {}),
    ("/depends?t=1", [], {}),
    ("/nested?t=1", [], {}),
    ("/nested?t=1&number=7", [], {}),
    ("/nested?t=1&number=x", [], {}),
    ("/nested", [], {}),
    ("/yield", [], {}),
    ("/yield?fail=early", [], {}),
    ("/yield?fail=late", [], {}),
    ("/yield?fail=other", [], {}),
    ("/protocol", [], {}),
    ("/protocol", [], {"subprotocols": ["chat", "soap"]}),
    ("/echo", [text("a"), text("ü"), GONE], {}),
    ("/echo", [GONE], {}),
    ("/bytes", [data(b"\x00\xff"), text('{"a": [1, 2.5, null, "ü"]}')], {}),
    ("/bytes", [data(b"x"), text("{")], {}),
    ("/bytes", [data(b"x"), GONE], {}),
    ("/raises", [], {}),
    ("/raises?accepted=true", [], {}),
    ("/raises?kind=teapot", [], {}),
    ("/raises?kind=teapot&accepted=true", [], {}),
    ("/raises?kind=key", [], {}),
    ("/raises?kind=key&accepted=true", [], {}),
    ("/refuse", [], {}),
    ("/refuse?code=1008&reason=no", [], {}),
    ("/refuse?code=4999", [], {}),
    ("/disconnect", [GONE], {}),
    ("/silent", [], {}),
    ("/v1/router/me?t=1", [], {}),
    ("/v1/router/me", [], {}),
    ("/router/me?t=1", [], {}),
    ("/nowhere", [], {}),
    ("/nowhere", [], {"extensions": {"websocket.http.response": {}}}),
    ("/raises", [], {"extensions": {"websocket.http.response": {}}}),
    ("/path/x", [], {"extensions": {"websocket.http.response": {}}}),
    ("/plain", [], {}),
]


def converse(app: Any, target: str, messages: list[dict[str, Any]], scope: dict[str, Any]) -> list[Any]:
    """What the application sends, and what it raises, in one conversation."""
    path, _, query = target.partition("?")
    incoming = [{"type": "websocket.connect"}, *messages]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0) if incoming else GONE

    async def send(message: dict[str, Any]) -> None:
        sent.append(_comparable(message))

    whole = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
        **scope,
    }
    try:
        asyncio.run(app(whole, receive, send))
    except Exception as error:
        sent.append("ValueError" if isinstance(error, ValueError) else type(error).__name__)
    return sent


def _comparable(message: dict[str, Any]) -> dict[str, Any]:
    found = {key: value for key, value in message.items() if value is not None and value != ""}
    if "headers" in found:
        found["headers"] = sorted(header for header in found["headers"] if header[0] != b"content-length")
    if isinstance(found.get("text"), str):
        found["text"] = found["text"].replace(", ", ",").replace(": ", ":")
    if str(found.get("reason")).startswith("[{'type'"):
        found["reason"] = "what is wrong"  # docs/differences.md: a reason is a text of at most 123 bytes
    return found


@pytest.mark.parametrize(("target", "messages", "scope"), TABLE)
def test_conversations_are_alike(parity, target, messages, scope):
    apps = parity.applications(build)
    answers = {
        name: [converse(app, target, messages, scope), converse(app, "/log", [], {})]
        for name, app in apps.items()
    }
    assert answers["ours"] == answers["theirs"]
