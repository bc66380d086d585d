"""What goes to the client: ASGI applications that answer one request.

`_base.py` is the plain response; `_streaming.py` sends piece by piece,
`_events.py` as events, `_files.py` from disk.
"""

from fasterapi.responses._base import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fasterapi.responses._events import EventSourceResponse
from fasterapi.responses._files import FileResponse, NotModifiedResponse, is_not_modified
from fasterapi.responses._json import (
    JSONLinesResponse,
    JSONResponse,
    ORJSONResponse,
    UJSONResponse,
    encode_json,
)
from fasterapi.responses._streaming import StreamingResponse

__all__ = [
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
]
