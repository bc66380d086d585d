"""OpenTelemetry: traces, metrics and events of an application, `Faster(telemetry={...})`.

Knows: what users import. Does not know: OpenTelemetry, which is imported by an application that wants it
(`telemetry.server`), and by nothing else.
"""

from fasterapi.telemetry.config import TelemetryConfig
from fasterapi.telemetry.data import TelemetryData, get_telemetry_data

__all__ = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]
