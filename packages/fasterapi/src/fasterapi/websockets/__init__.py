"""WebSockets (RFC 6455) under FastAPI's and Starlette's names.

`_connection.py` is one connection, `_messages.py` what may be sent and received when, `_origins.py` who may connect.
"""

from fasterapi.websockets._connection import WebSocket
from fasterapi.websockets._messages import (
    WebSocketClose,
    WebSocketDisconnect,
    WebSocketDisconnected,
    WebSocketState,
)

__all__ = ["WebSocket", "WebSocketClose", "WebSocketDisconnect", "WebSocketDisconnected", "WebSocketState"]
