"""Other applications below paths of this one: a tool server in the manner of MCP, and a WSGI application.

Needs the extra `wsgi`. Run it with `fasterapi run examples/mounted_apps.py`. Anything that speaks ASGI is mounted in
the same way: a GraphQL server, the `streamable_http_app()` of an MCP library, a Starlette or Django application. Its
start-up and shutdown run inside of this application's.
"""

from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec

from fasterapi import Faster
from fasterapi.middleware.wsgi import WSGIMiddleware
from fasterapi.types import Receive, Scope, Send


class Call(msgspec.Struct):
    """A request of JSON-RPC 2.0; without an id it is a notification, which is not answered."""

    method: str
    params: dict[str, Any] = {}
    id: int | str | None = None


class ToolServer:
    """An ASGI application of its own: JSON-RPC over POST, with something that lives as long as it does."""

    def __init__(self, tools: dict[str, Callable[..., Any]]) -> None:
        self.tools = tools
        self.is_running = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI 3, start-up and shutdown included."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self.is_running = True  # an MCP library starts its session manager here
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.is_running = False
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "POST":
            await _send(send, 405, b"", (b"allow", b"POST"))
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body", False):
                break
        try:
            call = msgspec.json.decode(body, type=Call)
        except msgspec.MsgspecError as error:
            problem = {"code": -32700, "message": str(error)}
            await _send(send, 400, msgspec.json.encode({"jsonrpc": "2.0", "id": None, "error": problem}))
            return
        if call.id is None:
            await _send(send, 202, b"")
            return
        answer = {"jsonrpc": "2.0", "id": call.id, **self._result(call)}
        await _send(send, 200, msgspec.json.encode(answer))

    def _result(self, call: Call) -> dict[str, Any]:
        match call.method:
            case "initialize":
                server = {"name": "examples", "version": "1", "isRunning": self.is_running}
                return {"result": {"capabilities": {"tools": {}}, "serverInfo": server}}
            case "tools/list":
                tools = [{"name": name, "description": tool.__doc__} for name, tool in self.tools.items()]
                return {"result": {"tools": tools}}
            case "tools/call" if call.params.get("name") in self.tools:
                found = self.tools[call.params["name"]](**call.params.get("arguments", {}))
                return {"result": {"content": [{"type": "text", "text": str(found)}]}}
        return {"error": {"code": -32601, "message": f"no such method: {call.method}"}}


async def _send(send: Send, status: int, content: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", b"%d" % len(content))
    fixed = [length, (b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": [*fixed, *headers]})
    await send({"type": "http.response.body", "body": content})


class StartResponse(Protocol):
    """What a WSGI application calls (PEP 3333)."""

    def __call__(self, status: str, headers: list[tuple[str, str]], /) -> Any:
        """Begin the response."""


def legacy(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """A WSGI application, as Flask's and Django's are; it sees its own path after SCRIPT_NAME."""
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{environ['SCRIPT_NAME']} | {environ['PATH_INFO']}".encode()]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


app = Faster(title="Mounted applications")
tools = ToolServer({"add": add})
app.mount("/mcp", tools)
app.mount("/old", WSGIMiddleware(legacy))


@app.get("/health")
async def health() -> dict[str, bool]:
    """Whether the mounted applications were started."""
    return {"tools": tools.is_running}
