"""FastAPI's developer experience on msgspec, a radix-tree router and compiled dependency injection.

The public names in one place. Start reading at `app` (the way of a request), then `binding` (a handler's
parameters), `compilation` (the generated function), `routing`. What not every application needs is imported when it
is first used.
"""

from typing import TYPE_CHECKING

from fasterapi import status
from fasterapi._lazy import lazy_names
from fasterapi._version import __version__
from fasterapi.app import Faster
from fasterapi.background import BackgroundTask, BackgroundTasks
from fasterapi.concurrency import run_in_threadpool
from fasterapi.datastructures import UploadFile
from fasterapi.exceptions import (
    FasterAPIError,
    HTTPException,
    RequestValidationError,
    WebSocketException,
)
from fasterapi.middleware import Middleware
from fasterapi.param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from fasterapi.requests import Request
from fasterapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from fasterapi.routing import APIRouter, FasterRouter
from fasterapi.security.scopes import SecurityScopes
from fasterapi.websockets import WebSocket, WebSocketDisconnect, WebSocketState

if TYPE_CHECKING:
    from fasterapi.middleware.base import BaseHTTPMiddleware
    from fasterapi.middleware.cors import CORSMiddleware
    from fasterapi.middleware.gzip import GZipMiddleware
    from fasterapi.middleware.httpsredirect import HTTPSRedirectMiddleware
    from fasterapi.middleware.trustedhost import TrustedHostMiddleware
    from fasterapi.responses import FileResponse, ORJSONResponse, StreamingResponse, UJSONResponse
    from fasterapi.sse import EventSourceResponse, ServerSentEvent
    from fasterapi.testclient import TestClient
    from fasterapi_concurrency import SubInterpreterPool, run_in_process, run_in_subinterpreter
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi.authentication": (),
            "fasterapi.encoders": (),
            "fasterapi.middleware.base": ("BaseHTTPMiddleware",),
            "fasterapi.middleware.cors": ("CORSMiddleware",),
            "fasterapi.middleware.gzip": ("GZipMiddleware",),
            "fasterapi.middleware.httpsredirect": ("HTTPSRedirectMiddleware",),
            "fasterapi.middleware.trustedhost": ("TrustedHostMiddleware",),
            "fasterapi.responses": ("FileResponse", "ORJSONResponse", "StreamingResponse", "UJSONResponse"),
            "fasterapi.sse": ("EventSourceResponse", "ServerSentEvent"),
            "fasterapi_concurrency": ("SubInterpreterPool", "run_in_process", "run_in_subinterpreter"),
            "fasterapi.testclient": ("TestClient",),
        },
    )

__all__ = [
    "APIRouter",
    "BackgroundTask",
    "BackgroundTasks",
    "BaseHTTPMiddleware",
    "Body",
    "CORSMiddleware",
    "Cookie",
    "Depends",
    "EventSourceResponse",
    "Faster",
    "FasterAPIError",
    "FasterRouter",
    "File",
    "FileResponse",
    "Form",
    "GZipMiddleware",
    "HTMLResponse",
    "HTTPException",
    "HTTPSRedirectMiddleware",
    "Header",
    "JSONResponse",
    "Middleware",
    "ORJSONResponse",
    "Path",
    "PlainTextResponse",
    "Query",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "Security",
    "SecurityScopes",
    "ServerSentEvent",
    "StreamingResponse",
    "SubInterpreterPool",
    "TestClient",
    "TrustedHostMiddleware",
    "UJSONResponse",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "WebSocketState",
    "__version__",
    "run_in_process",
    "run_in_subinterpreter",
    "run_in_threadpool",
    "status",
]
