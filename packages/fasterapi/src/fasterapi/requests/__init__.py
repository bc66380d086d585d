"""What came from the client: `Request`, and the parsers that generated route functions use without one.

`_connection.py` is what HTTP and WebSocket share, `_request.py` adds the body; `_body.py`, `_query.py` and
`_cookies.py` are plain functions over ASGI data.
"""

from typing import TYPE_CHECKING

from fasterapi._lazy import lazy_names
from fasterapi.exceptions import ClientDisconnect
from fasterapi.requests._body import read_body
from fasterapi.requests._connection import HTTPConnection
from fasterapi.requests._cookies import find_cookie, is_token, parse_cookies
from fasterapi.requests._query import parse_query_first, parse_query_multi
from fasterapi.requests._request import Request

if TYPE_CHECKING:
    from fasterapi.requests._malformed import MalformedJSON
else:
    __getattr__, __dir__ = lazy_names(__name__, {"fasterapi.requests._malformed": ("MalformedJSON",)})

__all__ = [
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
]
