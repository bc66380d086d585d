"""What generated functions call while they run. Each piece does one thing that cannot be decided beforehand.

Knows: requests, responses and exceptions as values. Does not know: parameters' types, plans, code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fasterapi._filerules import FileRules
from fasterapi._limits import limits_of
from fasterapi.background import BackgroundTasks
from fasterapi.datastructures import FormData
from fasterapi.exceptions import (
    ClientDisconnect,
    EndpointContext,
    FasterAPIError,
    HTTPException,
    RequestValidationError,
    ResponseValidationError,
    WebSocketRequestValidationError,
)
from fasterapi.requests import Request
from fasterapi.requests._body import BODY_KEY, StreamState, read_body
from fasterapi.requests._json import decode_json
from fasterapi.responses import Response
from fasterapi.responses._lengths import CONTENT_LENGTHS
from fasterapi.types import Message, Receive, Scope, Send
from fasterapi.validation import SerializationError

__all__ = [
    "RequestErrors",
    "ResponseDraft",
    "ResponseErrors",
    "WebSocketErrors",
    "copies_of",
    "declares_json",
    "finish_draft",
    "first_values",
    "header_lists",
    "is_json_media_type",
    "raise_swallowed",
    "read_form",
    "read_rest",
    "send_built",
    "send_returned",
]


def copies_of(problems: list[Any]) -> list[Any]:
    """Errors that are the same in every request, for one of them."""
    return [dict(problem) for problem in problems]


def is_json_media_type(value: bytes) -> bool:
    """Whether a Content-Type says JSON: `application/json` or a `+json` suffix (RFC 6838, section 4.2.8).

    >>> is_json_media_type(b"application/vnd.api+json; charset=utf-8"), is_json_media_type(b"text/plain")
    (True, False)
    """
    media_type = value.split(b";", 1)[0].strip().lower()
    return media_type.startswith(b"application/") and (
        media_type == b"application/json" or media_type.endswith(b"+json")
    )


def declares_json(scope: Scope, strict: bool) -> bool:
    """Whether the request says that its body is JSON; one that says nothing does so only if not `strict`."""
    for name, value in scope.get("headers", ()):
        if name == b"content-type":
            return is_json_media_type(value)
    return not strict


async def read_rest(scope: Scope, receive: Receive, message: Message) -> bytes:
    """The body whose first message has been received. Raises ClientDisconnect, HTTPException 400 or 413."""
    first: Message | None = message

    async def receive_again() -> Message:
        nonlocal first
        pending, first = first, None
        return await receive() if pending is None else pending

    # A middleware that passes messages on notes that they have gone by: here they come together.
    if isinstance(scope.get(BODY_KEY), StreamState):
        del scope[BODY_KEY]
    return await read_body(scope, receive_again, limits_of(scope).max_body_size)


def first_values(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """The first value of each header, as Starlette takes it; Cookie whole, which HTTP/2 may split.

    See RFC 9113, section 8.2.3.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in raw_headers:
        if name == b"cookie" and name in headers:
            headers[name] += b"; " + value
        else:
            headers.setdefault(name, value)
    return headers


def header_lists(scope: Scope) -> dict[str, list[str]]:
    """Every header's values by its lower-case name, in the request's order."""
    lists: dict[str, list[str]] = {}
    for name, value in scope.get("headers", ()):
        lists.setdefault(name.decode("latin-1"), []).append(value.decode("latin-1"))
    return lists


class ResponseDraft(Response):
    """What a handler or dependency that asks for a `Response` writes to: headers, cookies and a status code."""

    def __init__(self) -> None:
        super().__init__()
        del self.headers["content-length"]
        self.status_code: Any = None


def raise_swallowed(handler: str) -> None:
    """A dependency with `yield` has caught the handler's exception and raised nothing: there is no response."""
    message = (
        f"no response was made for {handler}: a dependency with yield has caught an exception and has not raised "
        "it again.\n  fix: end its `except` block with `raise`"
    )
    raise FasterAPIError(message)


class RequestErrors:
    """Makes the 422 of one route: `raise request_errors(errors, body)`."""

    def __init__(self, endpoint: EndpointContext) -> None:
        self._endpoint = endpoint

    def __call__(self, errors: list[Any], body: bytes | FormData | None) -> RequestValidationError:
        content: Any = body
        if isinstance(body, bytes):
            try:
                content = decode_json(body) if body else None
            except ValueError:
                content = body
        return RequestValidationError(errors, body=content, endpoint_ctx=self._endpoint)


class ResponseErrors:
    """Makes the 500 of a result that does not fit its model; the fields are for the log, not for the client."""

    def __init__(self, endpoint: EndpointContext) -> None:
        self._endpoint = endpoint

    def __call__(self, problem: SerializationError, result: Any) -> ResponseValidationError:
        return ResponseValidationError(problem.errors, body=result, endpoint_ctx=self._endpoint)


async def read_form(
    scope: Scope, receive: Receive, send: Send, file_rules: FileRules | None = None
) -> FormData:
    """The request's form, in memory or on disk within the limits.

    Raises HTTPException 400 or 413, and RequestValidationError for a file against its rule.
    """
    try:
        return await Request(scope, receive, send)._read_form({}, file_rules)
    except (HTTPException, ClientDisconnect, RequestValidationError):
        raise
    except Exception as error:
        raise HTTPException(400, "There was an error parsing the body") from error


def finish_draft(
    draft: ResponseDraft,
    status: int,
    content: bytes,
    fixed: Sequence[tuple[bytes, bytes]] = ((b"content-type", b"application/json"),),
) -> tuple[int, list[Any], bytes]:
    """Put together what the route fixes and what the handler wrote to its `Response`."""
    if draft.status_code is not None:
        status = draft.status_code
    headers = [*fixed, *draft.raw_headers]
    if status < _FIRST_WITH_BODY or status in _WITHOUT_BODY:
        return status, headers, b""
    return status, [CONTENT_LENGTHS[len(content)], *headers], content


_FIRST_WITH_BODY = 200
_WITHOUT_BODY = frozenset({204, 205, 304})


async def send_returned(
    response: Response, scope: Scope, receive: Receive, send: Send, background: BackgroundTasks | None
) -> None:
    """Send a response that the handler made; tasks that it was given run after it, as its own would."""
    if response.background is None and background is not None and background.tasks:
        response.background = background
    await response(scope, receive, send)


async def send_built(  # noqa: PLR0917 - called by generated code only
    response: Response,
    scope: Scope,
    receive: Receive,
    send: Send,
    draft: ResponseDraft | None,
    background: BackgroundTasks | None,
) -> None:
    """Send a response that the route's class made of the result."""
    if draft is not None:
        if draft.status_code is not None:
            response.status_code = draft.status_code
        response.raw_headers.extend(draft.raw_headers)
    if response.status_code < _FIRST_WITH_BODY or response.status_code in _WITHOUT_BODY:
        response.body = b""
    if background is not None and background.tasks:
        response.background = background
    await response(scope, receive, send)


class WebSocketErrors:
    """Makes the refusal of a handshake whose parameters do not fit: `raise websocket_errors(errors)`."""

    def __init__(self, endpoint: EndpointContext) -> None:
        self._endpoint = endpoint

    def __call__(self, errors: list[Any]) -> WebSocketRequestValidationError:
        return WebSocketRequestValidationError(errors, endpoint_ctx=self._endpoint)
