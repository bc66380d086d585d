"""One observed request: its span, its events, and where both are found while it is served.

Knows: OpenTelemetry's spans and log events, which exceptions are failures. Does not know: ASGI's messages.
"""

from dataclasses import dataclass, field
from time import time_ns
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Span, Tracer

from fasterapi.exceptions import HTTPException, ValidationException, WebSocketException
from fasterapi.routing.template import route_template
from fasterapi.telemetry.data import TelemetryData
from fasterapi.types import Scope
from fasterapi.websockets import WebSocketDisconnect

__all__ = [
    "CONTEXT_KEY",
    "SCOPE_KEY",
    "Record",
    "current_record",
    "exception_type",
    "is_failure",
    "is_normal_close",
    "note_exception",
    "note_refusal",
]

CONTEXT_KEY: Final = otel_context.create_key("fasterapi.request")
SCOPE_KEY: Final = "fasterapi.telemetry"


@dataclass(kw_only=True)
class Record:
    """What is known of a request while it is served. `tracer` is None when operations get no spans."""

    scope: Scope
    span: Span | None
    span_method: str
    tracer: Tracer | None
    logger: Logger | None
    root: str
    status: int | None = None
    data: TelemetryData | None = field(default_factory=TelemetryData)
    exceptions: list[BaseException] = field(default_factory=list)

    @property
    def route(self) -> str | None:
        """The route's template below the application's root path; None as long as none was found."""
        template = route_template(self.scope)
        return None if template is None else self.root + template

    def name_span(self) -> None:
        """Give the span the name and the attribute of the route, if one was found."""
        if self.span is not None and (route := self.route) is not None:
            self.span.set_attribute("http.route", route)
            self.span.update_name(f"{self.span_method} {route}")

    def close(self) -> None:
        """Let go of the request's data."""
        self.data = None
        self.exceptions.clear()


def current_record(context: Context | None = None) -> Record | None:
    """The request that `context` belongs to."""
    value = otel_context.get_value(CONTEXT_KEY, context)
    return value if isinstance(value, Record) else None


def exception_type(error: BaseException) -> str:
    """The value of `error.type`.

    >>> exception_type(ValueError()), exception_type(HTTPException(404))
    ('ValueError', 'fasterapi.exceptions.HTTPException')
    """
    cls = type(error)
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def is_normal_close(error: BaseException) -> bool:
    """Whether a WebSocket's client said goodbye (RFC 6455, section 7.4.1: 1000 and 1001)."""
    return isinstance(error, WebSocketDisconnect) and error.code in {1000, 1001}


def is_failure(error: BaseException) -> bool:
    """Whether an exception is a mistake, rather than an answer in the form of an exception."""
    return not isinstance(error, HTTPException | WebSocketException | ValidationException) and not (
        is_normal_close(error)
    )


def note_exception(scope: Scope, error: BaseException) -> None:
    """Remember an exception that nobody handled, and emit its event, once."""
    record = scope.get(SCOPE_KEY)
    is_websocket = scope["type"] == "websocket"
    if not isinstance(record, Record) or (is_websocket and is_normal_close(error)):
        return
    if any(known is error for known in record.exceptions):
        return
    record.exceptions.append(error)
    if record.logger is not None and isinstance(error, Exception):
        route = record.route
        record.logger.emit(
            exception=error,
            event_name="fasterapi.websocket.exception" if is_websocket else "http.server.request.exception",
            timestamp=time_ns(),
            severity_number=SeverityNumber.ERROR,
            severity_text="ERROR",
            body=f"Unhandled exception in {'WebSocket connection' if is_websocket else 'request'}",
            attributes={"http.route": route} if route else None,
        )


def note_refusal(error: ValidationException) -> None:
    """Emit the event of a request that does not fit what its handler declares."""
    record = current_record()
    if record is None:
        return
    if record.data is not None:
        record.data.errors = error.errors()
    if record.logger is not None:
        attributes: dict[str, Any] = {"fasterapi.validation.error_count": len(error.errors())}
        if (route := record.route) is not None:
            attributes["http.route"] = route
        record.logger.emit(
            event_name="fasterapi.validation.failed",
            timestamp=time_ns(),
            severity_number=SeverityNumber.WARN,
            severity_text="WARN",
            body="Request validation failed",
            attributes=attributes,
        )
