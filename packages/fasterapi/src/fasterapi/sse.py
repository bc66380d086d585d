"""Server-Sent Events under FastAPI's module name; they are written in `responses._events`."""

from fasterapi.responses._events import (
    KEEPALIVE_COMMENT,
    PING_INTERVAL_SECONDS,
    EventSourceResponse,
    ServerSentEvent,
    encode_item,
    encode_message,
    format_sse_event,
    stream_events,
)

__all__ = [
    "KEEPALIVE_COMMENT",
    "PING_INTERVAL_SECONDS",
    "EventSourceResponse",
    "ServerSentEvent",
    "encode_item",
    "encode_message",
    "format_sse_event",
    "stream_events",
]
