"""A response whose body is a file.

Knows: conditional and range requests (RFC 9110, sections 13 and 14), and what servers can send by themselves.
Does not know: which file a path names (`staticfiles`), how it is read (`_reader`).
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from mimetypes import guess_type
from urllib.parse import quote

from fasterapi.background import BackgroundTask
from fasterapi.datastructures import Headers, MutableHeaders
from fasterapi.datastructures._headers import RawHeaders
from fasterapi.responses._base import PlainTextResponse, Response, deny_websocket
from fasterapi.responses._dates import format_http_date, parse_http_date
from fasterapi.responses._ranges import (
    ByteRange,
    MalformedRangeHeader,
    RangeNotSatisfiable,
    parse_range_header,
    part_header,
)
from fasterapi.responses._reader import FileReader
from fasterapi.responses._streaming import (
    listen_for_disconnect,
    reports_disconnects_by_send,
    run_until_disconnect,
)
from fasterapi.types import Message, Receive, Scope, Send

# RFC 9110, section 15.4.5.
NOT_MODIFIED_HEADERS = (b"cache-control", b"content-location", b"date", b"etag", b"expires", b"vary")

# RFC 9110, sections 13.1 and 14.2, as far as they are understood here.
_CONDITIONAL_HEADERS = frozenset({b"range", b"if-range", b"if-none-match", b"if-modified-since"})

# The scope of `to_asgi`: no request, so nothing that the client could ask for.
_LOCAL_SCOPE: Scope = {"type": "file", "headers": []}


async def _no_receive() -> Message:
    raise RuntimeError("to_asgi(send) has no receive channel")


class FileResponse(Response):
    """The file at `path`, whole or in the ranges that the client asks for.

    The media type comes from `filename` or `path` unless given; `filename` adds `Content-Disposition`.
    `stat_result` is what is known of the file already. Sending raises `RuntimeError` for a path that is
    missing or no file.

    >>> FileResponse("report.pdf", filename="Bericht.pdf").headers["content-disposition"]
    'attachment; filename="Bericht.pdf"'
    """

    # Bytes in memory at a time.
    chunk_size = 256 * 1024
    # The whole file, for whoever has read it already: `stat_result` belongs to it.
    content: bytes | None = None

    def __init__(  # noqa: PLR0917 - Starlette's signature
        self,
        path: str | os.PathLike[str],
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
        filename: str | None = None,
        stat_result: os.stat_result | None = None,
        content_disposition_type: str = "attachment",
    ) -> None:
        self.path = path
        self.status_code = status_code
        self.filename = filename
        self.media_type = media_type or guess_type(filename or path)[0] or "application/octet-stream"
        self.background = background
        self.init_headers(headers)
        self.headers.setdefault("accept-ranges", "bytes")
        if filename is not None:
            self.headers.setdefault("content-disposition", _disposition(content_disposition_type, filename))
        self.stat_result = stat_result
        if stat_result is not None:
            self.set_stat_headers(stat_result)

    def set_stat_headers(self, stat_result: os.stat_result) -> None:
        """Set length, `Last-Modified` and `ETag` unless they are set."""
        self.headers.setdefault("content-length", str(stat_result.st_size))
        self.headers.setdefault("last-modified", format_http_date(stat_result.st_mtime))
        self.headers.setdefault("etag", f'"{stat_result.st_mtime_ns:x}-{stat_result.st_size:x}"')

    def again(self, status_code: int) -> "FileResponse":
        """The same response once more; changes of its headers are its own."""
        new = FileResponse.__new__(FileResponse)
        new.__dict__.update(self.__dict__)
        new.background = None
        new.raw_headers = self.raw_headers[:]
        new.status_code = status_code
        return new

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            send = deny_websocket(send)
        content = self.content
        if content is not None and scope.get("method") == "GET" and not _asks_for_less(scope):
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            await send({"type": "http.response.body", "body": content})
        else:
            await self._respond(scope, receive, send)
        if self.background is not None:
            await self.background()

    async def to_asgi(self, send: Send) -> None:
        """Send the response, as to a GET request; the background is left to the caller."""
        await self._respond(_LOCAL_SCOPE, _no_receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope.get("method") == "HEAD"
        extensions = (scope.get("extensions") or {}) if scope["type"] == "http" else {}
        asked = Headers(scope=scope)
        by_path = "http.response.pathsend" in extensions and "range" not in asked and self.content is None
        reader = FileReader(self.path, self.content)
        if not (is_head or by_path):
            await reader.open(self.chunk_size)
        elif self.stat_result is None:
            await reader.measure()
        try:
            stat_result = self.stat_result or reader.stat_result
            self.set_stat_headers(stat_result)
            answer = self._answer(scope, asked, stat_result.st_size)
            if isinstance(answer, Response):
                await answer(scope, receive, send)
                return
            if is_head:
                sending = _send_head(answer, send)
            elif by_path:
                sending = _send_path(answer, self.path, send)
            else:
                zero_copy = "http.response.zerocopysend" in extensions
                sending = _send_parts(answer, reader, self.chunk_size, send, zero_copy)
            if reader.file is None or scope["type"] != "http" or reports_disconnects_by_send(scope):
                await sending
            else:
                await run_until_disconnect(sending, listen_for_disconnect(receive))
        finally:
            await reader.close()

    def _answer(self, scope: Scope, asked: Headers, size: int) -> "_Parts | Response":
        """What is sent of a file of `size` bytes, or the response to send instead."""
        whole = _Parts(self.status_code, self.raw_headers, [ByteRange(0, size)])
        if self.status_code != 200 or scope.get("method") not in {"GET", "HEAD"}:
            return whole
        if is_not_modified(self.headers, asked):
            return NotModifiedResponse(self.headers)
        wanted = asked.get("range")
        if wanted is None or not self._range_holds(asked.get("if-range")):
            return whole
        try:
            ranges = parse_range_header(wanted, size)
        except MalformedRangeHeader as error:
            return PlainTextResponse(error.content, status_code=400)
        except RangeNotSatisfiable as error:
            headers = {"content-range": f"bytes */{error.max_size}"}
            return PlainTextResponse(status_code=416, headers=headers)
        return self._parts(ranges, size) if ranges else whole

    def _range_holds(self, if_range: str | None) -> bool:
        """Whether a part fits those that the client has; a weak tag never says so (RFC 9110, 13.1.5)."""
        if if_range is None:
            return True
        known = (self.headers["etag"], self.headers["last-modified"])
        return if_range in known and not if_range.startswith("W/")

    def _parts(self, ranges: list[ByteRange], size: int) -> "_Parts":
        headers = MutableHeaders(raw=self.raw_headers[:])
        parts: list[bytes | ByteRange] = []
        if len(ranges) == 1:
            headers["content-range"] = ranges[0].content_range(size)
            parts += ranges
        else:
            boundary = os.urandom(13).hex()
            for found in ranges:
                parts += [part_header(found, size, self.headers["content-type"], boundary), found, b"\r\n"]
            parts.append(f"--{boundary}--".encode("latin-1"))
            headers["content-type"] = f"multipart/byteranges; boundary={boundary}"
        headers["content-length"] = str(sum(len(part) for part in parts))
        return _Parts(206, headers.raw, parts)


def _asks_for_less(scope: Scope) -> bool:
    """Whether the answer may be another one than the whole file."""
    return any(name in _CONDITIONAL_HEADERS for name, _ in scope.get("headers", ()))


class NotModifiedResponse(Response):
    """304: the client has the file already; only the headers that say so.

    >>> NotModifiedResponse(Headers({"etag": '"1"', "content-length": "5"})).raw_headers
    [(b'etag', b'"1"')]
    """

    def __init__(self, headers: Headers) -> None:
        super().__init__(status_code=304)
        self.raw_headers += [pair for pair in headers.raw if pair[0] in NOT_MODIFIED_HEADERS]


def is_not_modified(known: Headers, asked: Headers) -> bool:
    """Whether a client with the request headers `asked` has what the headers `known` describe.

    `If-None-Match` decides; without it `If-Modified-Since` does (RFC 9110, section 13.2.2).

    >>> is_not_modified(Headers({"etag": '"1"'}), Headers({"if-none-match": 'W/"1", "2"'}))
    True
    """
    tags = asked.get("if-none-match")
    if tags:
        if tags.strip() == "*":
            return True
        return known["etag"].removeprefix("W/") in {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    since = parse_http_date(asked.get("if-modified-since", ""))
    modified = parse_http_date(known.get("last-modified", ""))
    return since is not None and modified is not None and since >= modified


@dataclass(frozen=True, slots=True)
class _Parts:
    """What goes out: literal bytes and ranges of the file, in order."""

    status: int
    headers: RawHeaders
    parts: list[bytes | ByteRange] | list[ByteRange]

    async def start(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})


async def _send_head(answer: _Parts, send: Send) -> None:
    await answer.start(send)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_path(answer: _Parts, path: str | os.PathLike[str], send: Send) -> None:
    await answer.start(send)
    await send({"type": "http.response.pathsend", "path": _absolute(path)})


def _absolute(path: str | os.PathLike[str]) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - text, as ASGI wants it


async def _send_parts(
    answer: _Parts, reader: FileReader, chunk_size: int, send: Send, zero_copy: bool
) -> None:
    await answer.start(send)
    final = len(answer.parts) - 1
    for place, part in enumerate(answer.parts):
        is_last = place == final
        if isinstance(part, bytes):
            await send({"type": "http.response.body", "body": part, "more_body": not is_last})
        elif zero_copy and reader.file is not None:
            await send(
                {
                    "type": "http.response.zerocopysend",
                    "file": reader.file,
                    "offset": part.start,
                    "count": len(part),
                    "more_body": not is_last,
                }
            )
        else:
            start, end = part.start, part.end
            while True:
                chunk = await reader.read(start, min(chunk_size, end - start))
                start += len(chunk)
                more = start < end or not is_last
                await send({"type": "http.response.body", "body": chunk, "more_body": more})
                if start >= end:
                    break


def _disposition(kind: str, filename: str) -> str:
    """RFC 6266: the name in quotes, or percent-encoded when it needs it."""
    quoted = quote(filename)
    return f'{kind}; filename="{filename}"' if quoted == filename else f"{kind}; filename*=utf-8''{quoted}"
