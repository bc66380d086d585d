"""Prometheus' numbers of WebSockets: handshakes, open connections, messages.

Knows: ASGI's messages of WebSockets, counters and gauges. Does not know: registries' owners, HTTP requests (`metrics`).
Imported when the first WebSocket comes.
"""

from __future__ import annotations

import weakref
from collections.abc import Awaitable
from typing import Any

from fasterapi.routing.template import route_template
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["WebSocketMetrics", "websocket_metrics"]


class WebSocketMetrics:
    """The metrics of one prefix in one registry; `client` is the module `prometheus_client`."""

    def __init__(self, client: Any, registry: Any, prefix: str) -> None:
        by_route = ("route",)
        self.connections = client.Counter(
            f"{prefix}_connections", "WebSocket handshakes.", (*by_route, "status"), registry=registry
        )
        self.open = client.Gauge(
            f"{prefix}_connections_open",
            "WebSocket connections that are open.",
            by_route,
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.received = client.Counter(
            f"{prefix}_messages_received", "Messages of WebSocket clients.", by_route, registry=registry
        )
        self.sent = client.Counter(
            f"{prefix}_messages_sent", "Messages to WebSocket clients.", by_route, registry=registry
        )

    async def serve(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, no_route: str) -> None:
        """Run `app` for one connection, and count what passes. `no_route` stands for all paths without a route."""
        status: int | None = None
        received: Any = None
        sent: Any = None
        opened: Any = None

        def answered(answer: int) -> None:
            """Note how the handshake was answered: only now the route is known."""
            nonlocal status, received, sent, opened
            status = answer
            route = route_template(scope) or no_route
            self.connections.labels(route, str(status)).inc()
            if status == 101:
                received, sent = self.received.labels(route), self.sent.labels(route)
                opened = self.open.labels(route)
                opened.inc()

        async def counted_receive() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and received is not None:
                received.inc()
            return message

        def counted_send(message: Message) -> Awaitable[None]:
            match message["type"]:
                case "websocket.send" if sent is not None:
                    sent.inc()
                case "websocket.accept":
                    answered(101)
                case "websocket.http.response.start":
                    answered(message["status"])
                case "websocket.close" if status is None:
                    answered(403)  # what servers make of it
            return send(message)

        try:
            await app(scope, counted_receive, counted_send)
        except Exception:
            if status is None:
                answered(500)  # what servers make of it
            raise
        finally:
            if opened is not None:
                opened.dec()


_known: weakref.WeakKeyDictionary[Any, dict[str, WebSocketMetrics]] = weakref.WeakKeyDictionary()


def websocket_metrics(client: Any, registry: Any, prefix: str) -> WebSocketMetrics:
    """The metrics of `registry`; several applications in one process share them, as a name exists only once."""
    known = _known.setdefault(registry, {})
    if prefix not in known:
        known[prefix] = WebSocketMetrics(client, registry, prefix)
    return known[prefix]
