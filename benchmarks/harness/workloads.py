"""The requests that are measured, as data.

Knows: method, path, headers, body, and how answers are compared. Does not know: any framework, any clock.
"""

import json
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KINDS", "STATIC_FOLDER", "WORKLOADS", "Workload", "request_headers"]

STATIC_FOLDER = Path(__file__).parent.parent / "static"
# The applications that a contestant builds: all workloads but the named ones share the first.
KINDS = ("basic", "middleware", "routes-100", "routes-1000")

_CHUNK = 64 * 1024
_BOUNDARY = b"----benchmark7MA4YWxkTrZu0gW"


@dataclass(frozen=True)
class Workload:
    """One request, repeated.

    `divisor`: a heavy request is repeated `requests // divisor` times. `answer`: what must equal the answer of
    raw ASGI: "json", "bytes", or "error" (the status; the body too for contestants with FastAPI's error bodies).
    `is_connection`: a WebSocket's whole connection with one message is the request, and not one of its messages.
    """

    name: str
    title: str
    path: str
    method: str = "GET"
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: tuple[bytes, ...] = (b"",)
    kind: str = "basic"
    divisor: int = 1
    answer: str = "json"
    statuses: frozenset[int] = frozenset({200, 201})
    protocol: str = "http"
    is_connection: bool = False


def request_headers(workload: Workload) -> list[tuple[bytes, bytes]]:
    """The headers of a request as a browser behind a proxy would send them, and those of the workload."""
    headers = [
        (b"host", b"127.0.0.1:8000"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) benchmark"),
        (b"accept", b"*/*"),
        (b"accept-encoding", b"identity"),
        (b"connection", b"upgrade" if workload.protocol == "websocket" else b"keep-alive"),
        *workload.headers,
    ]
    length = sum(map(len, workload.body))
    if length:
        headers.append((b"content-length", b"%d" % length))
    return headers


def _json(value: object) -> tuple[tuple[tuple[bytes, bytes], ...], tuple[bytes, ...]]:
    return ((b"content-type", b"application/json"),), (json.dumps(value).encode(),)


def _upload(size: int) -> tuple[tuple[tuple[bytes, bytes], ...], tuple[bytes, ...]]:
    head = (
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="data.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" % _BOUNDARY
    )
    content = head + bytes(range(256)) * (size // 256) + b"\r\n--%b--\r\n" % _BOUNDARY
    chunks = tuple(content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))
    return ((b"content-type", b"multipart/form-data; boundary=" + _BOUNDARY),), chunks


def _order(items: int) -> dict[str, object]:
    return {
        "id": 7,
        "customer": "Ada Lovelace",
        "items": [
            {"sku": f"sku-{index}", "quantity": index + 1, "price": index + 0.5, "cost": index + 0.25}
            for index in range(items)
        ],
    }


_USER = _json({"name": "Ada Lovelace", "email": "ada@example.com", "age": 36})
_BAD_USER = _json({"name": 1, "email": "ada@example.com"})
_NESTED = _json(_order(50))
_FILE = _upload(10 * 1024 * 1024)
_SESSION = (
    (b"x-request-id", b"7f1c3a52-7d2c-4f6c-b7a5-1f5a0f6f9d11"),
    (b"cookie", b"theme=dark; session=0123456789abcdef; lang=en"),
)
_ORIGIN = ((b"origin", b"https://example.com"),)

WORKLOADS = (
    Workload("health", "GET /health", "/health"),
    Workload("path-int", "GET /users/{id}", "/users/42"),
    Workload("json-body", "POST /users", "/users", "POST", headers=_USER[0], body=_USER[1]),
    Workload("query", "four query parameters", "/search", query=b"q=router&limit=20&offset=40&exact=true"),
    Workload("header-cookie", "header and cookie", "/session", headers=_SESSION),
    Workload("diamond", "dependency diamond with yield", "/diamond"),
    Workload("nested", "nested body of 50, response filter", "/orders", "POST", b"", *_NESTED, divisor=10),
    Workload("routes-100", "last of 100 routes", "/r99/items/7", kind="routes-100"),
    Workload("routes-1000", "last of 1,000 routes", "/r999/items/7", kind="routes-1000"),
    Workload("not-found", "404", "/nothing/here", answer="error", statuses=frozenset({404})),
    Workload(
        "invalid",
        "422",
        "/users",
        "POST",
        b"",
        *_BAD_USER,
        divisor=2,
        answer="error",
        statuses=frozenset({400, 422}),
    ),
    Workload("sync", "def handler", "/sync", divisor=5),
    Workload("middleware", "CORS and two layers", "/health", headers=_ORIGIN, kind="middleware"),
    Workload("large", "1 MB JSON response", "/large", divisor=500),
    Workload("upload", "10 MB upload", "/upload", "POST", b"", *_FILE, divisor=5000),
    Workload("websocket", "WebSocket echo", "/ws", protocol="websocket"),
    Workload("websocket-open", "WebSocket opened, one echo", "/ws", protocol="websocket", is_connection=True),
    Workload("static", "static file of 16 kB", "/static/page.html", divisor=10, answer="bytes"),
)
