"""A request's method and path → a text for people: which route answers, and how.

Knows: what a route can tell of itself. Does not know: requests.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from fasterapi.compilation.models import response_model_of
from fasterapi.exceptions import FasterAPIError
from fasterapi.routing.route import APIRoute, APIWebSocketRoute
from fasterapi.routing.table import Table
from fasterapi_di import MISSING

__all__ = ["explain"]


def explain(routes: Iterable[Any], method: str, path: str, middleware: Sequence[Any] = ()) -> str:
    """The route that answers `method` and `path`, what it reads and sends, its dependencies, its plan, its source.

    `middleware` is the application's, outermost first. Raises FasterAPIError, naming the methods that the path has,
    when no route with a generated function answers.
    """
    table = Table(routes)
    found = table.http.resolve(method, path) or table.websockets.resolve(method, path)
    if found is None or not isinstance(found[0], APIRoute | APIWebSocketRoute):
        allowed = ", ".join(table.http.allowed_methods(path)) or "none"
        message = f"no compiled route answers {method} {path}; methods of this path: {allowed}"
        raise FasterAPIError(message)
    route, params = found[0], found[1]
    facts = "\n".join(f"{name}: {value}" for name, value in _facts(route, params, middleware))
    steps = "\n".join(f"  {step!r}" for step in route.plan.steps)
    return f"{route!r}\n{facts}\n\n{route.dependant}\n\nplan\n{steps}\n\nsource\n{route.source}"


def _facts(route: Any, params: Any, middleware: Sequence[Any]) -> Iterator[tuple[str, str]]:
    yield "path parameters", repr(params)
    passed = [*middleware, *route.inherited.middleware]
    if passed:
        yield "middleware", " → ".join(getattr(record.cls, "__name__", repr(record.cls)) for record in passed)
    for bound in {bound.name: bound for bound in route.handler.reading.body.fields}.values():
        yield bound.source, f"{bound.name}: {_name(bound.type)}"
    model = response_model_of(route, route.return_annotation) if isinstance(route, APIRoute) else MISSING
    if model is not MISSING:
        yield "response model", _name(model)


def _name(type_: Any) -> str:
    return type_.__name__ if isinstance(type_, type) and not hasattr(type_, "__args__") else repr(type_)
