"""The request that a user's route class hands to the generated function.

Knows: which methods a subclass of `Request` may override, and where the body is kept for whoever reads it next.
Does not know: routes, responses.
"""

from typing import Any, Final

import msgspec

from fasterapi.exceptions import ClientDisconnect, HTTPException, RequestValidationError
from fasterapi.requests import Request
from fasterapi.requests._body import BODY_KEY
from fasterapi.requests._request import FORM_KEY
from fasterapi.types import Receive, Scope, Send

__all__ = ["HANDED", "handed_request", "take_body"]

# Where the scope keeps it.
HANDED: Final = "fasterapi.request"


def handed_request(scope: Scope, receive: Receive, send: Send) -> Request:
    """The request that the user's handler was given and passed on; a new one if it calls nothing of ours."""
    request: Request | None = scope.get(HANDED)
    return Request(scope, receive, send) if request is None else request


async def take_body(request: Request, kind: str) -> None:
    """Ask a subclass of `Request` for the body by the methods that it overrides, and keep what it says.

    Raises HTTPException 400 for whatever else they raise, as FastAPI does.
    """
    try:
        if kind == "form":
            await _take_form(request)
        else:
            await _take_json(request)
    except (HTTPException, ClientDisconnect, RequestValidationError):
        raise
    except Exception as error:
        raise HTTPException(400, "There was an error parsing the body") from error


async def _take_form(request: Request) -> None:
    if _overrides(request, "form"):
        request.scope[FORM_KEY] = await request.form()
    elif _overrides(request, "stream"):
        request.scope[BODY_KEY] = await _streamed(request)


async def _take_json(request: Request) -> None:
    if _overrides(request, "body"):
        body = await request.body()
    elif _overrides(request, "stream"):
        body = await _streamed(request)
    else:
        body = None
    if body is not None:
        request.scope[BODY_KEY] = body
    if _overrides(request, "json") and (body is None or body):
        try:
            value = await request.json()
        except ValueError:
            return  # the decoder says what is wrong with the body
        request.scope[BODY_KEY] = msgspec.json.encode(value)


def _overrides(request: Request, method: str) -> bool:
    return getattr(type(request), method) is not getattr(Request, method)


async def _streamed(request: Request) -> bytes:
    chunks: Any = request.stream()
    return b"".join([chunk async for chunk in chunks])
