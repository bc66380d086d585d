"""A scope → the attributes of its span and of its measurements.

Knows: OpenTelemetry's semantic conventions for HTTP servers. Does not know: spans, providers.
"""

import os
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from opentelemetry.propagators.textmap import Getter

from fasterapi.middleware import _headers
from fasterapi.types import Scope

__all__ = ["SCHEMA_URL", "HeadersGetter", "known_methods", "request_attributes", "span_attributes"]

# https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.44.0"
OTHER_METHOD: Final = "_OTHER"
_METHODS: Final = "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE"
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
# Signatures of object stores: whoever has one has the object.
_SECRET_PARAMETERS: Final = frozenset(
    {"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "sig", "X-Goog-Signature"}
)

Pairs = list[tuple[bytes, bytes]]


class HeadersGetter(Getter[Pairs]):
    """How a propagator reads ASGI's raw headers (OpenTelemetry's `Getter`)."""

    def get(self, carrier: Pairs, key: str) -> list[str] | None:
        """All values of one header; None without one."""
        wanted = key.lower().encode("latin-1")
        values = [value.decode("latin-1") for name, value in carrier if name == wanted]
        if wanted == b"baggage" and values:
            return [",".join(values)]  # its propagator reads the first value alone
        return values or None

    def keys(self, carrier: Pairs) -> list[str]:
        """The names of all headers."""
        return [name.decode("latin-1") for name, _ in carrier]


def known_methods() -> frozenset[str]:
    """The methods that attributes may name; `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS` replaces them."""
    given = os.environ.get("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "").replace(",", " ").split()
    return frozenset(given or _METHODS.split())


def request_attributes(scope: Scope, methods: frozenset[str]) -> dict[str, Any]:
    """What spans and measurements share before the response is known."""
    if scope["type"] == "websocket":
        return {"url.scheme": scope.get("scheme", "ws"), "network.protocol.name": "websocket"}
    method = scope["method"]
    attributes: dict[str, Any] = {
        "url.scheme": scope.get("scheme", "http"),
        "http.request.method": method if method in methods else OTHER_METHOD,
    }
    if scope.get("http_version"):
        attributes["network.protocol.version"] = scope["http_version"]
    return attributes


def span_attributes(scope: Scope, shared: dict[str, Any]) -> dict[str, Any]:
    """What a span has further: the server's address, and for HTTP the path and the query without secrets."""
    attributes = {**shared, **_server(scope)}
    if scope["type"] == "websocket":
        return attributes
    attributes["url.path"] = scope["path"]
    if scope.get("query_string"):
        attributes["url.query"] = _query(scope["query_string"])
    if shared["http.request.method"] != scope["method"]:
        attributes["http.request.method_original"] = scope["method"]
    return attributes


def _query(query: bytes) -> str:
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return urlencode([(name, "REDACTED" if name in _SECRET_PARAMETERS else value) for name, value in pairs])


def _server(scope: Scope) -> dict[str, Any]:
    authority = _headers.find(scope.get("headers", ()), b"host")
    if authority is None:
        address, port = scope.get("server") or (None, None)
    else:
        try:
            url = urlsplit("//" + authority.decode("latin-1"))
            address, port = url.hostname, url.port
        except ValueError:
            return {}
        if url.username is not None or url.path or url.query or url.fragment:
            return {}
        port = _PORTS.get(scope.get("scheme", "http")) if port is None else port
    if address is None:
        return {}
    return {"server.address": address} if port is None else {"server.address": address, "server.port": port}
