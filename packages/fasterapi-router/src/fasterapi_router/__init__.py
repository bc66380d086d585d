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
from fasterapi_router.result import Found, MethodNotAllowed, NotFound, Route
from fasterapi_router.router import RadixRouter

__all__ = [
    "ConflictingRoute",
    "Converter",
    "DuplicateRoute",
    "Found",
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
