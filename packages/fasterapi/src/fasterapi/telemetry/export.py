"""`auto_configure`: exporters of OTLP over HTTP, added at start-up by the variables of the environment.

Knows: `OTEL_*` variables, the SDK. Does not know: requests. What it has made itself, and nothing else, is flushed
at shutdown and closed at the end of the process.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from opentelemetry import _logs, metrics, trace

from fasterapi.concurrency import run_in_threadpool
from fasterapi.exceptions import FasterAPIError
from fasterapi.telemetry.server import is_unconfigured
from fasterapi.types import Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fasterapi.telemetry.server import Telemetry

__all__ = ["with_exporters"]

_log = logging.getLogger("fasterapi.telemetry")
_lock = threading.RLock()
_own: list[Any] = []
_served: list[tuple[str, Any]] = []  # signal and provider: each gets one exporter of ours, whatever asks

_LAST: Final = {"lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"}


async def with_exporters(
    telemetry: Telemetry,
    app: Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    """Run the lifespan of `app`; a failure of the set-up is logged and does not keep `app` from starting."""

    async def watched_receive() -> Message:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                add_exporters(telemetry)
            except Exception as error:  # telemetry is not what the application is for
                _log.warning("telemetry could not be set up from the environment: %s", error)
        return message

    async def watched_send(message: Message) -> None:
        if message["type"] in _LAST and _own:
            await run_in_threadpool(_each, "force_flush")
        await send(message)

    await app(scope, watched_receive, watched_send)


def add_exporters(telemetry: Telemetry) -> None:
    """Add an exporter for every signal that has an endpoint in the environment.

    Raises FasterAPIError for an exporter or protocol other than OTLP over HTTP, a malformed endpoint, a provider
    that takes no exporter, and when the SDK or its exporter is not installed.
    """
    if not telemetry.auto_configure or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return
    wanted = [
        ("TRACES", telemetry.tracing, telemetry.tracer_provider, trace.get_tracer_provider),
        ("METRICS", telemetry.metrics, telemetry.meter_provider, metrics.get_meter_provider),
        ("LOGS", telemetry.logs, telemetry.logger_provider, _logs.get_logger_provider),
    ]
    with _lock:
        for signal, is_on, given, get_global in wanted:
            endpoint = endpoint_of(signal) if is_on else None
            if endpoint is not None:
                _add_exporter(signal, endpoint, get_global() if given is None else given)


def endpoint_of(signal: str) -> str | None:
    """The URL that a signal is sent to: its own variable, or the common one and the signal's path."""
    exporter = (os.environ.get(f"OTEL_{signal}_EXPORTER") or "otlp").strip().lower()
    endpoint = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    if not endpoint and (common := os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")):
        endpoint = f"{common.removesuffix('/')}/v1/{signal.lower()}"
    if not endpoint or exporter == "none":
        return None
    protocol = (
        os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL")
        or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
        or "http/protobuf"
    )
    if (exporter, protocol) != ("otlp", "http/protobuf"):
        raise FasterAPIError(
            f"auto_configure exports {signal.lower()} by otlp over http/protobuf, not {exporter} over {protocol}.\n"
            "  fix: set up the provider yourself, and leave auto_configure off"
        )
    parsed = urlsplit(endpoint)
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise FasterAPIError(f"the OTLP endpoint for {signal.lower()} is no http(s) URL: {endpoint!r}")
    return endpoint


def _add_exporter(signal: str, endpoint: str, provider: Any) -> None:
    if any(known == signal and served is provider for known, served in _served):
        return
    try:
        from fasterapi.telemetry import _otlp  # noqa: PLC0415 - the SDK and its exporters
    except ImportError as error:
        raise FasterAPIError(
            'auto_configure needs the OpenTelemetry SDK and its OTLP exporter: pip install "fasterapi[telemetry]"'
        ) from error
    exporter = _otlp.make_exporter(signal, endpoint)
    if is_unconfigured(provider):
        provider = _otlp.make_provider(signal, exporter)
        _own.append(provider)
    else:
        register = getattr(provider, _otlp.REGISTER[signal], None)
        if register is None:
            exporter.shutdown()
            raise FasterAPIError(f"the provider for {signal.lower()} takes no exporter: {provider!r}")
        register(exporter)
        _own.append(exporter)
    _served.append((signal, provider))


def _each(method: str) -> None:
    for component in tuple(_own):
        try:
            getattr(component, method)()
        except Exception:
            _log.exception("telemetry: %s failed", method)


@atexit.register
def _close() -> None:
    _each("shutdown")
    _own.clear()
