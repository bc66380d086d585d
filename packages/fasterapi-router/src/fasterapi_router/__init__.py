"""A radix-tree path router for ASGI and anything else that has paths."""

from fasterapi_router._version import __version__
from fasterapi_router.converter import Converter
from fasterapi_router.errors import (
    ConflictingRoute,
    DuplicateRoute,
    InvalidParameter,
    InvalidTemplate,
    NoSuchRoute,
    RouterError,
)
from fasterapi_router.host import HostRoute, HostRouter
from fasterapi_router.result import Found, MethodNotAllowed, NotFound, Route
from fasterapi_router.router import RadixRouter
from fasterapi_router.table import ANY_METHOD

__all__ = [
    "ANY_METHOD",
    "ConflictingRoute",
    "Converter",
    "DuplicateRoute",
    "Found",
    "HostRoute",
    "HostRouter",
    "InvalidParameter",
    "InvalidTemplate",
    "MethodNotAllowed",
    "NoSuchRoute",
    "NotFound",
    "RadixRouter",
    "Route",
    "RouterError",
    "__version__",
]
