"""What a request's handler is given, for span and log processors that want to add some of it.

Knows: requests, WebSockets. Does not know: spans. Nothing of this is exported by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fasterapi.requests import Request
from fasterapi.requests._body import BODY_KEY
from fasterapi.requests._json import decode_json
from fasterapi.websockets import WebSocket

if TYPE_CHECKING:
    from opentelemetry.context import Context

__all__ = ["TelemetryData", "get_telemetry_data"]


@dataclass(kw_only=True)
class TelemetryData:
    """Data of one request or connection, to be read only, and only while it is served.

    `request` or `websocket` is there when its handler starts, `values`, the handler's arguments by name, when the
    handler is called, and `errors` when the request does not fit what the handler declares.
    """

    request: Request | None = None
    websocket: WebSocket | None = None
    values: dict[str, Any] | None = None
    errors: Sequence[Any] | None = None

    @property
    def body(self) -> Any:
        """The body that was read for the handler's parameters, decoded if it is JSON; None without one."""
        body = None if self.request is None else self.request.scope.get(BODY_KEY)
        if not isinstance(body, bytes) or not body:
            return None
        try:
            return decode_json(body)
        except ValueError:
            return body


def get_telemetry_data(context: "Context | None" = None) -> TelemetryData | None:
    """The data of the request that `context` (the current one) belongs to; None outside, and after its end.

    A processor of log records passes `record.context`.
    """
    from fasterapi.telemetry.record import current_record  # noqa: PLC0415 - needs OpenTelemetry

    record = current_record(context)
    return None if record is None else record.data
