"""A response with a body that is known at once.

Knows: ASGI's response messages, content length and type. Does not know: requests, routes, files.
Invariant: `raw_headers` is built once, and every header set through this class passes `encode_header`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from fasterapi.background import BackgroundTask
from fasterapi.datastructures import URL, MutableHeaders
from fasterapi.datastructures._headers import RawHeaders, encode_header
from fasterapi.responses._cookies import Cookie
from fasterapi.responses._lengths import CONTENT_LENGTHS
from fasterapi.types import Message, Receive, Scope, Send

SameSite = Literal["lax", "strict", "none"]


def _content_type_header(media_type: str | None, charset: str) -> tuple[bytes, bytes] | None:
    if media_type is None:
        return None
    if media_type.startswith("text/") and "charset=" not in media_type.lower():
        media_type = f"{media_type}; charset={charset}"
    return encode_header("content-type", media_type)


class Response:
    """Bytes or text as they are, with a status and headers; an ASGI application of its own.

    `content` is `None`, `str`, `bytes` or a `memoryview`. Subclasses set `media_type` and `charset` and may
    override `render`. `background` runs after the body was sent.

    >>> Response("hé", media_type="text/plain").raw_headers
    [(b'content-length', b'3'), (b'content-type', b'text/plain; charset=utf-8')]
    """

    # `__dict__` keeps room for what applications attach; it costs nothing until they do.
    __slots__ = ("__dict__", "__weakref__", "_headers", "background", "body", "raw_headers", "status_code")

    media_type: str | None = None
    charset: str = "utf-8"
    # The header that `media_type` becomes, and whether no subclass wants a say in `init_headers`.
    _content_type: ClassVar[tuple[bytes, bytes] | None] = None
    _usual_type: ClassVar[tuple[bytes, bytes] | None] = None

    body: bytes | memoryview
    raw_headers: RawHeaders
    _headers: MutableHeaders

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._content_type = _content_type_header(cls.media_type, cls.charset)
        cls._usual_type = cls._content_type if cls.init_headers is Response.init_headers else None

    def __init__(
        self,
        content: Any = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        self.status_code = status_code
        self.background = background
        body = self.body = self.render(content)
        if status_code == 200 and headers is None and media_type is None and self._usual_type is not None:
            # The usual case, spelled out: most of a small response's cost is its headers.
            self.raw_headers = [CONTENT_LENGTHS[len(body)], self._usual_type]
            return
        if media_type is not None:
            self.media_type = media_type
        self.init_headers(headers)

    def render(self, content: Any) -> bytes | memoryview:
        """The body that `content` becomes."""
        if content is None:
            return b""
        if isinstance(content, memoryview):
            return content.cast("B") if content.c_contiguous else content.tobytes()
        if isinstance(content, bytes | bytearray):
            return bytes(content)
        encoded: bytes = content.encode(self.charset)
        return encoded

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Build `raw_headers`: those given, then length and type unless given. Raises as `encode_header`."""
        content_type = self._content_type
        if self.media_type is not type(self).media_type:
            content_type = _content_type_header(self.media_type, self.charset)
        # A response that streams has no body, and so no length to tell.
        body: bytes | memoryview | None = getattr(self, "body", None)
        # RFC 9110, section 8.6: no length where there can't be a body.
        has_length = self.status_code >= 200 and self.status_code not in {204, 304}
        raw: RawHeaders = []
        if headers:
            raw += [encode_header(name, value) for name, value in headers.items()]
            names = [name for name, _ in raw]
            has_length = has_length and b"content-length" not in names
            if b"content-type" in names:
                content_type = None
        if has_length and body is not None:
            raw.append(CONTENT_LENGTHS[len(body)])
        if content_type is not None:
            raw.append(content_type)
        self.raw_headers = raw

    @property
    def headers(self) -> MutableHeaders:
        """The headers; changes are sent."""
        try:
            return self._headers
        except AttributeError:
            self._headers = MutableHeaders(raw=self.raw_headers)
            return self._headers

    def set_cookie(  # noqa: PLR0917 - Starlette's signature
        self,
        key: str,
        value: str = "",
        max_age: int | None = None,
        expires: datetime | str | int | None = None,
        path: str | None = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Set a cookie; times in seconds. `ValueError` for what browsers would refuse."""
        cookie = Cookie(
            key=key,
            value=value,
            max_age=max_age,
            expires=expires,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )
        self.raw_headers.append(encode_header("set-cookie", cookie.header()))

    def delete_cookie(  # noqa: PLR0917 - Starlette's signature
        self,
        key: str,
        path: str = "/",
        domain: str | None = None,
        secure: bool = False,
        httponly: bool = False,
        samesite: SameSite | None = "lax",
        partitioned: bool = False,
    ) -> None:
        """Make the browser forget a cookie; all attributes but the value as it was set."""
        self.set_cookie(
            key,
            max_age=0,
            expires=0,
            path=path,
            domain=domain,
            secure=secure,
            httponly=httponly,
            samesite=samesite,
            partitioned=partitioned,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        if scope["type"] == "websocket":
            send = deny_websocket(send)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        body = b"" if scope.get("method") == "HEAD" else self.body
        await send({"type": "http.response.body", "body": body})
        if self.background is not None:
            await self.background()

    async def to_asgi(self, send: Send) -> None:
        """Send the response, as to a GET request; the background is left to the caller."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body})


class HTMLResponse(Response):
    """HTML text.

    >>> HTMLResponse("<p>").headers["content-type"]
    'text/html; charset=utf-8'
    """

    __slots__ = ()
    media_type = "text/html"


class PlainTextResponse(Response):
    """Plain text.

    >>> PlainTextResponse("hi").headers["content-type"]
    'text/plain; charset=utf-8'
    """

    __slots__ = ()
    media_type = "text/plain"


class RedirectResponse(Response):
    """An empty response that names another address; 307 keeps the method.

    What may not stand in a URL is percent-encoded, so that `url` can't start another header.

    >>> RedirectResponse("/a b?x=ü").headers["location"]
    '/a%20b?x=%C3%BC'
    """

    __slots__ = ()

    def __init__(
        self,
        url: str | URL,
        status_code: int = 307,
        headers: Mapping[str, str] | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(content=b"", status_code=status_code, headers=headers, background=background)
        from urllib.parse import quote  # noqa: PLC0415 - few routes redirect

        self.headers["location"] = quote(str(url), safe=":/%#?=@[]!$&'()*+,;")


def deny_websocket(send: Send) -> Send:
    """A `send` by which an HTTP response denies a handshake (ASGI, WebSocket Denial Response)."""

    async def send_denial(message: Message) -> None:
        if message["type"] in {"http.response.start", "http.response.body"}:
            message = {**message, "type": f"websocket.{message['type']}"}
        await send(message)

    return send_denial
