"""An HTTP request's body → bytes, read once and kept for whoever asks again.

Knows: ASGI's `http.request` and `http.disconnect`. Does not know: content types.
Invariant: a body is whole or not there; half of one never reaches a handler.
"""

from enum import Enum
from typing import Any, Final

from fasterapi.exceptions import ClientDisconnect, HTTPException
from fasterapi.types import Message, Receive, Scope

# The scope keeps the body under this key: middleware and handler have a Request each, but one scope.
BODY_KEY: Final = "fasterapi.body"

# Beyond these digits a Content-Length is no size that anyone could send.
_MAX_LENGTH_DIGITS = 18


class StreamState(Enum):
    """What stands under `BODY_KEY` once `Request.stream()` has handed out chunks instead of keeping them."""

    PARTIAL = "partly streamed"
    CONSUMED = "streamed"


class _Unread(Enum):
    UNREAD = 0


async def read_body(
    scope: Scope,
    receive: Receive,
    limit: int | None,
    content_length: bytes | _Unread | None = _Unread.UNREAD,
) -> bytes:
    """The whole body, of at most `limit` bytes (`None`: any size).

    `content_length` is the raw header for a caller that has looked at the headers already.
    Raises `HTTPException` 413 when the body is, or says it is, longer than `limit`, and 400 for a
    `Content-Length` that is no number (RFC 9110, section 8.6); `ClientDisconnect` when the client goes away
    in mid-body; `RuntimeError` when the body was streamed before.

    >>> import asyncio
    >>> async def receive():
    ...     return {"type": "http.request", "body": b"hello"}
    >>> asyncio.run(read_body({"type": "http", "headers": []}, receive, 100))
    b'hello'
    """
    body: Any = scope.get(BODY_KEY)
    if body is None:
        length = find_content_length(scope) if content_length is _Unread.UNREAD else content_length
        if length is not None:
            check_content_length(length, limit)
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            body = message.get("body", b"")
        else:
            body = await _read_chunks(message, receive, limit)
        scope[BODY_KEY] = body
    elif type(body) is StreamState:
        raise body_is_gone(body)
    if limit is not None and len(body) > limit:
        raise body_too_large(limit)
    return body  # type: ignore[no-any-return] # bytes by now: the scope is untyped


async def _read_chunks(message: Message, receive: Receive, limit: int | None) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if limit is not None and size > limit:
            raise body_too_large(limit)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
        message = await receive()


def body_is_gone(state: StreamState) -> RuntimeError:
    """The error of whoever wants a body of which nothing was kept."""
    return RuntimeError(
        f"the body was {state.value} before and is gone; read it by `await request.body()` the first time"
    )


def find_content_length(scope: Scope) -> Any:
    """The raw `Content-Length`, or `None`."""
    for name, value in scope.get("headers", ()):
        if name == b"content-length":
            return value
    return None


def check_content_length(value: bytes, limit: int | None) -> None:
    """`HTTPException` 400 when `value` is no number, 413 when it is more than `limit`."""
    if not value.isdigit() or len(value) > _MAX_LENGTH_DIGITS:
        raise HTTPException(400, "Invalid Content-Length")
    if limit is not None and int(value) > limit:
        raise body_too_large(limit)


def body_too_large(limit: int) -> HTTPException:
    """The answer to a body of more than `limit` bytes (RFC 9110, section 15.5.14)."""
    error = HTTPException(413, "Content Too Large")
    # For whoever reads the log; the client is told no more than by FastAPI.
    error.add_note(f"the limit is {limit} bytes; max_body_size= sets another one")
    return error
