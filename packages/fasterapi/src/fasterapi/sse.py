"""Server-Sent Events under FastAPI's module name; see `responses._events` and `._eventformat`."""

from fasterapi.responses._eventformat import ServerSentEvent, encode_item, encode_message, format_sse_event
from fasterapi.responses._events import (
    KEEPALIVE_COMMENT,
    PING_INTERVAL_SECONDS,
    EventSourceResponse,
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
