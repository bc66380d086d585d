"""Answers to errors in the form that a client accepts, on routes with `media_types`.

Knows: `Accept`, codecs that can write errors. Does not know: what is wrong: the default handlers say it in JSON, and
here it is written in another form. Imported by the first application, router or route with `media_types`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from fasterapi._accept import choose_media_type
from fasterapi.codecs import Codec
from fasterapi.exceptions import HTTPException, RequestValidationError
from fasterapi.requests import Request
from fasterapi.responses import Response

__all__ = ["error_forms", "in_accepted_form"]

_JSON = "application/json"


def error_forms(codecs: Sequence[Codec]) -> list[str]:
    """The media types of errors on a route with these codecs; JSON where none of the others will do."""
    found = [codec.media_type for codec in codecs if codec.writes_errors]
    return found if _JSON in found else [*found, _JSON]


def in_accepted_form(handlers: Mapping[Any, Any], codecs: Sequence[Codec]) -> dict[Any, Any]:
    """The default handlers, those for HTTP with their answers in the form that the client accepts."""
    able = [codec for codec in codecs if codec.writes_errors]
    return {
        cls: _negotiating(handler, able)
        if issubclass(cls, HTTPException | RequestValidationError)
        else handler
        for cls, handler in handlers.items()
    }


def _negotiating(handler: Callable[..., Any], codecs: Sequence[Codec]) -> Callable[..., Any]:
    names = [codec.names for codec in codecs]

    async def answer(request: Request, exc: Exception) -> Response:
        response: Response = await handler(request, exc)
        if not response.body or not codecs:
            return response
        if response.headers.get("vary") != "Accept":  # a 406 has it already
            response.headers.add_vary_header("Accept")
        place = choose_media_type(", ".join(request.headers.getlist("accept")), names)
        if place is not None and codecs[place].media_type != _JSON:
            _rewrite(response, codecs[place])
        return response

    return answer


def _rewrite(response: Response, codec: Codec) -> None:
    try:
        body = codec.encode(msgspec.json.decode(response.body))
    except TypeError:  # TOML has no null
        return
    response.body = body
    response.headers["content-length"] = str(len(body))
    response.headers["content-type"] = codec.media_type
