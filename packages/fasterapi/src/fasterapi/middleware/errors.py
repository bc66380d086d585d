"""The outermost middleware: what becomes of an exception that nobody handled.

Knows: HTTP status 500, logging. Does not know: which exceptions have handlers (`exceptions`).
Invariant: the error is logged, the client gets an answer, the server gets the exception; and unless `debug`
is on, nothing about the exception reaches the client.
"""

import logging

from fasterapi.concurrency import run_in_threadpool
from fasterapi.middleware._calls import call_handler, entry_of, watched
from fasterapi.requests import Request
from fasterapi.responses import HTMLResponse, PlainTextResponse, Response
from fasterapi.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

logger = logging.getLogger("fasterapi.error")


class ServerErrorMiddleware:
    """Log unhandled exceptions, answer 500 if nothing was sent yet, and raise them again for the server.

    `handler(request, exception)` makes the response in place of `Internal Server Error`. With `debug=True`
    the response is the traceback: as HTML for a client that accepts it, otherwise as text.
    """

    def __init__(self, app: ASGIApp, handler: ExceptionHandler | None = None, debug: bool = False) -> None:
        self.app = app
        self.handler = handler
        self.debug = debug
        self._call = entry_of(app)
        self._watched_call = watched(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._call_other(scope, receive, send)
            return
        starts: list[Message] = []
        try:
            await self._watched_call(scope, receive, send, starts)
        except Exception as error:
            _log(scope, error)
            response = await self._response(Request(scope), error)
            if not starts:
                await response(scope, receive, send)
            raise

    async def _call_other(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket gets no response, the server closes it; errors of the lifespan are the server's to log."""
        try:
            await self._call(scope, receive, send)
        except Exception as error:
            if scope["type"] == "websocket":
                _log(scope, error)
            raise

    async def _response(self, request: Request, error: Exception) -> Response:
        if self.debug:
            return await run_in_threadpool(debug_response, request, error)
        if self.handler is None:
            return PlainTextResponse("Internal Server Error", status_code=500)
        response: Response = await call_handler(self.handler, request, error)
        return response


def _log(scope: Scope, error: Exception) -> None:
    # The path is the client's text: `%r` keeps its line breaks out of the log.
    logger.error("Unhandled error in %s %r", scope.get("method", "WEBSOCKET"), scope["path"], exc_info=error)


def debug_response(request: Request, error: Exception) -> Response:
    """The traceback of `error`, in the form that the client can show."""
    from fasterapi.middleware import _debugpage  # noqa: PLC0415 - only for developers' own machines

    if "text/html" in request.headers.get("accept", ""):
        policy = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
        return HTMLResponse(_debugpage.render_html(error), status_code=500, headers=policy)
    return PlainTextResponse(_debugpage.render_text(error), status_code=500)
