"""What `Faster(telemetry=...)` takes.

Knows: the options' names, types and defaults. Does not know: OpenTelemetry, until an application asks for it.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypedDict

from fasterapi.types import Scope

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from fasterapi.telemetry.server import Telemetry

__all__ = ["TelemetryConfig", "make_telemetry"]

AUTO_CONFIGURE: Final = "FASTERAPI_OTEL_AUTO_CONFIGURE"


class TelemetryConfig(TypedDict, total=False):
    """The options of `Faster(telemetry={...})`, FastAPI's; one that is left out has its default.

    `tracer_provider`, `meter_provider`, `logger_provider`: used instead of the global ones, never shut down here.
    `tracing`, `metrics`, `logs`: whether to write spans, measure durations, emit events (all on).
    `operation_spans`: spans of dependencies, handler, serialization and background tasks (on).
    `auto_configure`: add OTLP exporters by the `OTEL_*` variables of the environment at start-up (off, unless
    the variable `FASTERAPI_OTEL_AUTO_CONFIGURE` is `true`).
    `exclude(scope)`: True for requests and connections that are not to be observed.
    """

    tracer_provider: "TracerProvider | None"
    meter_provider: "MeterProvider | None"
    logger_provider: "LoggerProvider | None"
    tracing: bool
    metrics: bool
    logs: bool
    operation_spans: bool
    auto_configure: bool
    exclude: Callable[[Scope], bool] | None


def make_telemetry(config: TelemetryConfig | None) -> "Telemetry | None":
    """What observes the requests of one application; None, and nothing is imported, when nobody asks for it.

    It is asked for by a `config`, an empty one as well, and by the variable `FASTERAPI_OTEL_AUTO_CONFIGURE`.
    Raises TypeError for an unknown option, RuntimeError when OpenTelemetry is not installed.
    """
    from_environment = os.environ.get(AUTO_CONFIGURE, "").lower() == "true"
    if config is None and not from_environment:
        return None
    unknown = sorted(set(config or ()) - set(TelemetryConfig.__annotations__))
    if unknown:
        known = ", ".join(TelemetryConfig.__annotations__)
        raise TypeError(f"telemetry has no option {unknown[0]!r}; it has {known}")
    try:
        from fasterapi.telemetry.server import Telemetry  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("opentelemetry"):
            raise
        raise RuntimeError(
            "telemetry needs OpenTelemetry, which is not installed.\n"
            '  fix: pip install "fasterapi[telemetry]", or pip install opentelemetry-sdk'
        ) from error
    defaults: dict[str, Any] = {
        "tracer_provider": None,
        "meter_provider": None,
        "logger_provider": None,
        "tracing": True,
        "metrics": True,
        "logs": True,
        "operation_spans": True,
        "auto_configure": from_environment,
        "exclude": None,
    }
    return Telemetry(**{**defaults, **(config or {})})
