"""A client of twenty lines: calls an ASGI application in this process and collects what it sends."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass
class Answer:
    """Everything that an application sent."""

    messages: list[dict[str, Any]] = field(default_factory=list)

    async def send(self, message: Any) -> None:
        self.messages.append(dict(message))

    @property
    def status(self) -> int:
        return self.messages[0]["status"]

    @property
    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        return list(self.messages[0]["headers"])

    def header(self, name: str) -> str | None:
        found = [value.decode("latin-1") for key, value in self.raw_headers if key == name.encode()]
        assert len(found) < 2, f"{name} occurs {len(found)} times"
        return found[0] if found else None

    @property
    def chunks(self) -> list[bytes]:
        return [bytes(m.get("body", b"")) for m in self.messages if m["type"].endswith("http.response.body")]

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def is_complete(self) -> bool:
        return not self.messages[-1].get("more_body", False)


def http_scope(
    method: str = "GET",
    path: str = "/",
    headers: Iterable[tuple[str, str]] | dict[str, str] = (),
    **more: Any,
) -> dict[str, Any]:
    """An HTTP scope as uvicorn makes it; `query` is its query string, `spec` ASGI's version."""
    pairs = headers.items() if isinstance(headers, dict) else headers
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": more.pop("spec", "2.3")},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "query_string": more.pop("query", b""),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in pairs],
        "client": ("127.0.0.1", 50000),
        "server": ("testserver", 80),
        **more,
    }


def receive_from(chunks: Iterable[bytes], then: str = "wait") -> Callable[[], Any]:
    """A receive channel with the body in `chunks`; after it, or in its middle, "disconnect", or "wait" for ever."""
    parts = list(chunks)
    messages = [
        {"type": "http.request", "body": part, "more_body": place < len(parts) - 1 or then == "cut"}
        for place, part in enumerate(parts)
    ]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        if then == "wait":
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    return receive


def call(app: Any, /, method: str = "GET", path: str = "/", **more: Any) -> Answer:
    """Call `app` once, from start to end."""
    body, then = more.pop("body", b""), more.pop("then", "wait")
    answer = Answer()

    async def main() -> None:
        chunks = [body] if isinstance(body, bytes) else body
        async with asyncio.timeout(20):
            await app(http_scope(method, path, **more), receive_from(chunks, then), answer.send)

    asyncio.run(main())
    return answer


@pytest.fixture(name="call")
def _call() -> Callable[..., Answer]:
    return call


@pytest.fixture(name="http_scope")
def _http_scope() -> Callable[..., dict[str, Any]]:
    return http_scope


@pytest.fixture(name="receive_from")
def _receive_from() -> Callable[..., Any]:
    return receive_from


@pytest.fixture
def make_request() -> Callable[..., Any]:
    """A `Request` over `http_scope(...)` with a body."""
    from fasterapi.requests import Request

    def make(method: str = "POST", path: str = "/", **more: Any) -> Request:
        body, then = more.pop("body", b""), more.pop("then", "wait")
        chunks = [body] if isinstance(body, bytes) else body
        return Request(http_scope(method, path, **more), receive_from(chunks, then))

    return make
