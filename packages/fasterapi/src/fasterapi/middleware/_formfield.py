"""One field of a form, found while the form arrives, and the form handed on as if nobody had looked.

Knows: the two media types of HTML forms, ASGI's body messages. Does not know: what the field is for.
Invariant: no more is received than up to the field, and of that no more than `MAX_SEARCH` bytes.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from fasterapi.datastructures._urlencoded import decode_component
from fasterapi.formparsers import parse_options_header
from fasterapi.middleware._headers import find
from fasterapi.requests._body import BODY_KEY, StreamState
from fasterapi.types import Message, Receive, Scope

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_SEARCH: Final = 1024 * 1024

_MAX_BOUNDARY_SIZE: Final = 256


async def find_field(scope: Scope, receive: Receive, name: str) -> tuple[str | None, Receive]:
    """The first field called `name`, and the channel that gives the whole body to whoever comes next.

    `None` for a body that is no form, is malformed, or does not have the field in its first `MAX_SEARCH` bytes.
    """
    search = _new_search(scope, name)
    if search is None:
        return None, receive
    known = scope.get(BODY_KEY)
    if isinstance(known, bytes):
        _feed(search, known, 0, is_last=True)
        return search.value, receive
    received: deque[Message] = deque()
    size = 0
    is_over = False
    while not is_over and search.value is None and size < MAX_SEARCH:
        message = await receive()
        received.append(message)
        body: bytes = message.get("body", b"")
        is_last = not message.get("more_body", False)
        is_over = not _feed(search, body, size, is_last=is_last) or is_last
        size += len(body)
    if isinstance(scope.get(BODY_KEY), StreamState):
        del scope[
            BODY_KEY
        ]  # a middleware further out has noted that the body has gone by; here it comes again
    return search.value, _replay(received, receive)


def _replay(received: deque[Message], receive: Receive) -> Receive:
    async def replayed() -> Message:
        return received.popleft() if received else await receive()

    return replayed


class _Search(Protocol):
    value: str | None

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        """Look further."""
        ...


def _feed(search: _Search, body: bytes, size: int, *, is_last: bool) -> bool:
    """Look at more of the form, `size` bytes of which are known; whether it goes on being one."""
    piece = body[: MAX_SEARCH - size]
    try:
        search.feed(piece, is_last=is_last and len(piece) == len(body))
    except FormParserError:
        return False
    return True


def _new_search(scope: Scope, name: str) -> _Search | None:
    content_type = (find(scope.get("headers", ()), b"content-type") or b"").decode("latin-1")
    media_type, options = parse_options_header(content_type)
    if media_type == "application/x-www-form-urlencoded":
        return _UrlencodedSearch(name)
    boundary = options.get("boundary", "")
    if media_type == "multipart/form-data" and 0 < len(boundary) <= _MAX_BOUNDARY_SIZE:
        return _MultipartSearch(name, boundary)
    return None


class _UrlencodedSearch:
    def __init__(self, name: str) -> None:
        self.value: str | None = None
        self._name = name
        self._rest = bytearray()

    def feed(self, chunk: bytes, *, is_last: bool) -> None:
        head, separator, tail = (chunk, b"&", b"") if is_last else chunk.rpartition(b"&")
        if not separator:
            self._rest += tail
            return
        fields = bytes(self._rest + head).split(b"&")
        self._rest = bytearray(tail)
        for field in fields:
            name, _, value = field.partition(b"=")
            if self.value is None and decode_component(name.decode("latin-1")) == self._name:
                self.value = decode_component(value.decode("latin-1"))


class _MultipartSearch:
    def __init__(self, name: str, boundary: str) -> None:
        self.value: str | None = None
        self._name = name
        self._header = self._value = b""
        self._data: bytearray | None = None
        callbacks: MultipartCallbacks = {
            "on_header_field": self._add_header,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
        }
        self._parser = MultipartParser(
            boundary.encode("latin-1"), callbacks, max_header_count=8, max_header_size=4224
        )

    def feed(self, chunk: bytes, *, is_last: bool) -> None:  # noqa: ARG002 - a form ends by its last boundary
        self._parser.write(chunk)

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(self._value.decode("latin-1"))
            is_wanted = options.get("name") == self._name and "filename" not in options
            self._data = bytearray() if is_wanted else None
        self._header = self._value = b""

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._data is not None:
            self._data += data[start:end]

    def _end_part(self) -> None:
        if self._data is not None and self.value is None:
            self.value = self._data.decode("utf-8", "replace")
        self._data = None
