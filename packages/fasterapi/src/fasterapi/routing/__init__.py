"""Routes and routers, under FastAPI's and Starlette's names.

`options` → `route`, `mounts` → `registration` → `router` declare; `table` → `dispatch` find. Compiling a route's
handler is not done here (`compilation`).
"""

from fasterapi.exceptions import NoMatchFound
from fasterapi.routing.mounts import Host, Mount, Route, WebSocketRoute
from fasterapi.routing.options import FormLimits, RouteOptions
from fasterapi.routing.route import APIRoute, APIWebSocketRoute, generate_unique_id
from fasterapi.routing.router import FasterRouter
from fasterapi_router import RadixRouter

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
    "RouteOptions",
    "WebSocketRoute",
    "generate_unique_id",
]
