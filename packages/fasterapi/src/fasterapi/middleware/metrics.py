"""Prometheus: how many requests, how long, how large, how many at once; and the endpoint that tells.

Knows: prometheus_client (the extra `prometheus`), ASGI's messages. Does not know: handlers.
Invariant: the number of time series is bounded by what the application declares, whatever clients ask for.
"""

from __future__ import annotations

import os
import time
import weakref
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.routing.template import route_template
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    import prometheus_client

__all__ = ["PrometheusMiddleware", "metrics_endpoint"]

_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
OTHER_METHOD: Final = "OTHER"
NO_ROUTE: Final = "<none>"
# Seconds: OpenTelemetry's advice for `http.server.request.duration`.
DURATION_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
SIZE_BUCKETS: Final = tuple(float(10**power) for power in range(2, 9))  # 100 bytes to 100 MB


def _prometheus() -> Any:
    try:
        import prometheus_client  # noqa: PLC0415 - an extra, wanted by this module alone
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "metrics need prometheus_client, which is not installed.\n"
            '  fix: pip install "fasterapi[prometheus]", or pip install prometheus-client'
        ) from error
    return prometheus_client


class PrometheusMiddleware:
    """Count HTTP requests by method, route and status; measure their duration and the sizes of both bodies.

    The metrics are `{prefix}_requests_total` (method, route, status), `{prefix}_request_duration_seconds`,
    `{prefix}_request_size_bytes`, `{prefix}_response_size_bytes` (method, route) and `{prefix}_requests_in_progress`
    (method). `route` is the template; all paths without a route are `<none>`, all unknown methods `OTHER`.
    Of WebSockets, there are `{websocket_prefix}_connections_total` (route, status: 101, or that of the refusal),
    `{websocket_prefix}_connections_open` (route), `{websocket_prefix}_messages_received_total` and
    `{websocket_prefix}_messages_sent_total` (route).

    All are made once per `registry`, the default one unless given. `exclude(scope)` is True for requests and
    connections that are not counted, `clock()` gives seconds. Raises `RuntimeError` if prometheus_client is not
    installed.
    """

    outside_errors = True  # see `middleware.stack`

    def __init__(
        self,
        app: ASGIApp,
        *,
        registry: prometheus_client.CollectorRegistry | None = None,
        prefix: str = "http",
        websocket_prefix: str = "websocket",
        buckets: Sequence[float] = DURATION_BUCKETS,
        exclude: Callable[[Scope], bool] | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.app = app
        self._exclude = exclude
        self._clock = clock
        self._registry = registry or _prometheus().REGISTRY
        self._metrics = _metrics_of(self._registry, prefix, tuple(buckets))
        self._websocket_prefix = websocket_prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or (self._exclude is not None and self._exclude(scope)):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            from fasterapi.middleware._websocketmetrics import websocket_metrics  # noqa: PLC0415 - there is one

            counting = websocket_metrics(_prometheus(), self._registry, self._websocket_prefix)
            await counting.serve(self.app, scope, receive, send, NO_ROUTE)
            return
        metrics = self._metrics
        method = scope["method"] if scope["method"] in _METHODS else OTHER_METHOD
        in_progress = metrics.in_progress_of(method)
        status = 500  # what is answered further out if the application raises before it answers
        received = sent = 0
        is_done = False
        began = self._clock()

        async def counted_receive() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
            return message

        def counted_send(message: Message) -> Awaitable[None]:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                if not message.get("more_body", False):
                    return last_send(message)
            return send(message)

        async def last_send(message: Message) -> None:
            await send(message)
            done()

        def done() -> None:
            nonlocal is_done
            if is_done:
                return
            is_done = True
            route = route_template(scope) or NO_ROUTE
            in_progress.dec()
            count, duration, request_size, response_size = metrics.series_of(method, route, status)
            count.inc()
            duration.observe(self._clock() - began)
            request_size.observe(received)
            response_size.observe(sent)

        in_progress.inc()
        try:
            await self.app(scope, counted_receive, counted_send)
        finally:
            done()


class _Metrics:
    """The metrics of one prefix in one registry."""

    def __init__(self, registry: Any, prefix: str, buckets: tuple[float, ...]) -> None:
        client = _prometheus()
        by_route = ("method", "route")
        self.buckets = buckets
        self._gauges: dict[str, Any] = {}
        self._series: dict[tuple[str, str, int], tuple[Any, Any, Any, Any]] = {}
        self.requests = client.Counter(
            f"{prefix}_requests", "HTTP requests.", (*by_route, "status"), registry=registry
        )
        self.duration = client.Histogram(
            f"{prefix}_request_duration_seconds",
            "Time from the request's arrival to the last byte of its response.",
            by_route,
            registry=registry,
            buckets=buckets,
        )
        self.request_size = client.Histogram(
            f"{prefix}_request_size_bytes",
            "Bytes of request bodies that were read.",
            by_route,
            registry=registry,
            buckets=SIZE_BUCKETS,
        )
        self.response_size = client.Histogram(
            f"{prefix}_response_size_bytes",
            "Bytes of response bodies.",
            by_route,
            registry=registry,
            buckets=SIZE_BUCKETS,
        )
        self.in_progress = client.Gauge(
            f"{prefix}_requests_in_progress",
            "HTTP requests that are being served.",
            ("method",),
            registry=registry,
            multiprocess_mode="livesum",
        )

    def in_progress_of(self, method: str) -> Any:
        """The gauge of one method."""
        gauge = self._gauges.get(method)
        if gauge is None:
            gauge = self._gauges[method] = self.in_progress.labels(method)
        return gauge

    def series_of(self, method: str, route: str, status: int) -> tuple[Any, Any, Any, Any]:
        """Count, duration and both sizes; kept, since finding them by labels takes longer than counting."""
        series = self._series.get((method, route, status))
        if series is None:
            series = self._series[method, route, status] = (
                self.requests.labels(method, route, str(status)),
                self.duration.labels(method, route),
                self.request_size.labels(method, route),
                self.response_size.labels(method, route),
            )
        return series


_known: weakref.WeakKeyDictionary[Any, dict[str, _Metrics]] = weakref.WeakKeyDictionary()


def _metrics_of(registry: Any, prefix: str, buckets: tuple[float, ...]) -> _Metrics:
    """The metrics of `registry`; two applications in one process share them, as a name exists only once."""
    known = _known.setdefault(registry, {})
    if prefix not in known:
        known[prefix] = _Metrics(registry, prefix, buckets)
    elif known[prefix].buckets != buckets:
        raise ValueError(
            f"PrometheusMiddleware: {prefix}_request_duration_seconds has other buckets in this registry already: "
            f"{known[prefix].buckets}\n  fix: use the same ones, another prefix, or another registry"
        )
    return known[prefix]


def metrics_endpoint(
    registry: prometheus_client.CollectorRegistry | None = None,
) -> Callable[[Request], Response]:
    """The handler that writes all metrics of `registry`: `app.add_route("/metrics", metrics_endpoint())`.

    Text or OpenMetrics, as the client asks for. When `PROMETHEUS_MULTIPROC_DIR` is set, those of all worker
    processes together. Raises `RuntimeError` if prometheus_client is not installed.
    """
    client = _prometheus()

    def metrics(request: Request) -> Response:
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - an extra

        source = registry or client.REGISTRY
        if registry is None and os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

            source = client.CollectorRegistry()
            MultiProcessCollector(source)  # type: ignore[no-untyped-call]  # prometheus_client's
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(source), headers={"content-type": content_type})

    return metrics
