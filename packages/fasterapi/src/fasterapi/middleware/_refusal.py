"""A refusal by middleware → the answer that the application itself would give.

Knows: the exception handlers of the application and of the route. Does not know: why something is refused.
"""

from typing import Any

from fasterapi.exception_handlers import ExceptionHandling, http_exception_handler
from fasterapi.exceptions import HTTPException
from fasterapi.requests import Request
from fasterapi.types import Receive, Scope, Send


async def refuse(error: HTTPException, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer `error` by the handlers of the application around, or by `{"detail": ...}`.

    Another framework's application is asked for its handler of the status code alone: its classes are its own.
    """
    app: Any = scope.get("app")
    if getattr(app, "exception_handlers", None) is None:
        response = await http_exception_handler(Request(scope, receive), error)
        await response(scope, receive, send)
        return
    inherited = getattr(scope.get("route"), "inherited", None)
    layers = getattr(inherited, "exception_handlers", ())
    problems = getattr(inherited or getattr(app, "inherited", None), "problem_details", None)
    handling = ExceptionHandling(app, layers, is_outermost=lambda: False, problems=bool(problems))
    await handling(error, scope, receive, send)
