"""The outermost layer of an application with telemetry: what is observed, and by which providers.

Knows: OpenTelemetry's providers, global and given ones. Does not know: how one request is observed
(`observation`). It asks for the providers at every request: they may be set up after the application.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from opentelemetry import _logs, metrics, propagate, trace
from opentelemetry import context as otel_context
from opentelemetry.metrics import Histogram, UpDownCounter
from opentelemetry.trace import SpanKind

from fasterapi._version import __version__
from fasterapi.middleware._record import Middleware
from fasterapi.telemetry.attributes import (
    OTHER_METHOD,
    SCHEMA_URL,
    HeadersGetter,
    known_methods,
    request_attributes,
    span_attributes,
)
from fasterapi.telemetry.observation import ExceptionNotes, Observation
from fasterapi.telemetry.record import CONTEXT_KEY, SCOPE_KEY, Record
from fasterapi.types import Receive, Scope, Send

__all__ = ["Telemetry"]

Entry = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

_NAME: Final = "fasterapi"
_GETTER: Final = HeadersGetter()
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)  # seconds


class Telemetry:
    """Observes the requests of one application; see `TelemetryConfig` for the options."""

    def __init__(
        self,
        *,
        tracer_provider: trace.TracerProvider | None,
        meter_provider: metrics.MeterProvider | None,
        logger_provider: _logs.LoggerProvider | None,
        tracing: bool,
        metrics: bool,
        logs: bool,
        operation_spans: bool,
        auto_configure: bool,
        exclude: Callable[[Scope], bool] | None,
    ) -> None:
        self.tracer_provider = tracer_provider
        self.meter_provider = meter_provider
        self.logger_provider = logger_provider
        self.tracing = tracing
        self.metrics = metrics
        self.logs = logs
        self.operation_spans = operation_spans
        self.auto_configure = auto_configure
        self.exclude = exclude
        self._methods = known_methods()
        self._meter: tuple[Any, Histogram, UpDownCounter] | None = None
        self._tracer: tuple[Any, trace.Tracer] | None = None

    @property
    def middleware(self) -> Middleware:
        """What stands innermost of the framework's own middleware."""
        return Middleware(ExceptionNotes)

    def around(self, app: Any, stack: Any) -> Entry:
        """The entry of the application `app` whose middleware is `stack`."""
        has_other = _has_contrib_middleware(stack)

        async def serve(scope: Scope, receive: Receive, send: Send) -> None:
            scope["app"] = app
            if scope["type"] == "lifespan":
                from fasterapi.telemetry.export import with_exporters  # noqa: PLC0415 - needs the SDK

                await with_exporters(self, stack, scope, receive, send)
            elif SCOPE_KEY in scope or has_other:
                await stack(scope, receive, send)
            else:
                await self._serve(stack, scope, receive, send)

        return serve

    async def _serve(self, stack: Entry, scope: Scope, receive: Receive, send: Send) -> None:
        if self.exclude is not None and self.exclude(scope):
            await _unobserved(stack, scope, receive, send)
            return
        tracer = self._current_tracer() if self.tracing else None
        logger = self._current_logger() if self.logs else None
        is_http = scope["type"] == "http"
        instruments = self._current_instruments() if self.metrics and is_http else None
        if tracer is None and logger is None and instruments is None:
            await stack(scope, receive, send)
            return
        attributes = request_attributes(scope, self._methods)
        method = attributes.get("http.request.method", "WS")
        record = Record(
            scope=scope,
            span=None,
            span_method="HTTP" if method == OTHER_METHOD else method,
            tracer=tracer if self.operation_spans else None,
            logger=logger,
            root=scope.get("app_root_path", scope.get("root_path", "")).rstrip("/"),
        )
        if tracer is None:
            await Observation(record, attributes, instruments).run(stack, scope, receive, send)
            return
        parent = propagate.extract(scope.get("headers", []), getter=_GETTER)
        token = otel_context.attach(parent)
        try:
            record.span = tracer.start_span(
                record.span_method,
                context=parent,
                kind=SpanKind.SERVER,
                attributes=span_attributes(scope, attributes),
            )
            await Observation(record, attributes, instruments).run(stack, scope, receive, send)
        finally:
            otel_context.detach(token)

    def _current_tracer(self) -> trace.Tracer | None:
        provider = self.tracer_provider or trace.get_tracer_provider()
        if self._is_idle(self.tracer_provider, provider, trace.NoOpTracerProvider):
            return None
        if self._tracer is None or self._tracer[0] is not provider:
            self._tracer = (provider, provider.get_tracer(_NAME, __version__, schema_url=SCHEMA_URL))
        return self._tracer[1]

    def _current_logger(self) -> _logs.Logger | None:
        provider = self.logger_provider or _logs.get_logger_provider()
        if self._is_idle(self.logger_provider, provider, _logs.NoOpLoggerProvider):
            return None
        return provider.get_logger(_NAME, __version__, schema_url=SCHEMA_URL)

    def _current_instruments(self) -> tuple[Histogram, UpDownCounter] | None:
        provider = self.meter_provider or metrics.get_meter_provider()
        if self._is_idle(self.meter_provider, provider, metrics.NoOpMeterProvider):
            return None
        if self._meter is None or self._meter[0] is not provider:
            meter = provider.get_meter(_NAME, __version__, schema_url=SCHEMA_URL)
            duration = meter.create_histogram(
                "http.server.request.duration",
                unit="s",
                description="Duration of HTTP server requests.",
                explicit_bucket_boundaries_advisory=_BUCKETS,
            )
            active = meter.create_up_down_counter(
                "http.server.active_requests",
                unit="{request}",
                description="Number of active HTTP server requests.",
            )
            self._meter = (provider, duration, active)
        return self._meter[1:]

    @staticmethod
    def _is_idle(given: Any, provider: Any, no_op: type) -> bool:
        return isinstance(provider, no_op) or (given is None and is_unconfigured(provider))


_PROXIES: Final = frozenset(
    {
        ("opentelemetry.trace", "ProxyTracerProvider"),
        ("opentelemetry.metrics._internal", "_ProxyMeterProvider"),
        ("opentelemetry._logs._internal", "ProxyLoggerProvider"),
    }
)


def is_unconfigured(provider: Any) -> bool:
    """Whether this is the API's stand-in for a provider that nobody has set; the API does not tell otherwise."""
    return (type(provider).__module__, type(provider).__name__) in _PROXIES


async def _unobserved(stack: Entry, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve a request so that nothing inside, a mounted application either, observes it."""
    scope[SCOPE_KEY] = None
    token = otel_context.attach(otel_context.set_value(CONTEXT_KEY, None))
    try:
        await stack(scope, receive, send)
    finally:
        otel_context.detach(token)
        scope.pop(SCOPE_KEY, None)


def _has_contrib_middleware(stack: Any) -> bool:
    """Whether OpenTelemetry's own ASGI middleware observes the application already."""
    seen: set[int] = set()
    while stack is not None and id(stack) not in seen:
        seen.add(id(stack))
        kind = type(stack)
        if (kind.__module__, kind.__name__) == (
            "opentelemetry.instrumentation.asgi",
            "OpenTelemetryMiddleware",
        ):
            return True
        stack = getattr(stack, "app", None)
    return False
