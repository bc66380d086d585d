"""A request's method and path → a text for people: which route answers, and how.

Knows: what a route can tell of itself. Does not know: requests.
"""

from collections.abc import Iterable
from typing import Any

from fasterapi.exceptions import FasterAPIError
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.routing.table import Table

__all__ = ["explain"]


def explain(routes: Iterable[Any], method: str, path: str) -> str:
    """The route that answers `method` and `path`, its dependencies, its plan and its generated source.

    Raises FasterAPIError, naming the methods that the path has, when no route with a generated function answers.
    """
    table = Table(routes)
    found = table.http.resolve(method, path) or table.websockets.resolve(method, path)
    if found is None or not isinstance(found[0], APIRoute | APIWebSocketRoute):
        allowed = ", ".join(table.http.allowed_methods(path)) or "none"
        message = f"no compiled route answers {method} {path}; methods of this path: {allowed}"
        raise FasterAPIError(message)
    route, params = found[0], found[1]
    steps = "\n".join(f"  {step!r}" for step in route.plan.steps)
    return f"{route!r}\npath parameters: {params!r}\n\n{route.dependant}\n\nplan\n{steps}\n\nsource\n{route.source}"
