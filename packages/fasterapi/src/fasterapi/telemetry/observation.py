"""One request from its first byte to its last: the server's span, the two measurements, the exceptions.

Knows: ASGI's messages. Does not know: where providers come from (`server`), what happens inside (`operations`).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from time import perf_counter
from typing import Any

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.metrics import Histogram, UpDownCounter
from opentelemetry.trace import StatusCode

from fasterapi.telemetry.record import (
    CONTEXT_KEY,
    SCOPE_KEY,
    Record,
    exception_type,
    is_normal_close,
    note_exception,
)
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ExceptionNotes", "Observation"]

Entry = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]


class ExceptionNotes:
    """The middleware just inside the one that answers 500: it sees an exception before its answer is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            note_exception(scope, error)
            raise


class Observation:
    """Runs one request of `record`; `attributes` are those that span and measurements share."""

    def __init__(
        self,
        record: Record,
        attributes: dict[str, Any],
        instruments: tuple[Histogram, UpDownCounter] | None,
    ) -> None:
        self._record = record
        self._attributes = attributes
        self._active_attributes = {k: v for k, v in attributes.items() if k != "network.protocol.version"}
        self._instruments = instruments
        self._is_websocket = record.scope["type"] == "websocket"
        self._started = perf_counter()
        self._is_finished = False
        self._trailers_follow = False
        self._is_disconnected = False

    async def run(self, app: Entry, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request by `app`, and finish with the last message, the exception or the end."""
        record = self._record
        if self._instruments is not None:
            self._instruments[1].add(1, self._active_attributes)
        scope[SCOPE_KEY] = record
        token = otel_context.attach(otel_context.set_value(CONTEXT_KEY, record))
        try:
            with self._current_span():
                if self._is_websocket:
                    await self._watch(app(scope, receive, send))
                else:
                    await self._watch(app(scope, self._receiving(receive), self._sending(send)))
        finally:
            record.close()
            otel_context.detach(token)
            scope.pop(SCOPE_KEY, None)

    def _current_span(self) -> Any:
        if self._record.span is None:
            return nullcontext()
        return trace.use_span(
            self._record.span, end_on_exit=False, record_exception=False, set_status_on_exception=False
        )

    async def _watch(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except BaseException as error:
            note_exception(self._record.scope, error)
            self._finish(None if self._is_websocket and is_normal_close(error) else error)
            raise
        if self._is_websocket:
            self._finish(None)
        elif self._is_disconnected:
            self._finish(ConnectionError("the client has gone"))
        else:
            self._finish(RuntimeError("the response is not complete"))

    def _receiving(self, receive: Receive) -> Receive:
        async def watched_receive() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                self._is_disconnected = True
            return message

        return watched_receive

    def _sending(self, send: Send) -> Send:
        async def watched_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._record.status = message["status"]
                self._trailers_follow = message.get("trailers", False)
            await send(message)
            if self._is_last(message):
                self._finish(None)

        return watched_send

    def _is_last(self, message: Message) -> bool:
        match message["type"]:
            case "http.response.body":
                return not message.get("more_body", False) and not self._trailers_follow
            case "http.response.trailers":
                return not message.get("more_trailers", False)
            case kind:
                return bool(kind == "http.response.pathsend")

    def _finish(self, error: BaseException | None) -> None:
        if self._is_finished:
            return
        self._is_finished = True
        record, attributes = self._record, self._attributes
        if (route := record.route) is not None:
            attributes["http.route"] = route
        if record.status is not None:
            attributes["http.response.status_code"] = record.status
        is_failed = error is not None or (
            not self._is_websocket and (record.status is None or record.status >= 500)
        )
        if is_failed:
            failure = error or (record.exceptions[-1] if record.exceptions else None)
            attributes["error.type"] = str(record.status) if failure is None else exception_type(failure)
        if record.span is not None:
            record.name_span()
            record.span.set_attributes(attributes)
            if is_failed:
                record.span.set_status(StatusCode.ERROR)
        if self._instruments is not None:
            duration, active = self._instruments
            # The span is still the current one, so that a measurement's exemplar can name it.
            duration.record(max(0.0, perf_counter() - self._started), attributes)
            active.add(-1, self._active_attributes)
        if record.span is not None:
            record.span.end()
