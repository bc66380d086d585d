"""One WebSocket connection to an ASGI application, seen from the client.

Knows: the `websocket` scope's messages. Does not know: threads.
"""

import asyncio
from collections.abc import Sequence

import httpx

from fasterapi._testclient.grace import end_task
from fasterapi.types import ASGIApp, Message, Scope
from fasterapi.websockets import WebSocketDisconnect


class WebSocketDenialResponse(httpx.Response, WebSocketDisconnect):  # type: ignore[misc]
    """The HTTP response by which an application refused a WebSocket; `code` is 1006: no close frame."""

    def __init__(self, status_code: int, headers: Sequence[tuple[bytes, bytes]], content: bytes) -> None:
        httpx.Response.__init__(self, status_code, headers=list(headers), content=content)
        self.args = (status_code, content)
        self.code = 1006
        self.reason = self.reason_phrase


class WebSocketExchange:
    """`open()`, then `put` and `get`, then `close()`; all in one event loop."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self.scope = scope
        self._app = app
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._closed = False
        self._disconnect_seen = False

    async def open(self) -> Message:
        """Connect; give the application's `websocket.accept` message."""
        self._task = asyncio.create_task(self._run())
        self.put({"type": "websocket.connect"})
        try:
            return await self.get_unless_closed()
        except BaseException:
            await self.close()
            raise

    def put(self, message: Message) -> None:
        """Hand `message` to the application."""
        if message["type"] == "websocket.disconnect":
            self._closed = True
        self._to_app.put_nowait(message)

    async def get(self) -> Message:
        """The application's next message; its exception, or `WebSocketDisconnect(1006)`, if it has ended."""
        message = await self._from_app.get()
        if message is not None:
            return message
        self._from_app.put_nowait(None)
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise WebSocketDisconnect(1006, "the application ended without closing the WebSocket")

    async def get_unless_closed(self) -> Message:
        """As `get`; an end of the connection raises `WebSocketDisconnect` or `WebSocketDenialResponse`."""
        message = await self.get()
        if message["type"] == "websocket.close":
            raise WebSocketDisconnect(message.get("code") or 1000, message.get("reason") or "")
        if message["type"] == "websocket.http.response.start":
            body = b""
            part: Message = {"more_body": True}
            while part.get("more_body", False):
                part = await self.get()
                body += part.get("body", b"")
            raise WebSocketDenialResponse(message["status"], message.get("headers", []), body)
        return message

    async def close(self) -> None:
        """Disconnect, wait for the application's end, raise its exception unless `get` has raised it."""
        if self._task is None:
            return
        if not self._closed:
            self.put({"type": "websocket.disconnect", "code": 1000, "reason": None})
        await end_task(self._task, lambda: self._disconnect_seen)
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    async def _run(self) -> None:
        try:
            await self._app(self.scope, self._receive, self._from_app.put)
        except asyncio.CancelledError as error:
            if not self._closed:
                self._error = error
        except BaseException as error:  # raised again in the caller
            self._error = error
        finally:
            self._from_app.put_nowait(None)

    async def _receive(self) -> Message:
        if self._disconnect_seen:
            await asyncio.sleep(0)  # an application that asks again and again must not hold the loop
        message = await self._to_app.get()
        if message["type"] == "websocket.disconnect":
            self._disconnect_seen = True
            self._to_app.put_nowait(message)  # an application that asks again is told again
        return message
