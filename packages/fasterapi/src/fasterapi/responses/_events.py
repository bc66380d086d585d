"""Server-Sent Events as a response: kept alive by pings, ended when the server goes down.

Knows: how events are asked for and waited for. Does not know: routes, how an event is written (`_eventformat`).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from typing import Any, Final

from fasterapi.background import BackgroundTask
from fasterapi.responses._eventformat import encode_item, encode_message
from fasterapi.responses._streaming import StreamingResponse, ThreadedIterator, close_iterator
from fasterapi.shutdown import tell_of_shutdown
from fasterapi.types import Receive, Scope, Send

# What keeps proxies and clients from giving up a quiet connection.
KEEPALIVE_COMMENT: Final = b": ping\n\n"
PING_INTERVAL_SECONDS: Final = 15.0


async def stream_events(
    items: AsyncIterable[Any] | Iterable[Any],
    encode: Callable[[Any], bytes] = encode_item,
    ping_interval: float | None = PING_INTERVAL_SECONDS,
    end: "StreamEnd | None" = None,
) -> AsyncGenerator[bytes, None]:
    """Every item as `encode` writes it, and a comment whenever none came for `ping_interval` seconds.

    The items are asked for in a task of their own, at most one ahead, so that waiting for the next one is
    never cut short by a ping. They are closed with the stream, which `end` may end before they do.
    """
    end = end or StreamEnd()
    events = end.events
    producer = asyncio.create_task(_produce(items, encode, events))
    try:
        while (event := await _next_event(events, ping_interval)) is not None:
            if isinstance(event, Exception):
                raise event
            yield event
            if end.has_come:
                break
    finally:
        producer.cancel()
        await asyncio.wait([producer])


class StreamEnd:
    """Ends one stream of events when the server goes down: after the event that is on its way, if there is one."""

    def __init__(self, grace_period: float = 0) -> None:
        self.events: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(maxsize=1)
        self.has_come = False
        self._grace_period = grace_period

    def on_shutdown(self) -> None:
        """End the stream, or let it end by itself for as long as it may."""
        if self._grace_period > 0:
            asyncio.get_running_loop().call_later(self._grace_period, self._come)
        else:
            self._come()

    def _come(self) -> None:
        self.has_come = True
        # An empty queue is being waited at; whoever finds an event in it will look here afterwards.
        if self.events.empty():
            self.events.put_nowait(None)


async def _produce(
    items: AsyncIterable[Any] | Iterable[Any],
    encode: Callable[[Any], bytes],
    events: "asyncio.Queue[bytes | Exception | None]",
) -> None:
    source = aiter(items) if isinstance(items, AsyncIterable) else ThreadedIterator(items)
    try:
        async for item in source:
            await events.put(encode(item))
    except Exception as error:
        await events.put(error)
    finally:
        await close_iterator(source)
    await events.put(None)


async def _next_event(
    events: "asyncio.Queue[bytes | Exception | None]", ping_interval: float | None
) -> bytes | Exception | None:
    if not events.empty():
        return events.get_nowait()
    try:
        async with asyncio.timeout(ping_interval):
            return await events.get()
    except TimeoutError:
        return KEEPALIVE_COMMENT


class EventSourceResponse(StreamingResponse):
    """Server-Sent Events from an iterator; see `encode_message` for what it may give.

    As `response_class=` of a handler that yields it is a marker. `ping_interval` is the time in seconds after
    which a quiet stream is sent a comment; `None` sends none. When the server goes down, the stream ends after
    the present event, and clients that are `EventSource`s come back to another server; `shutdown_grace_period`
    (an argument, or an attribute of a subclass) is the time in seconds in which the iterator may end it by itself.

    >>> EventSourceResponse([]).headers["cache-control"]
    'no-cache'
    """

    media_type = "text/event-stream"
    shutdown_grace_period: float = 0

    def __init__(
        self,
        content: AsyncIterable[Any] | Iterable[Any],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        *,
        ping_interval: float | None = PING_INTERVAL_SECONDS,
        encode: Callable[[Any], bytes] = encode_message,
        shutdown_grace_period: float | None = None,
    ) -> None:
        if shutdown_grace_period is not None:
            self.shutdown_grace_period = shutdown_grace_period
        self._end = StreamEnd(self.shutdown_grace_period)
        events = stream_events(content, encode, ping_interval, self._end)
        super().__init__(events, status_code, headers, media_type, background)
        self.headers.setdefault("cache-control", "no-cache")
        # nginx would collect events until its buffer is full.
        self.headers.setdefault("x-accel-buffering", "no")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tell_of_shutdown(scope, self._end)
        await super().__call__(scope, receive, send)
