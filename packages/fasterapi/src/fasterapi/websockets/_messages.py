"""ASGI's websocket messages: which may follow which, and what is said about one that may not.

Knows: the states of a connection, close codes. Does not know: a connection, a handler.
"""

from __future__ import annotations

import asyncio
import enum
from typing import Final, NoReturn

from fasterapi.exceptions import WebSocketException
from fasterapi.types import Message, Receive, Scope, Send

# RFC 6455, section 7.4.1.
UNSUPPORTED_DATA: Final = 1003
NO_STATUS: Final = 1005
ABNORMAL_CLOSURE: Final = 1006
INVALID_PAYLOAD: Final = 1007
POLICY_VIOLATION: Final = 1008
MESSAGE_TOO_BIG: Final = 1009
# IANA's WebSocket Close Code Number Registry. 1001, "going away", would do as well for a server that stops; but 1012
# tells clients to come back after a random 5 to 30 seconds, and is what uvicorn sends.
SERVICE_RESTART: Final = 1012
RESTART_REASON: Final = "service restart"
TIMEOUT: Final = 3008

# RFC 6455, section 5.5: a close frame has 125 bytes, two of them for the code.
_MAX_REASON_SIZE: Final = 123


class WebSocketState(enum.Enum):
    """How far one side of a connection is."""

    CONNECTING = 0
    CONNECTED = 1
    DISCONNECTED = 2
    RESPONSE = 3


class WebSocketDisconnect(Exception):  # noqa: N818 - Starlette's name
    """The client closed the connection, with this code and reason; 1012 when the server is going down."""

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason or ""


class WebSocketDisconnected(RuntimeError):  # noqa: N818 - Starlette's name
    """A connection is used that is closed, or not accepted yet."""


class WebSocketClose:
    """An ASGI application that closes the connection.

    >>> WebSocketClose(1008, "no").code
    1008
    """

    def __init__(self, code: int = 1000, reason: str | None = None) -> None:
        self.code = code
        self.reason = reason or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send(close_message(self.code, self.reason))


def close_message(code: int, reason: str | None) -> Message:
    """The message that closes; the first 123 bytes of `reason` fit in."""
    return {"type": "websocket.close", "code": code, "reason": fit_reason(reason or "")}


def fit_reason(reason: str) -> str:
    """As much of `reason` as a close frame has room for: one that is too long would lose its code as well."""
    return reason.encode(errors="replace")[:_MAX_REASON_SIZE].decode(errors="ignore")


def unexpected(kind: str, *allowed: str) -> RuntimeError:
    """The error for a message that the state does not allow; it names those that would be."""
    *others, last = (f'"{name}"' for name in allowed)
    names = f"{', '.join(others)} or {last}" if others else last
    return RuntimeError(f"Expected ASGI message {names}, but got {kind!r}")


def restart() -> WebSocketDisconnect:
    """What a handler is told of a connection that was closed because the server is going down."""
    return WebSocketDisconnect(SERVICE_RESTART, RESTART_REASON)


# What stands in a connection's `_take` and `_give` while no data may pass, so that while it may nobody has to ask.


async def not_accepted() -> NoReturn:
    """Nothing is received before `accept`, nor after the own close."""
    raise WebSocketDisconnected('WebSocket is not connected. Need to call "accept" first.')


async def all_received() -> NoReturn:
    """Nothing is received after the client's close."""
    raise WebSocketDisconnected('Cannot call "receive" once a disconnect message has been received.')


async def not_open(message: Message) -> NoReturn:
    """Nothing but the handshake's answer is sent before `accept`."""
    raise unexpected(message["type"], "websocket.accept", "websocket.close", "websocket.http.response.start")


async def all_sent(message: Message) -> NoReturn:  # noqa: ARG001 - ASGI's signature
    """Nothing is sent after the close."""
    raise WebSocketDisconnected('Cannot call "send" once a close message has been sent.')


async def receive_at_shutdown() -> NoReturn:
    """Whoever asks a connection for more that was closed because the server is going down."""
    raise restart()


async def send_at_shutdown(message: Message) -> None:
    """The same for whoever sends; closing what is closed is what was wanted."""
    if message["type"] != "websocket.close":
        raise restart()


def limited(receive: Receive, max_size: int | None, idle_timeout: float | None) -> Receive:
    """`receive` that refuses messages beyond `max_size` (1009) and clients that are silent for too long (3008)."""
    if idle_timeout is not None:
        receive = _timed(receive, idle_timeout)
    if max_size is not None:
        receive = _sized(receive, max_size)
    return receive


def _sized(receive: Receive, limit: int) -> Receive:
    async def receive_sized() -> Message:
        message = await receive()
        if len(message.get("text") or message.get("bytes") or b"") > limit:
            raise WebSocketException(MESSAGE_TOO_BIG, f"a message has at most {limit} bytes")
        return message

    return receive_sized


def _timed(receive: Receive, seconds: float) -> Receive:
    async def receive_timed() -> Message:
        try:
            async with asyncio.timeout(seconds):
                return await receive()
        except TimeoutError:
            raise WebSocketException(TIMEOUT, f"no message came for {seconds:g} seconds") from None

    return receive_timed


def refusal(message: Message, wanted: str, given: str) -> Exception:
    """Why `message`, of an open connection, has no `wanted` data."""
    kind = message["type"]
    if kind == "websocket.disconnect":
        return WebSocketDisconnect(message.get("code", NO_STATUS), message.get("reason"))
    if kind != "websocket.receive":
        return unexpected(kind, "websocket.receive", "websocket.disconnect")
    return WebSocketException(UNSUPPORTED_DATA, f"expected {wanted}, got {given}")
