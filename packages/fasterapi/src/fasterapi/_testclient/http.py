"""One HTTP request to an ASGI application and its response, in the event loop that calls.

Knows: the `http` scope's messages. Does not know: httpx, threads.
A message is handed over only when the other side takes it: `send` of a body returns once its bytes were read.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fasterapi._testclient.grace import end_task
from fasterapi.types import ASGIApp, Message, Scope

RequestBody = bytes | AsyncIterator[bytes]


class HTTPExchange:
    """`begin()`, then `next_chunk()` until it gives `None`, then `finish()`."""

    def __init__(self, app: ASGIApp, scope: Scope, body: RequestBody) -> None:
        self.start: Message | None = None
        self.debug: dict[str, Any] | None = None
        self.trailers: list[tuple[bytes, bytes]] = []
        self.error: BaseException | None = None
        self._app = app
        self._scope = scope
        self._body: RequestBody | None = body
        self._task: asyncio.Task[None] | None = None
        self._answered = asyncio.Event()  # the response has begun, or never will
        self._over = asyncio.Event()  # the client has all it wanted
        self._chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._body_sent = False
        self._gone = False
        self._disconnect_seen = False

    async def begin(self) -> None:
        """Start the application; return when the response has begun or the application has ended."""
        self._task = asyncio.create_task(self._run())
        try:
            await self._answered.wait()
        except asyncio.CancelledError:
            await self.finish()
            raise

    async def next_chunk(self) -> bytes | None:
        """The next bytes of the response's body; `None` at its end."""
        chunk = await self._chunks.get()
        self._chunks.task_done()
        if self._body_sent and self._chunks.empty() and not self._trailers_follow:
            self._over.set()
        return chunk

    async def finish(self, *, is_abort: bool = False) -> None:
        """Wait for the application's end; if its response was not read whole, it loses its client first.

        With `is_abort`, what it does after its response is not waited for either.
        """
        if self._task is None:
            return
        if is_abort or not self._over.is_set():
            self._gone = True
            self._over.set()
            while not self._chunks.empty():
                self._chunks.get_nowait()
                self._chunks.task_done()
            await end_task(self._task, lambda: self._disconnect_seen)
        await asyncio.wait([self._task])

    @property
    def _trailers_follow(self) -> bool:
        return bool(self.start and self.start.get("trailers"))

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        except asyncio.CancelledError as error:
            if not self._gone:
                self.error = error
        except BaseException as error:  # SystemExit, too, belongs to the caller, not to the loop
            self.error = error
        finally:
            self._answered.set()
            self._chunks.put_nowait(None)

    async def _receive(self) -> Message:
        body = self._body
        if isinstance(body, bytes):
            self._body = None
            return {"type": "http.request", "body": body, "more_body": False}
        if body is not None:
            async for chunk in body:
                return {"type": "http.request", "body": chunk, "more_body": True}
            self._body = None
            return {"type": "http.request", "body": b"", "more_body": False}
        if self._disconnect_seen:
            await asyncio.sleep(0)  # an application that asks again and again must not hold the loop
        elif not self._over.is_set():
            await self._over.wait()
        self._disconnect_seen = True
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        match message["type"]:
            case "http.response.start":
                _require(self.start is None, message, "a second time")
                self.start = message
                self._answered.set()
            case "http.response.body":
                await self._send_body(message)
            case "http.response.trailers":
                _require(self._trailers_follow, message, "without `trailers: True` in http.response.start")
                _require(self._body_sent, message, "before the body's end")
                _require(not self._over.is_set(), message, "after the response's end")
                self.trailers.extend(message.get("headers", []))
                if not message.get("more_trailers", False):
                    self._over.set()
            case "http.response.debug":
                self.debug = message["info"]
            case _:
                pass  # an extension that the scope did not offer: nobody waits for it

    async def _send_body(self, message: Message) -> None:
        _require(self.start is not None, message, "before http.response.start")
        _require(not self._body_sent, message, "after the body's end")
        if not message.get("more_body", False):
            self._body_sent = True
        if self._gone:
            await asyncio.sleep(0)  # nobody reads; an endless sender must not hold the loop
            return
        self._chunks.put_nowait(bytes(message.get("body", b"")))
        await self._chunks.join()


def _require(condition: bool, message: Message, when: str) -> None:
    if not condition:
        raise AssertionError(f"the application sent {message['type']} {when}")
