"""A name for every request, the same in the response, in logs and in the services behind.

Knows: `X-Request-ID`, W3C's `traceparent`. Does not know: logs' formats, tracing.
Invariant: a text of the client's is taken only if it could not be mistaken for anything else in a log or a header.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Final

from fasterapi.middleware import _headers
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestIDFilter", "RequestIDMiddleware", "current_request_id"]

_VALID: Final = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:+/=~@-]{0,127}")
# https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, parent, flags; zeros are no trace.
_TRACEPARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", re.DOTALL
)
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BEGINS: Final = {"http.response.start", "websocket.accept", "websocket.http.response.start"}

_current: ContextVar[str | None] = ContextVar("fasterapi.request_id", default=None)


def current_request_id() -> str | None:
    """The id of the request that this code runs for; None outside of one."""
    return _current.get()


def _new_id() -> str:
    return secrets.token_hex(16)


class RequestIDMiddleware:
    """Give every request and WebSocket an id: `request.state.request_id`, `current_request_id()`.

    It is the request's own `header`, if that is at most 128 letters, digits and `_.:+/=~@-`; else the trace id of
    its `traceparent`; else 32 random hexadecimal digits, or what `make_id()` returns. With `trust_incoming=False`
    it is always a new one. The response has it in `header`, unless the handler has set that itself.
    Raises `ValueError` for a `header` that is no header name.
    """

    outside_errors = True  # see `middleware.stack`

    def __init__(
        self,
        app: ASGIApp,
        *,
        header: str = "X-Request-ID",
        trust_incoming: bool = True,
        make_id: Callable[[], str] = _new_id,
    ) -> None:
        if not _TOKEN.fullmatch(header):
            raise ValueError(f"RequestIDMiddleware: {header!r} is no name of a header")
        self.app = app
        self._name = header.lower().encode("ascii")
        self._trust_incoming = trust_incoming
        self._make_id = make_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        found = self._incoming(scope) if self._trust_incoming else None
        request_id = self._make_id() if found is None else found.decode("ascii")
        scope.setdefault("state", {})["request_id"] = request_id
        pair = (self._name, request_id.encode("latin-1"))

        def send_with_id(message: Message) -> Awaitable[None]:
            if message["type"] in _BEGINS:
                headers = message.get("headers") or ()
                if _headers.find(headers, pair[0]) is None:
                    message = {**message, "headers": [*headers, pair]}
            return send(message)

        outer = _current.get()
        _current.set(request_id)
        try:
            await self.app(scope, receive, send_with_id)
        finally:
            _current.set(outer)  # a token could not be used where a server closes the coroutine from outside

    def _incoming(self, scope: Scope) -> bytes | None:
        parent = None
        for name, value in scope.get("headers", ()):
            if name == self._name and _VALID.fullmatch(value):
                return bytes(value)
            if name == b"traceparent" and (match := _TRACEPARENT.fullmatch(value)):
                parent = match[1]
        return parent


class RequestIDFilter(logging.Filter):
    """Add `request_id` to every record that passes, `-` outside of requests; on a handler it reaches all loggers.

    >>> record = logging.makeLogRecord({})
    >>> RequestIDFilter().filter(record), record.request_id
    (True, '-')
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let `record` pass; an id that it has already stays."""
        if not hasattr(record, "request_id"):
            record.request_id = _current.get() or "-"
        return True
