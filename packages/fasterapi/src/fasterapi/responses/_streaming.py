"""A response whose body comes piece by piece.

Knows: iterators, back-pressure (one piece is asked for when the last one was taken) and clients that leave.
Does not know: what the pieces mean.
Invariant: the iterator is closed, whichever way the response ends.
"""

import asyncio
import threading
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping
from typing import Any, TypeVar

from fasterapi.background import BackgroundTask
from fasterapi.concurrency import run_in_threadpool, run_teardown_in_threadpool
from fasterapi.exceptions import ClientDisconnect
from fasterapi.responses._base import Response, deny_websocket
from fasterapi.types import Receive, Scope, Send

T = TypeVar("T")

Content = str | bytes | memoryview
ContentStream = AsyncIterable[Content] | Iterable[Content]


_END: Any = object()


class ThreadedIterator(AsyncIterator[T]):
    """A plain iterable, iterated in worker threads, one item per hop.

    >>> async def collect(items):
    ...     return [item async for item in ThreadedIterator(items)]
    >>> asyncio.run(collect("ab"))
    ['a', 'b']
    """

    __slots__ = ("_lock", "_steps")

    def __init__(self, items: Iterable[T]) -> None:
        self._steps = iter(items)
        # When a request is cancelled, its thread goes on: closing must wait for that step.
        self._lock = threading.Lock()

    async def __anext__(self) -> T:
        item: T = await run_in_threadpool(self._step)
        if item is _END:
            raise StopAsyncIteration
        return item

    def _step(self) -> T:
        with self._lock:
            return next(self._steps, _END)

    async def aclose(self) -> None:
        """Close the iterator, if it can be closed, as soon as its present step is over."""
        if hasattr(self._steps, "close"):
            await run_teardown_in_threadpool(self._close)

    def _close(self) -> None:
        with self._lock:
            self._steps.close()  # type: ignore[attr-defined] # aclose has looked


async def close_iterator(iterator: object) -> None:
    """Close an async iterator that can be closed; `async for` alone leaves that to the garbage collector."""
    aclose = getattr(iterator, "aclose", None)
    if aclose is not None:
        await aclose()


class StreamingResponse(Response):
    """The pieces of `content`, sent as it gives them; a plain iterator runs in a worker thread.

    When the client leaves, the iterator is stopped and closed; a server of ASGI 2.4 or later says so by an
    `OSError` from `send`, which becomes `ClientDisconnect`.

    >>> response = StreamingResponse(iter(["a", "b"]), media_type="text/plain")
    >>> response.raw_headers
    [(b'content-type', b'text/plain; charset=utf-8')]
    """

    body_iterator: AsyncIterable[Content]

    def __init__(
        self,
        content: ContentStream,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        if isinstance(content, AsyncIterable):
            self.body_iterator = content
        elif isinstance(content, list | tuple):
            # Nothing in there can block: no thread needed.
            self.body_iterator = _iterate(content)
        else:
            self.body_iterator = ThreadedIterator(content)
        self.status_code = status_code
        self.background = background
        if media_type is not None:
            self.media_type = media_type
        self.init_headers(headers)

    async def stream_response(self, send: Send) -> None:
        """Send headers and pieces, then close the iterator."""
        # What is iterated is what must be closed: an iterable may make its iterator only now.
        iterator = aiter(self.body_iterator)
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            async for piece in iterator:
                chunk = piece.encode(self.charset) if isinstance(piece, str) else piece
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            await close_iterator(iterator)

    async def _send_head(self, send: Send) -> None:
        """Answer HEAD: the iterator, which may be endless, is not started."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        await close_iterator(self.body_iterator)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self.stream_response(deny_websocket(send))
        elif scope.get("method") == "HEAD":
            await self._send_head(send)
        elif reports_disconnects_by_send(scope):
            try:
                await self.stream_response(send)
            except OSError as error:
                raise ClientDisconnect from error
        else:
            await run_until_disconnect(self.stream_response(send), listen_for_disconnect(receive))
        if self.background is not None:
            await self.background()

    async def to_asgi(self, send: Send) -> None:
        """Send the response, as to a GET request; the background is left to the caller."""
        await self.stream_response(send)


def reports_disconnects_by_send(scope: Scope) -> bool:
    """Whether the server raises `OSError` from `send` to a client that has gone (ASGI HTTP 2.4)."""
    version: str = scope.get("asgi", {}).get("spec_version", "2.0")
    return tuple(map(int, version.split("."))) >= (2, 4)


async def listen_for_disconnect(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def run_until_disconnect(sending: Any, listening: Any) -> None:
    """Await the coroutine `sending`, and cancel it when `listening` returns first.

    An exception of either is raised; both are over afterwards.
    """
    tasks = {asyncio.ensure_future(sending), asyncio.ensure_future(listening)}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        # Not gather: a second cancellation from outside must not leave one of them running.
        await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _iterate(content: Iterable[Content]) -> AsyncIterator[Content]:
    for piece in content:
        yield piece
