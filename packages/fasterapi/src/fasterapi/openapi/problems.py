"""The responses of an operation whose errors are problem details (RFC 9457).

Knows: which statuses are problems, and their schemas. Does not know: how a problem is made (`problems`).
"""

from collections.abc import Mapping, Sequence

from msgspec import UNSET
from msgspec.structs import replace

from fasterapi.problems import MEDIA_TYPE, ProblemDetails, ValidationProblemDetails
from fasterapi_openapi import MediaSpec, ResponseSpec

__all__ = ["with_problems"]

_PROBLEM = MediaSpec(type=ProblemDetails)
_VALIDATION = MediaSpec(type=ValidationProblemDetails)


def with_problems(
    responses: Mapping[int | str, ResponseSpec], *, takes_input: bool, forms: Sequence[str]
) -> dict[int | str, ResponseSpec]:
    """`responses`, with problems as the content of errors that have none, as 422 and as the default.

    `takes_input`: there are parameters or a body, so that the request may be refused. What the user has described
    stays as it is; a model that is a ProblemDetails moves to the media type of problems. `forms` are those of errors.
    """
    types = [MEDIA_TYPE if form == "application/json" else form for form in forms]
    found = {
        status: _as_problem(spec, types) if _is_error(status) else spec for status, spec in responses.items()
    }
    if takes_input and not {422, "422", "4XX", "default"} & found.keys():
        found[422] = ResponseSpec(description="Validation Error", content=dict.fromkeys(types, _VALIDATION))
    found.setdefault("default", ResponseSpec(description="Problem", content=dict.fromkeys(types, _PROBLEM)))
    return found


def _is_error(status: int | str) -> bool:
    return str(status)[0] in "45d"


def _as_problem(spec: ResponseSpec, types: Sequence[str]) -> ResponseSpec:
    content: dict[str, MediaSpec] = {}
    for media_type, media in spec.content.items():
        content |= dict.fromkeys(types if _is_problem(media.type) else [media_type], media)
    return replace(spec, content=content or dict.fromkeys(types, _PROBLEM))


def _is_problem(type_: object) -> bool:
    return type_ is not UNSET and isinstance(type_, type) and issubclass(type_, ProblemDetails)
