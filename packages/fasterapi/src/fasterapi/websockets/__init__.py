"""WebSockets (RFC 6455) under FastAPI's and Starlette's names.

`_connection.py` is one connection, `_data.py` what its messages carry, `_messages.py` which may follow which.
"""

from fasterapi.websockets._connection import WebSocket
from fasterapi.websockets._messages import (
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

__all__ = ["WebSocket", "WebSocketClose", "WebSocketDisconnect", "WebSocketDisconnected", "WebSocketState"]

# Tracebacks and telemetry name the module that applications import from.
for _class in (WebSocket, WebSocketClose, WebSocketDisconnect, WebSocketDisconnected, WebSocketState):
    _class.__module__ = __name__
