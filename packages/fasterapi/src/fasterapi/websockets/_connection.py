"""One WebSocket connection, from the handshake to the close.

Knows: the order of a connection's messages. Does not know: what they carry (`_data`), routes, dependencies.
Invariant: a message that the state does not allow is never sent; the error says what would be.
"""

import asyncio
import contextlib
from collections.abc import Collection, Iterable
from typing import Final, NoReturn

from fasterapi._origins import is_allowed
from fasterapi.datastructures._headers import encode_header
from fasterapi.exceptions import WebSocketException
from fasterapi.responses import Response
from fasterapi.shutdown import is_going_down, tell_of_shutdown
from fasterapi.types import Message, Receive, Scope, Send
from fasterapi.websockets import _messages as messages
from fasterapi.websockets._data import DataMessages
from fasterapi.websockets._messages import WebSocketDisconnect, WebSocketState

# Members of an enumeration are found through its class, which costs more.
_CONNECTING: Final = WebSocketState.CONNECTING
_CONNECTED: Final = WebSocketState.CONNECTED
_DISCONNECTED: Final = WebSocketState.DISCONNECTED
_RESPONSE: Final = WebSocketState.RESPONSE

_ANSWERS: Final = frozenset({"websocket.accept", "websocket.close", "websocket.http.response.start"})

# Where a route's limits stand in the scope: its `max_message_size` and `idle_timeout`.
LIMITS_KEY: Final = "fasterapi.websocket"

# How long a message may be handled when the server is going down, until its answer. uvicorn itself closes connections
# within as long.
ANSWER_SECONDS: Final = 0.1


