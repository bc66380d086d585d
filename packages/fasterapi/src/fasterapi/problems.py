"""Problem details (RFC 9457): errors as `application/problem+json`, for applications and routers that ask for it.

Knows: the five members of a problem, extension members, how each error of the framework becomes a problem.
Does not know: which handler answers which exception (`exception_handlers`), documents (`openapi.problems`).
Imported by the first application or router with `problem_details=True`, and by the first `ProblemException`.
"""

import http
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec

from fasterapi.encoders import jsonable_encoder
from fasterapi.exceptions import HTTPException, ProblemException, RequestValidationError
from fasterapi.requests import Request
from fasterapi.responses import JSONResponse, PlainTextResponse, Response

__all__ = [
    "PROBLEM_HANDLERS",
    "ProblemDetails",
    "ProblemException",
    "ProblemResponse",
    "ValidationError",
    "ValidationProblemDetails",
    "http_problem_handler",
    "server_handler_by_route",
    "server_problem_handler",
    "validation_problem_handler",
]

MEDIA_TYPE: Final = "application/problem+json"
_ABOUT_BLANK: Final = "about:blank"


Reference = Annotated[str, msgspec.Meta(extra_json_schema={"format": "uri-reference"})]


class ProblemDetails(msgspec.Struct, kw_only=True):
    """What went wrong, in a form that programs understand (RFC 9457). Further members may follow."""

    type: Reference
    """Which kind of problem this is: a URI; `about:blank` where the status says it all."""
    title: str
    """The kind of problem in a few words; the same for every occurrence."""
    status: int
    """The status code of the response."""
    detail: str | msgspec.UnsetType = msgspec.UNSET
    """What is wrong with this request."""
    instance: Reference | msgspec.UnsetType = msgspec.UNSET
    """Which occurrence this is: a URI, relative to the request's."""


class ValidationError(msgspec.Struct, kw_only=True):
    """One value of the request that does not fit."""

    loc: list[str | int]
    msg: str
    type: str
    input: Any = None
    ctx: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET


class ValidationProblemDetails(ProblemDetails, kw_only=True):
    """The request does not fit what the operation declares."""

    errors: list[ValidationError]
    """Every value that does not fit, where it is and why."""


class ProblemResponse(JSONResponse):
    """A problem as JSON.

    >>> ProblemResponse({"type": "about:blank", "title": "Gone", "status": 410}, 410).headers["content-type"]
    'application/problem+json'
    """

    __slots__ = ()
    media_type = MEDIA_TYPE


def problem_of(exc: HTTPException, instance: str) -> dict[str, Any]:
    """The members of the problem that an HTTPException stands for.

    A text as the exception's `detail` is the problem's. The members of a mapping become members of the problem,
    its own ones too where they are texts. Anything else stands under `errors`.

    >>> problem_of(HTTPException(404, "No item 7"), "/items/7")
    {'type': 'about:blank', 'title': 'Not Found', 'status': 404, 'detail': 'No item 7', 'instance': '/items/7'}
    >>> problem_of(HTTPException(409, {"type": "/problems/stock", "left": 2}), "/orders")
    {'type': '/problems/stock', 'title': 'Conflict', 'status': 409, 'instance': '/orders', 'left': 2}
    """
    problem: dict[str, Any] = {
        "type": _ABOUT_BLANK,
        "title": title_of(exc.status_code),
        "status": exc.status_code,
    }
    extensions: Mapping[str, Any] = {}
    if isinstance(exc, ProblemException):
        problem["type"] = exc.type or _ABOUT_BLANK
        problem["title"] = exc.title or problem["title"]
        instance = exc.instance or instance
        extensions = exc.extensions
    if isinstance(exc.detail, str):
        problem["detail"] = exc.detail
    elif _is_members(exc.detail):
        extensions = {**exc.detail, **extensions}
        problem.update({name: extensions[name] for name in _TEXTS if name in extensions})
    elif exc.detail is not None:
        extensions = {"errors": exc.detail, **extensions}
    instance = problem.pop("instance", instance)
    if instance:
        problem["instance"] = instance
    return problem | {name: value for name, value in extensions.items() if name not in problem}


_TEXTS: Final = ("type", "title", "detail", "instance")


def _is_members(detail: Any) -> bool:
    """Whether these are members of a problem; `status` is the response's and nobody else's."""
    return (
        isinstance(detail, Mapping)
        and all(isinstance(name, str) for name in detail)
        and all(isinstance(detail.get(name, ""), str) for name in _TEXTS)
        and "status" not in detail
    )


def title_of(status_code: int) -> str:
    """The reason phrase of a status in RFC 9110's words, whatever Python's version calls it."""
    return _PHRASES.get(status_code) or f"Status {status_code}"


_PHRASES: Final = {status.value: status.phrase for status in http.HTTPStatus} | {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}


def instance_of(request: Request) -> str:
    """The path that was asked for, as a relative URI; the query may hold secrets and stays out."""
    return quote(request.scope["path"], safe="/:@!$&'()*+,;=-._~")


async def http_problem_handler(request: Request, exc: HTTPException) -> Response:
    """Answer an HTTPException as a problem, with its status and headers."""
    if exc.status_code < 200 or exc.status_code in {204, 205, 304}:
        return Response(status_code=exc.status_code, headers=exc.headers)
    problem = problem_of(exc, instance_of(request))
    return ProblemResponse(jsonable_encoder(problem), status_code=exc.status_code, headers=exc.headers)


async def validation_problem_handler(request: Request, exc: RequestValidationError) -> Response:
    """Answer 422 with all errors under `errors`, each as FastAPI writes it."""
    errors = exc.errors()
    return ProblemResponse(
        {
            "type": _ABOUT_BLANK,
            "title": title_of(422),
            "status": 422,
            "detail": f"{len(errors)} validation error{'' if len(errors) == 1 else 's'}",
            "instance": instance_of(request),
            "errors": jsonable_encoder(errors),
        },
        status_code=422,
    )


async def server_problem_handler(request: Request, exc: Exception) -> Response:  # noqa: ARG001 - a handler's form
    """Answer 500; nothing about the exception reaches the client."""
    return ProblemResponse(
        {"type": _ABOUT_BLANK, "title": title_of(500), "status": 500, "instance": instance_of(request)},
        status_code=500,
    )


def server_handler_by_route(default: bool) -> Callable[[Request, Exception], Any]:
    """What answers 500 outside of all middleware: a problem where the route that failed promises problems.

    `default` is the application's word, for requests that have found no route.
    """

    async def answer(request: Request, exc: Exception) -> Response:
        inherited = getattr(request.scope.get("route"), "inherited", None)
        if default if inherited is None else inherited.problem_details:
            return await server_problem_handler(request, exc)
        return PlainTextResponse("Internal Server Error", status_code=500)

    return answer


PROBLEM_HANDLERS: Final[Mapping[type[Exception], Any]] = {
    HTTPException: http_problem_handler,
    ProblemException: http_problem_handler,
    RequestValidationError: validation_problem_handler,
}
"""What answers in place of the default handlers where problems are asked for."""
