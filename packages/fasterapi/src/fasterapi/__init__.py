"""FastAPI's developer experience on msgspec, a radix-tree router and compiled dependency injection.

The public names in one place. Start reading at `app` (the way of a request), then `binding` (a handler's
parameters), `compilation` (the generated function), `routing`.
"""

from typing import TYPE_CHECKING, Any

from fasterapi import status
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
from fasterapi.middleware.base import BaseHTTPMiddleware
from fasterapi.middleware.cors import CORSMiddleware
from fasterapi.middleware.gzip import GZipMiddleware
from fasterapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fasterapi.middleware.trustedhost import TrustedHostMiddleware
from fasterapi.param_functions import Body, Cookie, Depends, File, Form, Header, Path, Query, Security
from fasterapi.requests import Request
from fasterapi.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    ORJSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
    UJSONResponse,
)
from fasterapi.routing import APIRouter, FasterRouter
from fasterapi.security.oauth2 import SecurityScopes
from fasterapi.sse import EventSourceResponse, ServerSentEvent
from fasterapi.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from fasterapi_concurrency import SubInterpreterPool, run_in_process, run_in_subinterpreter

if TYPE_CHECKING:
    from fasterapi.testclient import TestClient

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


def __getattr__(name: str) -> Any:
    # The one lazy name: the test client needs httpx, which servers do not have.
    if name == "TestClient":
        from fasterapi.testclient import TestClient  # noqa: PLC0415

        return TestClient
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
