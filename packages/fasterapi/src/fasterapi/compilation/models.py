"""What a route's results are filtered to, and whether its responses have content at all.

Knows: response models, return annotations. Does not know: how results are encoded (`results`) or documented.
"""

from typing import Any, get_args, get_origin

from fasterapi.exceptions import FasterAPIError
from fasterapi.responses import Response
from fasterapi.routing.route import APIRoute
from fasterapi_di import MISSING

__all__ = ["allows_body", "is_response_type", "response_model_of"]

_OK = 200
_NO_BODY = frozenset({204, 205, 304})


def allows_body(status: int | None) -> bool:
    """Whether a response of this status has content (RFC 9110, section 6.4.1)."""
    return status is None or (status >= _OK and status not in _NO_BODY)


def response_model_of(route: APIRoute, return_annotation: Any) -> Any:
    """The type that results are filtered to, or MISSING: `response_model`, else the return annotation.

    Raises FasterAPIError for an annotation that mixes a Response with data.
    """
    if route.response_model is not MISSING:
        return MISSING if route.response_model is None else route.response_model
    if return_annotation is MISSING or return_annotation is None or is_response_type(return_annotation):
        return MISSING
    if get_origin(return_annotation) is not None and any(map(is_response_type, get_args(return_annotation))):
        message = (
            f"{route!r}: the return annotation {return_annotation!r} mixes a Response with data, which no response "
            "model can describe.\n  fix: pass response_model=None, or the model of the data, to the decorator"
        )
        raise FasterAPIError(message)
    return return_annotation


def is_response_type(annotation: Any) -> bool:
    """Whether a handler with this return annotation makes its responses itself."""
    return isinstance(annotation, type) and issubclass(annotation, Response)
