"""OpenTelemetry's SDK and its OTLP exporters: the one module that imports them.

Knows: which class sends which signal. Does not know: the environment.
"""

from typing import Any, Final

from opentelemetry import _logs, metrics, trace
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

# How a provider takes an exporter.
REGISTER: Final = {
    "TRACES": "add_span_processor",
    "METRICS": "add_metric_reader",
    "LOGS": "add_log_record_processor",
}


def make_exporter(signal: str, endpoint: str) -> Any:
    """What collects one signal and sends it to `endpoint`."""
    if signal == "TRACES":
        return BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint))
    if signal == "METRICS":
        return PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=endpoint))
    return BatchLogRecordProcessor(OTLPLogExporter(endpoint=endpoint))


def make_provider(signal: str, exporter: Any) -> Any:
    """A provider with this exporter, set as the global one."""
    if signal == "TRACES":
        tracer_provider = TracerProvider(shutdown_on_exit=False)
        tracer_provider.add_span_processor(exporter)
        trace.set_tracer_provider(tracer_provider)
        return tracer_provider
    if signal == "METRICS":
        meter_provider = MeterProvider(metric_readers=[exporter], shutdown_on_exit=False)
        metrics.set_meter_provider(meter_provider)
        return meter_provider
    logger_provider = LoggerProvider(shutdown_on_exit=False)
    logger_provider.add_log_record_processor(exporter)
    _logs.set_logger_provider(logger_provider)
    return logger_provider
