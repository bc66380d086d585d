"""What the web modules offer: FastAPI's and Starlette's names, and the few of our own."""

import importlib

import pytest

NAMES = {
    "conditional": ["ETag", "ETagOption", "Validators", "entity_tag", "failed_precondition", "validators_of"],
    "controllers": [
        "Controller",
        "api_route",
        "delete",
        "get",
        "head",
        "options",
        "patch",
        "post",
        "put",
        "query",
        "trace",
        "websocket",
    ],
    "shutdown": [
        "HEAD_START",
        "Follower",
        "Listener",
        "Shutdown",
        "is_going_down",
        "tell_of_shutdown",
        "watch_signals",
    ],
    "websockets": [
        "WebSocket",
        "WebSocketClose",
        "WebSocketDisconnect",
        "WebSocketDisconnected",
        "WebSocketState",
    ],
    "datastructures": [
        "URL",
        "Address",
        "CommaSeparatedStrings",
        "Default",
        "DefaultPlaceholder",
        "FormData",
        "Headers",
        "ImmutableMultiDict",
        "MultiDict",
        "MutableHeaders",
        "QueryParams",
        "Secret",
        "State",
        "URLPath",
        "UploadFile",
    ],
    "pagination": ["CursorPage", "CursorPagination", "Page", "Pagination"],
    "problems": [
        "PROBLEM_HANDLERS",
        "ProblemDetails",
        "ProblemException",
        "ProblemResponse",
        "ValidationError",
        "ValidationProblemDetails",
        "http_problem_handler",
        "server_handler_by_route",
        "server_problem_handler",
        "validation_problem_handler",
    ],
    "requests": [
        "ClientDisconnect",
        "HTTPConnection",
        "MalformedJSON",
        "Request",
        "find_cookie",
        "is_token",
        "parse_cookies",
        "parse_query_first",
        "parse_query_multi",
        "read_body",
    ],
    "responses": [
        "EventSourceResponse",
        "FileResponse",
        "HTMLResponse",
        "JSONLinesResponse",
        "JSONResponse",
        "NotModifiedResponse",
        "ORJSONResponse",
        "PlainTextResponse",
        "RedirectResponse",
        "Response",
        "StreamingResponse",
        "UJSONResponse",
        "encode_json",
        "is_not_modified",
    ],
    "concurrency": [
        "SubInterpreterPool",
        "asynccontextmanager",
        "contextmanager_in_threadpool",
        "current_default_thread_limiter",
        "install_event_loop",
        "is_coroutine",
        "iterate_in_threadpool",
        "run_in_executor",
        "run_in_process",
        "run_in_subinterpreter",
        "run_in_threadpool",
        "run_teardown_in_threadpool",
        "run_until_first_complete",
    ],
    "views": ["Fields", "View", "view_of"],
}


@pytest.mark.parametrize("module", NAMES)
def test_public_names_are_exactly_these(module):
    loaded = importlib.import_module(f"fasterapi.{module}")
    assert loaded.__all__ == NAMES[module]
    assert all(getattr(loaded, name) is not None for name in NAMES[module])


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("background", ["BackgroundTask", "BackgroundTasks"]),
        ("endpoints", ["HTTPEndpoint", "WebSocketEndpoint"]),
        ("formparsers", ["FormParser", "MultiPartException", "MultiPartParser"]),
        ("staticfiles", ["StaticFiles"]),
        ("templating", ["Jinja2Templates"]),
        ("sse", ["EventSourceResponse", "ServerSentEvent", "format_sse_event"]),
    ],
)
def test_names_that_applications_import(module, names):
    loaded = importlib.import_module(f"fasterapi.{module}")
    assert [name for name in names if not hasattr(loaded, name)] == []
