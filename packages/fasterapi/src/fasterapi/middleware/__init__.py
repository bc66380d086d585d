"""Middleware: ASGI applications around an ASGI application. One class per module.

Knows: how a middleware and its options are written down. Does not know: what any of them does.

    app = Faster(middleware=[Middleware(CORSMiddleware, allow_origins=["https://example.org"])])

Every class takes the wrapped application first and is itself an ASGI application, so that each also works
around any other one; third-party ASGI middleware fits in the same list.
"""

from typing import TYPE_CHECKING

from fasterapi._lazy import lazy_names
from fasterapi.middleware._record import Middleware

if TYPE_CHECKING:
    from fasterapi.middleware.authentication import AuthenticationMiddleware
    from fasterapi.middleware.base import BaseHTTPMiddleware, DispatchFunction, RequestResponseEndpoint
    from fasterapi.middleware.body_limit import BodyLimitMiddleware
    from fasterapi.middleware.cors import CORSMiddleware
    from fasterapi.middleware.errors import ServerErrorMiddleware
    from fasterapi.middleware.exceptions import ExceptionMiddleware, lookup_handler
    from fasterapi.middleware.gzip import CompressionMiddleware, GZipMiddleware
    from fasterapi.middleware.httpsredirect import HTTPSRedirectMiddleware
    from fasterapi.middleware.proxyheaders import ProxyHeadersMiddleware
    from fasterapi.middleware.sessions import SessionMiddleware
    from fasterapi.middleware.stack import build_stack
    from fasterapi.middleware.timeout import TimeoutMiddleware
    from fasterapi.middleware.trustedhost import TrustedHostMiddleware
    from fasterapi.middleware.wsgi import WSGIMiddleware
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi.middleware.authentication": ("AuthenticationMiddleware",),
            "fasterapi.middleware.base": (
                "BaseHTTPMiddleware",
                "DispatchFunction",
                "RequestResponseEndpoint",
            ),
            "fasterapi.middleware.body_limit": ("BodyLimitMiddleware",),
            "fasterapi.middleware.cors": ("CORSMiddleware",),
            "fasterapi.middleware.errors": ("ServerErrorMiddleware",),
            "fasterapi.middleware.exceptions": ("ExceptionMiddleware", "lookup_handler"),
            "fasterapi.middleware.gzip": ("CompressionMiddleware", "GZipMiddleware"),
            "fasterapi.middleware.httpsredirect": ("HTTPSRedirectMiddleware",),
            "fasterapi.middleware.proxyheaders": ("ProxyHeadersMiddleware",),
            "fasterapi.middleware.sessions": ("SessionMiddleware",),
            "fasterapi.middleware.stack": ("build_stack",),
            "fasterapi.middleware.timeout": ("TimeoutMiddleware",),
            "fasterapi.middleware.trustedhost": ("TrustedHostMiddleware",),
            "fasterapi.middleware.wsgi": ("WSGIMiddleware",),
        },
    )

__all__ = [
    "AuthenticationMiddleware",
    "BaseHTTPMiddleware",
    "BodyLimitMiddleware",
    "CORSMiddleware",
    "CompressionMiddleware",
    "DispatchFunction",
    "ExceptionMiddleware",
    "GZipMiddleware",
    "HTTPSRedirectMiddleware",
    "Middleware",
    "ProxyHeadersMiddleware",
    "RequestResponseEndpoint",
    "ServerErrorMiddleware",
    "SessionMiddleware",
    "TimeoutMiddleware",
    "TrustedHostMiddleware",
    "WSGIMiddleware",
    "build_stack",
    "lookup_handler",
]
