"""Server-Sent Events: values → the event stream format, kept alive by pings.

Knows: WHATWG HTML, section 9.2. Does not know: routes.
Invariant: no field of an event can end its line, so nothing that is sent can pose as another event.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from fasterapi.background import BackgroundTask
from fasterapi.responses._json import encode_json
from fasterapi.responses._streaming import StreamingResponse, ThreadedIterator, close_iterator
from fasterapi.shutdown import tell_of_shutdown
from fasterapi.types import Receive, Scope, Send

# What keeps proxies and clients from giving up a quiet connection.
KEEPALIVE_COMMENT: Final = b": ping\n\n"
PING_INTERVAL_SECONDS: Final = 15.0

_FIELDS = frozenset(("comment", "data", "event", "id", "retry"))


class ServerSentEvent(msgspec.Struct, kw_only=True, frozen=True):
    r"""One event. `data` is sent as JSON, strings too; `raw_data` as it is; only one of them may be given.

    `event` and `id` are single lines, `retry` counts milliseconds, `comment` is for people and pings.
    Raises `ValueError` for an event that the format can't carry.

    >>> ServerSentEvent(data={"a": 1}, event="update").encode()
    b'event: update\ndata: {"a":1}\n\n'
    """

    data: Any = None
    raw_data: str | None = None
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.data is not None and self.raw_data is not None:
            raise ValueError(
                "a ServerSentEvent has data or raw_data, not both: data is sent as JSON, raw_data as it is"
            )
        _check_line("event", self.event)
        _check_line("id", self.id)
        if self.id is not None and "\0" in self.id:
            raise ValueError(f"SSE 'id' must not contain null characters, got {self.id!r}")
        retry: object = self.retry
        if retry is not None and (not isinstance(retry, int) or retry < 0):
            raise ValueError(f"SSE 'retry' must be a non-negative integer, got {self.retry!r}")

    def encode(self, encode_data: Callable[[Any], bytes] = encode_json) -> bytes:
        """The event in wire format."""
        data = self.raw_data
        if data is None and self.data is not None:
            data = encode_data(self.data).decode()
        return format_sse_event(
            data_str=data, event=self.event, id=self.id, retry=self.retry, comment=self.comment
        )


def _check_line(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise ValueError(f"SSE '{name}' must be a string, got {value!r}")  # noqa: TRY004 - as FastAPI's
    if "\r" in value or "\n" in value:
        raise ValueError(f"SSE '{name}' must be a single line, got {value!r}")


def format_sse_event(
    *,
    data_str: str | None = None,
    event: str | None = None,
    id: str | None = None,
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    r"""The wire format of one event whose data is text already; ends with a blank line.

    Raises `ValueError` when `event` or `id` would end their line.

    >>> format_sse_event(data_str="a\nb", id="7")
    b'data: a\ndata: b\nid: 7\n\n'
    """
    _check_line("event", event)
    _check_line("id", id)
    lines: list[str] = []
    if comment is not None:
        lines += [f": {line}" for line in _lines(comment)]
    if event is not None:
        lines.append(f"event: {event}")
    if data_str is not None:
        lines += [f"data: {line}" for line in _lines(data_str)]
    if id is not None:
        lines.append(f"id: {id}")
    if retry is not None:
        lines.append(f"retry: {retry}")
    lines += ("", "")
    return "\n".join(lines).encode()


def _lines(text: str) -> list[str]:
    """The lines as the format counts them: fewer characters end a line here than in `str.splitlines`."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def encode_item(item: Any, encode_data: Callable[[Any], bytes] = encode_json) -> bytes:
    r"""What a handler that yields events gives: a `ServerSentEvent`, or any value as the data of one.

    >>> encode_item({"a": 1})
    b'data: {"a":1}\n\n'
    """
    if isinstance(item, ServerSentEvent):
        return item.encode(encode_data)
    return format_sse_event(data_str=encode_data(item).decode())


def encode_message(item: Any) -> bytes:
    r"""What an `EventSourceResponse` made by hand is given.

    Bytes, and text that ends with a blank line, are in wire format; other text is data. A dict with no other
    keys than `event`, `data`, `id`, `retry` and `comment` is an event, and everything else JSON data.

    >>> encode_message("hello"), encode_message({"event": "update", "data": "world"})
    (b'data: hello\n\n', b'event: update\ndata: world\n\n')
    """
    if isinstance(item, bytes | bytearray | memoryview):
        return bytes(item)
    if isinstance(item, str):
        return item.encode() if item.endswith("\n\n") else format_sse_event(data_str=item)
    if isinstance(item, dict) and item and item.keys() <= _FIELDS:
        fields = dict(item)
        data = fields.pop("data", None)
        kind = "raw_data" if isinstance(data, str) else "data"
        if fields.get("id") is not None:
            fields["id"] = str(fields["id"])
        return ServerSentEvent(**{kind: data}, **fields).encode()
    return encode_item(item)


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
