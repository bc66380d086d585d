"""A client of twenty lines: one HTTP request to an ASGI application, in one event loop of its own."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Answer:
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def start(self) -> dict[str, Any]:
        (start,) = [m for m in self.messages if m["type"].endswith("http.response.start")]
        return start

    @property
    def status(self) -> int:
        return self.start["status"]

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.start["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages if m["type"].endswith("http.response.body"))


def scope_of(type: str = "http", **changes: Any) -> dict[str, Any]:
    headers = changes.pop("headers", {})
    pairs = headers.items() if isinstance(headers, dict) else headers
    scope = {
        "type": type,
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http" if type == "http" else "ws",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in pairs],
    }
    return {**scope, **changes}


async def call(app: Any, *, body: list[bytes] | bytes = b"", **changes: Any) -> Answer:
    """Ask `app` as a server does: the body in pieces, then, once the answer is whole, the disconnect."""
    answer = Answer()
    pieces = [body] if isinstance(body, bytes) else list(body)
    whole = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if pieces:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}
        await whole.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        answer.messages.append(message)
        if message["type"].endswith("http.response.body") and not message.get("more_body", False):
            whole.set()

    await app(scope_of(**changes), receive, send)
    return answer


@pytest.fixture
def ask():
    """`ask(app, method=…, path=…, headers={…}, body=…)` gives the whole answer."""

    def run(app: Any, **changes: Any) -> Answer:
        return asyncio.run(call(app, **changes))

    return run


@pytest.fixture
def ask_async():
    """As `ask`, for a test that has a loop."""
    return call


@pytest.fixture
def new_scope():
    """`new_scope(type, …)` gives a scope."""
    return scope_of


@pytest.fixture
def reply():
    """`reply(status, headers, body)` gives an application that answers so, in as many messages as `body` has."""

    def make(status: int = 200, headers: dict[str, str] | None = None, body: bytes | list[bytes] = b"ok"):
        pieces = [body] if isinstance(body, bytes) else body
        raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]

        async def app(scope, receive, send) -> None:
            await send({"type": "http.response.start", "status": status, "headers": list(raw)})
            for index, piece in enumerate(pieces):
                more = index < len(pieces) - 1
                await send({"type": "http.response.body", "body": piece, "more_body": more})

        return app

    return make
