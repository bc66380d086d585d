"""Middleware as one coroutine: `async def dispatch(request, call_next)`.

Knows: requests and responses. Does not know: how the application behind it is run (`_downstream`).
Invariant: a middleware that changes nothing changes nothing: bodies can be read again, streams stay streams,
context variables pass both ways, background tasks run after the response, disconnects are seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from fasterapi.exceptions import FasterAPIError
from fasterapi.middleware._downstream import Downstream, replay
from fasterapi.requests import Request
from fasterapi.responses import Response
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

RequestResponseEndpoint = Callable[[Request], Awaitable[Response]]
DispatchFunction = Callable[[Request, RequestResponseEndpoint], Awaitable[Response]]


class BaseHTTPMiddleware:
    """Subclass it and write `dispatch`, or hand one in; `@app.middleware("http")` does that.

    `dispatch` gets the request and a function that runs the rest of the application and gives its response,
    whose body has not been sent yet. It returns that response, changed or not, or another one.
    """

    def __init__(self, app: ASGIApp, dispatch: DispatchFunction | None = None) -> None:
        self.app = app
        self.dispatch_func = self.dispatch if dispatch is None else dispatch

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        """Answer `request`, most often by `await call_next(request)`."""
        raise NotImplementedError

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        runs: list[Downstream] = []

        async def call_next(request: Request) -> Response:
            for run in runs:
                await run.finish()  # a second try: nobody waits for the first response any more
            runs[:] = [Downstream(self.app, request, send)]
            start = await runs[0].start()
            return DownstreamResponse(start, runs[0])

        try:
            response = await self.dispatch_func(request, call_next)
            _require_response(self.dispatch_func, response)
            await response(scope, replay(request), send)
        except BaseException as error:
            for run in runs:
                await run.cancel()
            if any(run.loss is error for run in runs):
                return  # as without this middleware: nobody is answered, and nothing has failed
            raise
        for run in runs:
            await run.finish()


class DownstreamResponse(Response):
    """The response of the application behind a middleware: its start is here, its body still to come.

    `body_iterator` gives the body in the pieces in which the application sends it. It may be read, wrapped or
    replaced; untouched, the application's messages are passed on one to one.
    """

    def __init__(self, start: Message, run: Downstream) -> None:
        self.status_code = start["status"]
        self.raw_headers = list(start.get("headers", ()))
        self.background = None
        self.body_iterator: Any = self._pieces()
        self._untouched = self.body_iterator
        self._start = start
        self._run = run
        self._is_read = False

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._is_read = True
        async for message in self._run.messages():
            if message["type"] == "http.response.body" and message.get("body"):
                yield message["body"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive  # ASGI's signature; what they say, the application has heard already
        if self._run.debug is not None:
            await send(self._run.debug)
        await send({**self._start, "status": self.status_code, "headers": self.raw_headers})
        if self.body_iterator is self._untouched and not self._is_read:
            async for message in self._run.messages():
                await send(message)
        else:
            async for piece in self.body_iterator:
                chunk = piece.encode(self.charset) if isinstance(piece, str) else piece
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        if self.background is not None:
            await self.background()


def _require_response(dispatch: Any, value: object) -> None:
    if callable(value):
        return
    code = getattr(getattr(dispatch, "__func__", dispatch), "__code__", None)
    place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    name = getattr(dispatch, "__qualname__", repr(dispatch))
    raise FasterAPIError(
        f"middleware {name}{place} returned {value!r}\n"
        "  fix: return the response of call_next, or another one"
    )
