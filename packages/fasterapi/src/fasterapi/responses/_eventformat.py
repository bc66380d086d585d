"""One Server-Sent Event as bytes.

Knows: the event stream format (WHATWG HTML, section 9.2). Does not know: streams, responses.
Invariant: no field of an event can end its line, so nothing that is sent can pose as another event.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from fasterapi.responses._json import encode_json

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
