"""What is sent where no route has the method and the path.

Knows: 404, `Allow`, HEAD, relative redirects. Does not know: why no route was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fasterapi.datastructures._url import encode_path
from fasterapi.responses import RedirectResponse
from fasterapi.routing.table import ANY_METHOD
from fasterapi.types import Message, Scope, Send

__all__ = ["not_found", "redirect", "with_head", "without_body"]

# What the default handler makes of HTTPException(404).
_NOT_FOUND: Final = b'{"detail":"Not Found"}'
_NOT_FOUND_HEADERS: Final = [(b"content-length", b"22"), (b"content-type", b"application/json")]


async def not_found(send: Send) -> None:
    """Answer 404 as the default handler does, without making an exception for it."""
    await send({"type": "http.response.start", "status": 404, "headers": _NOT_FOUND_HEADERS[:]})
    await send({"type": "http.response.body", "body": _NOT_FOUND})


def with_head(methods: Iterable[str]) -> set[str]:
    """`methods` for an `Allow` header: whoever answers GET answers HEAD."""
    allowed = set(methods) - {ANY_METHOD}
    return allowed | {"HEAD"} if "GET" in allowed else allowed


def redirect(target: str, scope: Scope) -> RedirectResponse:
    """Lead to the encoded path `target` by a relative address: never to another host, whatever `Host` says."""
    location = encode_path(scope.get("root_path", "").rstrip("/")) + target
    location = "/" + location.lstrip("/")
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(f"{location}?{query}" if query else location)


def without_body(send: Send) -> Send:
    """For HEAD answered by GET's handler: the same headers, no content (RFC 9110, section 9.3.2)."""

    async def send_without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_without_body
