"""OpenTelemetry: traces, metrics and events of an application, `Faster(telemetry={...})`.

Knows: what users import. Does not know: OpenTelemetry, which is imported by an application that wants it
(`telemetry.server`), and by nothing else.
"""

from typing import TYPE_CHECKING

from fasterapi._lazy import lazy_names
from fasterapi.telemetry.config import TelemetryConfig

if TYPE_CHECKING:
    from fasterapi.telemetry.data import TelemetryData, get_telemetry_data
else:
    __getattr__, __dir__ = lazy_names(
        __name__, {"fasterapi.telemetry.data": ("TelemetryData", "get_telemetry_data")}
    )

__all__ = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]
