"""A refusal by middleware → the answer that the application itself would give.

Knows: the exception handlers of the application and of the route, who asked for problem details (RFC 9457).
Does not know: why something is refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fasterapi.exception_handlers import ExceptionHandling, http_exception_handler
from fasterapi.exceptions import HTTPException
from fasterapi.requests import Request
from fasterapi.responses import JSONResponse, PlainTextResponse, Response
from fasterapi.types import Receive, Scope, Send

__all__ = ["JSONRefusal", "TextRefusal", "refuse"]


async def refuse(error: HTTPException, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `error` by the handlers of the application around, or by `{"detail": ...}`.

    Another framework's application is asked for its handler of the status code alone: its classes are its own.
    """
    rules = _rules_of(scope)
    if rules is None:
        response = await http_exception_handler(Request(scope, receive), error)
        await response(scope, receive, send)
        return
    handling = ExceptionHandling(
        rules.app,
        rules.layers,
        is_outermost=lambda: False,
        problems=rules.has_problems,
        codecs=rules.codecs,
    )
    await handling(error, scope, receive, send)


class _Refusal(Response):
    error: HTTPException

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rules = _rules_of(scope)
        if rules is not None and rules.has_problems:
            await refuse(self.error, scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


class TextRefusal(_Refusal, PlainTextResponse):
    """`error` as a line of text, as Starlette's middleware answers; by `refuse` where problem details are asked for."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__(error.detail, error.status_code, error.headers)
        self.error = error


class JSONRefusal(_Refusal, JSONResponse):
    """`error` as `{"detail": ...}`; by `refuse` where problem details are asked for."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__({"detail": error.detail}, error.status_code, error.headers)
        self.error = error


class _Rules(NamedTuple):
    app: Any
    layers: Sequence[Mapping[Any, Any]]
    has_problems: bool
    codecs: Sequence[Any] | None


def _rules_of(scope: Scope) -> _Rules | None:
    """What answers errors here: the word of the route, if one is found by now, goes before the application's."""
    app: Any = scope.get("app")
    if getattr(app, "exception_handlers", None) is None:
        return None
    inherited = getattr(scope.get("route"), "inherited", None)
    layers = getattr(inherited, "exception_handlers", ())
    options = inherited or getattr(app, "inherited", None)
    problems = getattr(options, "problem_details", None)
    return _Rules(app, layers, bool(problems), getattr(options, "codecs", None))
