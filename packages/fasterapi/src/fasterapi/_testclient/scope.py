"""An httpx request → an ASGI connection scope.

Knows: httpx's URLs, the ASGI `http` and `websocket` scopes. Does not know: event loops.
"""

import inspect
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

from fasterapi.types import ASGIApp, Receive, Scope, Send

ASGI_VERSIONS = {"version": "3.0", "spec_version": "2.3"}
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True)
class Connection:
    """What every scope of one client has in common."""

    root_path: str
    client: tuple[str, int]
    state: dict[str, Any] = field(default_factory=dict)

    def scope(self, request: httpx.Request) -> Scope:
        """The scope of `request`: `websocket` for ws:// and wss:// addresses, otherwise `http`."""
        url = request.url
        path = url.raw_path.split(b"?", 1)[0]
        scope: Scope = {
            "asgi": ASGI_VERSIONS,
            "http_version": "1.1",
            "scheme": url.scheme,
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "root_path": self.root_path,
            "query_string": url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "client": self.client,
            "server": (url.raw_host.decode("ascii"), _port(url)),
            "state": self.state.copy(),
        }
        if url.scheme in ("ws", "wss"):
            offered = request.headers.get("sec-websocket-protocol", "")
            scope["type"] = "websocket"
            scope["subprotocols"] = [name.strip() for name in offered.split(",") if name.strip()]
            scope["extensions"] = {"websocket.http.response": {}}
        else:
            scope["type"] = "http"
            scope["method"] = request.method
            scope["extensions"] = {"http.response.debug": {}, "http.response.trailers": {}}
        return scope


def _port(url: httpx.URL) -> int:
    return _DEFAULT_PORTS[url.scheme] if url.port is None else url.port


def as_asgi3(app: Any) -> ASGIApp:
    """`app` itself, or an ASGI 3 interface to an ASGI 2 application (which is called with the scope alone)."""
    if _takes(app, 3) or not _takes(app, 1):
        return app  # type: ignore[no-any-return] # what cannot be told is trusted to be ASGI 3

    async def asgi3(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope)(receive, send)

    return asgi3


def _takes(app: Any, count: int) -> bool:
    try:
        inspect.signature(app).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True