class WebSocket(DataMessages):
    """One WebSocket: `accept()` it, then receive and send until one side closes.

    `max_message_size` limits what is received, in bytes (in characters for text); `None` leaves it to the
    server. `idle_timeout` is how many seconds the client may be silent. Methods that receive raise
    `WebSocketDisconnect` when the client has closed or the server is going down, and `WebSocketException` for a
    message of the wrong kind (1003), content (1007) or size (1009), and for silence (3008): left to the
    framework, it closes the connection with that code.
    """

    __slots__ = (
        "_idle_timeout",
        "_max_message_size",
        "_receive",
        "_send",
        "application_state",
        "client_state",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        max_message_size: int | None = None,
        idle_timeout: float | None = None,
    ) -> None:
        super().__init__(scope)
        if scope["type"] != "websocket":
            raise RuntimeError(f'a WebSocket is made of a scope of type "websocket", not {scope["type"]!r}')
        self._receive = receive
        self._send = send
        self._take: Receive = messages.not_accepted
        self._give: Send = messages.not_open
        self._in_hand = False
        self.client_state = _CONNECTING
        self.application_state = _CONNECTING
        limits = scope.get(LIMITS_KEY)
        if limits is not None:
            max_message_size = limits[0] if max_message_size is None else max_message_size
            idle_timeout = limits[1] if idle_timeout is None else idle_timeout
        self._max_message_size = max_message_size
        self._idle_timeout = idle_timeout

    @property
    def max_message_size(self) -> int | None:
        """The bytes, or characters of text, that a message may have from now on."""
        return self._max_message_size

    @max_message_size.setter
    def max_message_size(self, size: int | None) -> None:
        self._max_message_size = size
        self._limit()

    @property
    def idle_timeout(self) -> float | None:
        """The seconds that the next message may take."""
        return self._idle_timeout

    @idle_timeout.setter
    def idle_timeout(self, seconds: float | None) -> None:
        self._idle_timeout = seconds
        self._limit()

    def _limit(self) -> None:
        if self._give is self._send:
            self._take = messages.limited(self._receive, self._max_message_size, self._idle_timeout)

    def _open(self) -> None:
        self.application_state = _CONNECTED
        self._in_hand = False
        self._give = self._send
        self._limit()
        tell_of_shutdown(self.scope, self)

    def _shut(self) -> None:
        self.application_state = _DISCONNECTED
        self._take = messages.not_accepted
        self._give = messages.all_sent

    def _lost(self) -> WebSocketDisconnect:
        """What is raised when the server cannot send any more."""
        # The server may close connections for the shutdown before the handlers are told of it.
        is_leaving = self._take == self._leave or is_going_down(self.scope)
        self._shut()
        return messages.restart() if is_leaving else WebSocketDisconnect(messages.ABNORMAL_CLOSURE)

    def _refusal(self, message: Message, wanted: str, given: str) -> Exception:
        """What is raised for a message that has no `wanted` data."""
        if message["type"] == "websocket.disconnect":
            was_closed_here = self._take is messages.receive_at_shutdown
            self._note_disconnect()
            if was_closed_here:
                return messages.restart()
        return messages.refusal(message, wanted, given)

    def _note_disconnect(self) -> None:
        self.client_state = _DISCONNECTED
        self._take = messages.all_received

    async def receive(self) -> Message:
        """The next ASGI message. `WebSocketDisconnected` after the last one."""
        if self.client_state is _DISCONNECTED:
            return await messages.all_received()
        is_open = self.application_state is _CONNECTED is self.client_state
        self._in_hand = False
        message = await (self._take if is_open else self._receive)()
        self._in_hand = True
        kind = message["type"]
        if self.client_state is _CONNECTING:
            if kind != "websocket.connect":
                raise messages.unexpected(kind, "websocket.connect")
            self.client_state = _CONNECTED
        elif kind == "websocket.disconnect":
            self._note_disconnect()
        elif kind != "websocket.receive":
            raise messages.unexpected(kind, "websocket.receive", "websocket.disconnect")
        return message

    async def send(self, message: Message) -> None:
        """Send an ASGI message. `WebSocketDisconnected` after the close, `WebSocketDisconnect` on failure."""
        kind = message["type"]
        if self.application_state is _CONNECTED:
            if kind == "websocket.close":
                self._shut()
            elif kind != "websocket.send":
                raise messages.unexpected(kind, "websocket.send", "websocket.close")
            try:
                await self._send(message)
            except OSError as error:
                raise self._lost() from error
        elif self.application_state is _CONNECTING and kind in _ANSWERS:
            if kind == "websocket.accept":
                self._open()
            elif kind == "websocket.close":
                self._shut()
            else:
                self.application_state = _RESPONSE
            await self._send(message)
        elif self.application_state is _RESPONSE:
            if kind != "websocket.http.response.body":
                raise messages.unexpected(kind, "websocket.http.response.body")
            if not message.get("more_body", False):
                self._shut()
            await self._send(message)
        else:
            await self._give(message)

    def is_from(self, origins: Collection[str]) -> bool:
        """Whether the page that opened the connection is of one of `origins` (`"https://example.org"`).

        `"same-origin"` among them stands for this host, `"*"` for all. Clients that are no browsers send no
        origin, and need none: only a browser adds its user's cookies to a stranger's request (CWE-1385).

        >>> scope = {"type": "websocket", "headers": [(b"host", b"a.example"), (b"origin", b"https://evil")]}
        >>> WebSocket(scope, None, None).is_from(["same-origin", "https://b.example"])
        False
        """
        return is_allowed(self.scope, origins)

    async def accept(
        self,
        subprotocol: str | None = None,
        headers: Iterable[tuple[bytes, bytes]] | None = None,
        *,
        allowed_origins: Collection[str] | None = None,
    ) -> None:
        """Complete the handshake. `ValueError` for a header or a `subprotocol` with a line break.

        `WebSocketException` 1008, which the framework makes a 403 of, unless the page that asks is from one of
        `allowed_origins` (see `is_from`).
        """
        if allowed_origins is not None and not self.is_from(allowed_origins):
            raise WebSocketException(messages.POLICY_VIOLATION, "this origin is not allowed")
        if subprotocol is not None:
            encode_header("sec-websocket-protocol", subprotocol)
        checked = [encode_header(n.decode("latin-1"), v.decode("latin-1")) for n, v in headers or ()]
        if self.client_state is _CONNECTING:
            await self.receive()
        await self.send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": checked})

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the connection, or refuse it before `accept` (the client sees 403).

        The first 123 bytes of `reason` are sent.
        """
        await self.send(messages.close_message(code, reason))

    async def send_denial_response(self, response: Response) -> None:
        """Refuse the handshake with an HTTP response. `RuntimeError` where the server can't."""
        if "websocket.http.response" not in (self.scope.get("extensions") or {}):
            raise RuntimeError("The server doesn't support the Websocket Denial Response extension.")
        await response(self.scope, self.receive, self.send)

    def on_shutdown(self) -> None:
        """The server is going down: close with 1012, after the answer to a message that is being handled."""
        if self._give is self._send:
            self._take = self._leave
            farewell = asyncio.ensure_future(self._say_farewell())
            _farewells.add(farewell)
            farewell.add_done_callback(_farewells.discard)

    async def _say_farewell(self) -> None:
        # Whoever waits for the shutdown itself comes first, and may have a last word.
        await asyncio.sleep(ANSWER_SECONDS if self._in_hand else 0)
        with contextlib.suppress(WebSocketDisconnect):
            await self._leave()

    async def _leave(self) -> NoReturn:
        if self._give is self._send:
            self._shut()
            self._take = messages.receive_at_shutdown
            self._give = messages.send_at_shutdown
            # The server may have closed the connection, and not told the handler yet.
            with contextlib.suppress(OSError, RuntimeError):
                await self._send(messages.close_message(messages.SERVICE_RESTART, messages.RESTART_REASON))
        await messages.receive_at_shutdown()


# The loop holds its tasks weakly.
_farewells: set["asyncio.Future[None]"] = set()
