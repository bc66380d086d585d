"""What goes to the client: ASGI applications that answer one request.

`_base.py` is the plain response; `_streaming.py` sends piece by piece,
`_events.py` as events, `_files.py` from disk.
"""

from typing import TYPE_CHECKING

from fasterapi._lazy import lazy_names
from fasterapi.responses._base import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from fasterapi.responses._json import JSONResponse, encode_json

if TYPE_CHECKING:
    from fasterapi.responses._events import EventSourceResponse
    from fasterapi.responses._files import FileResponse, NotModifiedResponse, is_not_modified
    from fasterapi.responses._json import JSONLinesResponse, ORJSONResponse, UJSONResponse
    from fasterapi.responses._streaming import StreamingResponse
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi.responses._events": ("EventSourceResponse",),
            "fasterapi.responses._files": ("FileResponse", "NotModifiedResponse", "is_not_modified"),
            "fasterapi.responses._json": ("JSONLinesResponse", "ORJSONResponse", "UJSONResponse"),
            "fasterapi.responses._streaming": ("StreamingResponse",),
        },
    )

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
