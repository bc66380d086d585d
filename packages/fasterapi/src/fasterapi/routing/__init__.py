"""Routes and routers, under FastAPI's and Starlette's names.

`options` → `route`, `mounts` → `registration` → `router` declare; `table` → `dispatch` find. Compiling a route's
handler is not done here (`compilation`).
"""

from typing import TYPE_CHECKING, Any

from fasterapi.exceptions import NoMatchFound
from fasterapi.routing.mounts import Host, Mount, Route, WebSocketRoute
from fasterapi.routing.options import FormLimits, RouteOptions
from fasterapi.routing.route import APIRoute, APIWebSocketRoute, generate_unique_id
from fasterapi.routing.router import FasterRouter
from fasterapi_router import RadixRouter

if TYPE_CHECKING:
    from fasterapi.routing.contexts import RouteContext, iter_route_contexts

APIRouter = FasterRouter

__all__ = [
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "FasterRouter",
    "FormLimits",
    "Host",
    "Mount",
    "NoMatchFound",
    "RadixRouter",
    "Route",
    "RouteContext",
    "RouteOptions",
    "WebSocketRoute",
    "generate_unique_id",
    "iter_route_contexts",
]


def __getattr__(name: str) -> Any:
    # For tools that read routes; applications never ask.
    if name in {"RouteContext", "iter_route_contexts"}:
        from fasterapi.routing import contexts  # noqa: PLC0415

        return getattr(contexts, name)
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
