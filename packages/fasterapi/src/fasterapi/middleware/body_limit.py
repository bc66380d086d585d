"""A request's body may have only so many bytes, however it is sent.

Knows: `Content-Length`, the messages of a body. Does not know: content types, forms.
Invariant: no more than the limit is handed on, be the length declared, a lie or unknown.
"""

from collections.abc import Awaitable
from typing import Final

from fasterapi._limits import validate_max_body_size
from fasterapi.exceptions import HTTPException
from fasterapi.middleware import _headers
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

# Middleware further in finds the count of the one further out under this key.
COUNT_KEY: Final = "fasterapi.body_count"

_MAX_LENGTH_DIGITS: Final = 18


class BodyTooLarge(HTTPException):
    """413; an application's handlers may answer it."""

    def __init__(self) -> None:
        super().__init__(413, "Content Too Large")


class BodyLimitMiddleware:
    """Answer 413 to a body of more than `max_body_size` bytes; `None` is no limit.

    Around one route or router, it replaces the limit of the one around the whole application, upwards and
    downwards. A body that nobody reads is refused when it is declared too large. Raises `ValueError` for a
    negative size.
    """

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        validate_max_body_size(max_body_size)
        self.app = app
        self.max_body_size = max_body_size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        outer: _Count | None = scope.get(COUNT_KEY)
        if outer is not None:
            outer.limit = self.max_body_size
            outer.check()
            await self.app(scope, receive, send)
            return
        count = scope[COUNT_KEY] = _Count(self.max_body_size, scope, receive, send)
        try:
            await self.app(scope, count.receive, count.send)
        except BodyTooLarge:
            if count.is_refused:
                return  # an application of another framework made a 500 of it, and raised it again
            if count.is_begun:
                raise
            await _refuse(scope, receive, send)
        finally:
            del scope[COUNT_KEY]


# Starlette's name, for imports that are only renamed.
RequestBodyLimitMiddleware = BodyLimitMiddleware


class _Count:
    """The bytes of one request's body so far, and the two channels that watch them."""

    __slots__ = (
        "_declared",
        "_is_exceeded",
        "_receive",
        "_scope",
        "_send",
        "_size",
        "is_begun",
        "is_refused",
        "limit",
    )

    def __init__(self, limit: int | None, scope: Scope, receive: Receive, send: Send) -> None:
        self.limit = limit
        self.is_begun = False
        self.is_refused = False
        self._is_exceeded = False
        self._size = 0
        self._declared = _declared_length(scope)
        self._scope = scope
        self._receive = receive
        self._send = send

    def check(self) -> None:
        """Raise if more has been received than the limit."""
        if self._is_over(self._size):
            self._is_exceeded = True
            raise BodyTooLarge

    def _is_over(self, size: int) -> bool:
        return self.limit is not None and size > self.limit

    async def receive(self) -> Message:
        """Pass a piece of the body on, and count it."""
        if self.is_refused:
            return {"type": "http.disconnect"}
        if self._is_over(self._declared):
            self._is_exceeded = True
            raise BodyTooLarge
        message = await self._receive()
        if message["type"] == "http.request":
            self._size += len(message.get("body", b""))
            self.check()
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Pass a message on, unless 413 was sent in its place."""
        if self.is_refused:
            return _drop()
        if message["type"] == "http.response.start":
            self.is_begun = True
            if self._must_refuse(message["status"]):
                self.is_refused = True
                return _refuse(self._scope, self._receive, self._send)
        return self._send(message)

    def _must_refuse(self, status: int) -> bool:
        if self._is_exceeded:
            return status == 500  # somebody took `BodyTooLarge` for a mistake of the application
        return status != 413 and self._is_over(self._declared)


async def _drop() -> None:
    """Take a message for nobody."""


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await TextRefusal(BodyTooLarge())(scope, receive, send)


def _declared_length(scope: Scope) -> int:
    value = _headers.find(scope.get("headers", ()), b"content-length")
    if value is None or not value.isdigit() or len(value) > _MAX_LENGTH_DIGITS:
        return 0  # not declared: the bytes themselves are counted
    return int(value)
