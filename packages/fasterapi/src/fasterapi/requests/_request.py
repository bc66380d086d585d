"""One HTTP request: the connection plus its body.

Knows: the ways to read a body, and that there is one body per scope. Does not know: handlers.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NoReturn

from fasterapi._limits import limits_of
from fasterapi.datastructures import FormData
from fasterapi.datastructures._headers import encode_header
from fasterapi.exceptions import ClientDisconnect, HTTPException
from fasterapi.requests._body import (
    BODY_KEY,
    StreamState,
    body_too_large,
    check_content_length,
    find_content_length,
    read_body,
)
from fasterapi.requests._connection import HTTPConnection
from fasterapi.requests._json import decode_json
from fasterapi.types import Message, Receive, Scope, Send

if TYPE_CHECKING:
    from fasterapi._partstream import Part

# The scope keeps the form under this key, as it keeps the body.
FORM_KEY = "fasterapi.form"

# What a pushed resource most likely depends on.
_PUSH_HEADERS = (b"accept", b"accept-encoding", b"accept-language", b"cache-control", b"user-agent")


async def empty_receive() -> NoReturn:
    """Stands for a receive channel that was not given."""
    raise RuntimeError("Receive channel has not been made available")


async def empty_send(message: Message) -> NoReturn:  # noqa: ARG001 - ASGI's signature
    """Stands for a send channel that was not given."""
    raise RuntimeError("Send channel has not been made available")


class _FormContext:
    """`await request.form()` gives the form; `async with request.form()` closes its files as well."""

    __slots__ = ("_form", "_request", "_sizes")

    def __init__(self, request: "Request", sizes: dict[str, Any]) -> None:
        self._request = request
        self._sizes = sizes

    def __await__(self) -> Generator[Any, None, FormData]:
        return self._request._read_form(self._sizes).__await__()

    async def __aenter__(self) -> FormData:
        self._form = await self._request._read_form(self._sizes)
        return self._form

    async def __aexit__(self, *exc_info: object) -> None:
        await self._form.close()


class Request(HTTPConnection):
    """One HTTP request. Its body may be read again, also by another `Request` over the same scope.

    >>> import asyncio
    >>> async def receive():
    ...     return {"type": "http.request", "body": b'{"a": 1}'}
    >>> request = Request({"type": "http", "method": "POST", "headers": []}, receive)
    >>> asyncio.run(request.json())
    {'a': 1}
    """

    __slots__ = ("_body", "_is_disconnected", "_json", "_pending", "_receive", "_send")

    def __init__(self, scope: Scope, receive: Receive = empty_receive, send: Send = empty_send) -> None:
        super().__init__(scope)
        if scope["type"] != "http":
            raise RuntimeError(f'a Request is made of a scope of type "http", not {scope["type"]!r}')
        self._receive = receive
        self._send = send
        self._is_disconnected = False
        # Messages that `is_disconnected` received while it looked for the end.
        self._pending: list[Message] = []

    @property
    def method(self) -> str:
        """The method, in upper case."""
        method: str = self.scope["method"]
        return method

    @property
    def receive(self) -> Receive:
        """ASGI's receive channel."""
        return self._receive

    async def _next_message(self) -> Message:
        message = self._pending.pop(0) if self._pending else await self._receive()
        if message["type"] == "http.disconnect":
            self._is_disconnected = True
        return message

    def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in chunks as they arrive, then `b""`; nothing is kept, and no limit but the server's holds.

        Raises `ClientDisconnect` in mid-body, `RuntimeError` when the body was streamed before.
        """
        return self._chunks(None)

    async def _chunks(self, limit: int | None) -> AsyncGenerator[bytes, None]:
        scope = self.scope
        body = self._body if hasattr(self, "_body") else scope.get(BODY_KEY)
        if body is StreamState.CONSUMED:
            raise RuntimeError("Stream consumed: the body was streamed before and is gone")
        size = 0
        if limit is not None and (length := find_content_length(scope)) is not None:
            check_content_length(length, limit)
        if isinstance(body, bytes):
            size = len(body)
            if limit is not None and size > limit:
                raise body_too_large(limit)
            yield body
        else:
            while scope.get(BODY_KEY) is not StreamState.CONSUMED:
                message = await self._next_message()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                more = message.get("more_body", False)
                scope[BODY_KEY] = StreamState.PARTIAL if more else StreamState.CONSUMED
                chunk = message.get("body", b"")
                size += len(chunk)
                if limit is not None and size > limit:
                    raise body_too_large(limit)
                if chunk:
                    yield chunk
        yield b""

    async def body(self) -> bytes:
        """The whole body. See `read_body` for what it raises; the limit is the route's `max_body_size`."""
        if not hasattr(self, "_body"):
            limit = limits_of(self.scope).max_body_size
            # `is_disconnected` may have received the first chunks already.
            self._body = await read_body(self.scope, self._next_message, limit)
        return self._body

    async def json(self) -> Any:
        """The body as JSON. `MalformedJSON` when it is none."""
        if not hasattr(self, "_json"):
            self._json = decode_json(await self.body())
        return self._json

    def form(
        self,
        *,
        max_files: float | None = None,
        max_fields: float | None = None,
        max_part_size: int | None = None,
    ) -> _FormContext:
        """The body as a form: `await request.form()`; `async with request.form() as form` closes its files.

        Empty for other content types. Limits that are not given are the route's. Raises `HTTPException` 400
        for a malformed form or too many parts and 413 for too large ones; outside of an application
        `MultiPartException`.
        """
        sizes = {"max_files": max_files, "max_fields": max_fields, "max_part_size": max_part_size}
        return _FormContext(self, {name: size for name, size in sizes.items() if size is not None})

    async def _read_form(self, sizes: dict[str, Any], file_rules: Any = None) -> FormData:
        form: FormData | None = self.scope.get(FORM_KEY)
        if form is None:
            form = await self._parse_form(sizes, file_rules)
            self.scope[FORM_KEY] = form
        return form

    async def _parse_form(self, sizes: dict[str, Any], file_rules: Any) -> FormData:
        # Forms need tempfile and python-multipart: imported by the first one.
        from fasterapi.formparsers import (  # noqa: PLC0415
            FormParser,
            MultiPartException,
            MultiPartParser,
        )

        parsers = {"multipart/form-data": MultiPartParser, "application/x-www-form-urlencoded": FormParser}
        parser = parsers.get(self._media_type)
        if parser is None:
            return FormData()
        limits = limits_of(self.scope)
        sizes = {"max_fields": limits.max_fields, "max_part_size": limits.max_part_size, **sizes}
        if parser is MultiPartParser:
            sizes.setdefault("max_files", limits.max_files)
            sizes["file_rules"] = file_rules
        else:
            sizes.pop("max_files", None)
        try:
            async with aclosing(self._chunks(limits.max_form_size)) as stream:
                form: FormData = await parser(self.headers, stream, **sizes).parse()
        except MultiPartException as error:
            if "app" in self.scope:
                raise HTTPException(error.status_code, error.message) from error
            raise
        return form

    async def parts(self, *, max_parts: int | None = None) -> AsyncGenerator["Part", None]:
        """The parts of a multipart form while they arrive, for bodies that fit neither in memory nor on the disk.

        Nothing is kept, and as with `stream` no limit holds for the whole; there are at most `max_parts`, by
        default the route's `max_fields`. Raises `HTTPException` 415 for other content types, 400 for a malformed
        or cut form and for too many parts, 413 for a part that `Part.read` finds too large; outside of an
        application `MultiPartException`. `ClientDisconnect` in mid-body.
        """
        from fasterapi._multipart import MultiPartException  # noqa: PLC0415 - as in `_parse_form`
        from fasterapi._partstream import PartStream  # noqa: PLC0415

        make_error = _http_exception if "app" in self.scope else MultiPartException
        if self._media_type != "multipart/form-data":
            raise make_error("Unsupported Media Type: multipart/form-data is expected", 415)
        limits = limits_of(self.scope)
        async with aclosing(self._chunks(None)) as chunks:
            try:
                stream = PartStream(
                    self.headers,
                    chunks,
                    max_parts=limits.max_fields if max_parts is None else max_parts,
                    max_part_size=limits.max_part_size,
                    error=make_error,
                )
            except MultiPartException as error:
                raise make_error(error.message, error.status_code) from error
            async for part in stream.parts():
                yield part

    @property
    def _media_type(self) -> str:
        return (self.content_type or "").partition(";")[0].strip().lower()

    async def close(self) -> None:
        """Close the files of the form, if one was read."""
        form: FormData | None = self.scope.get(FORM_KEY)
        if form is not None:
            await form.close()

    async def is_disconnected(self) -> bool:
        """Whether the client has gone, as far as is known now; does not wait.

        While the client still has a body to send, only reading that tells.
        """
        if not self._is_disconnected and not self._pending and not self._expects_body():
            message = await _receive_now(self._receive)
            if message is not None:
                if message["type"] == "http.disconnect":
                    self._is_disconnected = True
                else:
                    self._pending.append(message)
        return self._is_disconnected

    def _expects_body(self) -> bool:
        """Whether messages with a body are to come: some servers lose what a cancelled `receive` would give."""
        body = self.scope.get(BODY_KEY)
        if body is not None:
            return body is StreamState.PARTIAL
        headers = self.headers
        return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers

    async def send_push_promise(self, path: str) -> None:
        """Announce `path` to be pushed (HTTP/2), where the server can."""
        if "http.response.push" in (self.scope.get("extensions") or {}):
            headers = [pair for pair in self.headers.raw if pair[0] in _PUSH_HEADERS]
            await self._send({"type": "http.response.push", "path": path, "headers": headers})

    async def send_early_hints(self, link: str, /, *additional_links: str) -> None:
        """Send `Link` headers ahead of the response (103, RFC 8297), where the server can."""
        if "http.response.early_hint" in (self.scope.get("extensions") or {}):
            links = [encode_header("link", value)[1] for value in (link, *additional_links)]
            await self._send({"type": "http.response.early_hint", "links": links})


def _http_exception(message: str, status_code: int) -> Exception:
    return HTTPException(status_code, message)


async def _receive_now(receive: Receive) -> Message | None:
    """The next message if it is there already; a receive call that would wait is cancelled."""
    waiting = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    if not waiting.done():
        waiting.cancel()
        await asyncio.wait([waiting])
    return None if waiting.cancelled() else waiting.result()
