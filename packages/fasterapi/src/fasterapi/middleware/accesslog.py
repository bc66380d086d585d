"""One log record per request or WebSocket connection.

Knows: ASGI's messages, which values of a request are nobody's business. Does not know: formats (`fasterapi.logs`).
Invariant: one record each, when the last byte is sent, when the handler fails, or when the client has gone; no
query, cookie or credential is in it, and nothing that a client could forge a second line with.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from fasterapi.logs import printable
from fasterapi.routing.template import route_template
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send
from fasterapi.websockets import WebSocketDisconnect

__all__ = ["AccessLogMiddleware"]

_LONGEST_PATH: Final = 1024


class AccessLogMiddleware:
    """Log method, route, status, duration, bytes, client and request id, on the logger `logger`.

    The values are the record's extras: `method`, `route` (the template, None where there is none), `status` (None
    if no response was sent; of a WebSocket 101 or its refusal), `duration_ms`, `request_bytes`,
    `response_bytes`, `client`, `request_id`, and where there is something to tell `error` (the exception's type),
    `disconnected` (the client had gone), `close_code` (of a WebSocket). With `path=True` also `path`, which may
    hold ids and names of people; with `client=False` no address. `exclude(scope)` is True for requests that are
    not logged. `clock()` gives seconds.
    """

    outside_errors = True  # see `middleware.stack`

    def __init__(
        self,
        app: ASGIApp,
        *,
        logger: logging.Logger | str = "fasterapi.access",
        level: int = logging.INFO,
        path: bool = False,
        client: bool = True,
        exclude: Callable[[Scope], bool] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app = app
        self._logger = logging.getLogger(logger) if isinstance(logger, str) else logger
        self._level = level
        self._path = path
        self._client = client
        self._exclude = exclude
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] not in ("http", "websocket")
            or not self._logger.isEnabledFor(self._level)
            or (self._exclude is not None and self._exclude(scope))
        ):
            await self.app(scope, receive, send)
            return
        entry = _Entry(scope, receive, send, self._log, self._clock)
        try:
            await self.app(scope, entry.receive, entry.send)
        except BaseException as error:
            entry.end(error)
            raise
        entry.end()

    def _log(self, entry: "_Entry", duration: float, error: BaseException | None) -> None:
        scope = entry.scope
        is_websocket = scope["type"] == "websocket"
        route = route_template(scope)
        method = "WEBSOCKET" if is_websocket else printable(scope["method"])
        status = entry.status
        if status is None and isinstance(error, Exception):
            status = 500  # what `ServerErrorMiddleware`, further out, answers
        extra: dict[str, Any] = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(duration * 1000, 3),
            "request_bytes": entry.request_bytes,
            "response_bytes": entry.response_bytes,
        }
        if self._path:
            extra["path"] = printable(scope["path"][:_LONGEST_PATH])
        if self._client:
            address = scope.get("client")
            extra["client"] = printable(str(address[0])) if address else None
        request_id = scope.get("state", {}).get("request_id")
        if request_id is not None:
            extra["request_id"] = request_id
        if error is not None and not isinstance(error, WebSocketDisconnect):
            extra["error"] = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
        if entry.is_disconnected and not is_websocket:
            extra["disconnected"] = True
        if is_websocket:
            extra["close_code"] = entry.close_code
        place = extra.get("path") or route or "-"
        self._logger.log(
            self._level, "%s %s %s", method, place, "-" if status is None else status, extra=extra
        )


class _Entry:
    """What passes of one request or connection."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        log: Callable[["_Entry", float, BaseException | None], None],
        clock: Callable[[], float],
    ) -> None:
        self.scope = scope
        self.status: int | None = None
        self.close_code: int | None = None
        self.request_bytes = 0
        self.response_bytes = 0
        self.is_disconnected = False
        self._receive = receive
        self._send = send
        self._log = log
        self._clock = clock
        self._began = clock()
        self._ended: float | None = None
        self._is_logged = False

    async def receive(self) -> Message:
        """Pass a message on, and count it."""
        message = await self._receive()
        match message["type"]:
            case "http.request":
                self.request_bytes += len(message.get("body", b""))
            case "websocket.receive":
                self.request_bytes += _size(message)
            case "websocket.disconnect":
                self.close_code = message.get("code", 1005)
            case "http.disconnect" if self._ended is None:
                self.is_disconnected = True
        return message

    async def send(self, message: Message) -> None:
        """Pass a message on, and count it; with the last one the entry is complete."""
        match message["type"]:
            case "http.response.start" | "websocket.http.response.start":
                self.status = message["status"]
            case "websocket.accept":
                self.status = 101
            case "websocket.send":
                self.response_bytes += _size(message)
            case "websocket.close":
                self.close_code = message.get("code", 1000)
                self.status = self.status or 403  # what servers answer to a refused handshake
            case "http.response.body" | "websocket.http.response.body":
                self.response_bytes += len(message.get("body", b""))
        await self._send(message)
        # Background tasks and exits of dependencies come after the last byte, and are not the client's time.
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._ended = self._clock()
            if self.status is None or self.status < 500:
                self.end()  # else the exception may follow that this was the answer to

    def end(self, error: BaseException | None = None) -> None:
        """Log the entry, if that was not done yet."""
        if not self._is_logged:
            self._is_logged = True
            self._log(self, (self._clock() if self._ended is None else self._ended) - self._began, error)


def _size(message: Message) -> int:
    text = message.get("text")
    return len(message.get("bytes") or b"") if text is None else len(text.encode("utf-8", "surrogatepass"))
