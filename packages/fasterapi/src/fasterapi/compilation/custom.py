"""A `route_class` that overrides `get_route_handler`, FastAPI's way to wrap one route's work.

Knows: FastAPI's contract, `handler(request) -> Response`, and how the generated function, which sends its response
itself, fulfils it. Does not know: what the user's class does.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final, Literal, NamedTuple

from fasterapi._tracking import TrackedSend
from fasterapi.compilation.handed import HANDED, take_body
from fasterapi.exceptions import ClientDisconnect, FasterAPIError
from fasterapi.requests import Request
from fasterapi.responses import Response, StreamingResponse
from fasterapi.types import Message, Receive, Scope, Send

__all__ = ["Inner", "route_handler", "serve_custom"]

RouteHandler = Callable[[Request], Coroutine[Any, Any, Response]]

# Where the scope keeps the calls that a user's handler has made: there may be none, or several.
_RELAYS: Final = "fasterapi.relays"
# Where it keeps what the request's overrides have made of the route.
_INNER: Final = "fasterapi.inner"
# Messages in place of a body, which no response object can carry.
_INSTEAD_OF_BODIES: Final = frozenset({"http.response.pathsend", "http.response.zerocopysend"})

_BODILESS_STATUSES: Final = frozenset({204, 205, 304})


class Inner(NamedTuple):
    """What a user's handler is around: the generated function, which raises, and the body that it reads."""

    call: Callable[..., Any]
    body_kind: Literal["none", "json", "form"]


def route_handler(inner: Inner) -> RouteHandler:
    """What `APIRoute.get_route_handler` gives: run `inner` and return its response.

    The request that it is given is the one that handler and dependencies see, and a subclass of `Request` decides
    what was sent. With overrides in force, their function runs instead.
    """

    async def handler(request: Request) -> Response:
        scope = request.scope
        call, body_kind = scope.get(_INNER, inner)
        scope[HANDED] = request
        if type(request) is not Request and body_kind != "none":
            await take_body(request, body_kind)
        relay = _Relay(call, request)
        scope.setdefault(_RELAYS, []).append(relay)
        return await relay.response()

    return handler


def serve_custom(route: Any, app: Any, handle: Callable[..., Any], inner: Inner) -> Callable[..., Any]:
    """The function `(scope, receive, send, path_params)` around the handler that the user's class returns."""
    run = route.get_route_handler()

    async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
        relays: list[_Relay] = []
        scope.update(app=app, route=route, endpoint=route.endpoint, path_params=path_params)
        scope[_RELAYS] = relays
        scope[_INNER] = inner
        if "extensions" in scope:
            extensions = scope["extensions"] or {}
            scope["extensions"] = {
                name: extensions[name] for name in extensions if name not in _INSTEAD_OF_BODIES
            }
        tracked = TrackedSend(send)
        try:
            response = await run(Request(scope, receive, tracked))
            await response(scope, receive, tracked)
            for relay in relays:
                await relay.finish()
        except Exception as error:
            if not await handle(error, scope, receive, tracked, path_params):
                raise
        finally:
            for relay in relays:
                await relay.abandon()

    return serve


class _Relay:
    """A call in a task of its own, whose messages become a response object.

    The call goes on after a message only when the message has been sent: so a stream is not read ahead, background
    tasks run after the response, and dependencies are left after it.
    """

    def __init__(self, call: Callable[..., Any], request: Request) -> None:
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue()  # None after the last one
        self._context = contextvars.copy_context()
        self._in_hand = False
        self._has_more = False
        self._task: asyncio.Task[None] = asyncio.get_running_loop().create_task(
            call(request.scope, request.receive, self._send, request.scope["path_params"]),
            context=self._context,
        )
        self._task.add_done_callback(lambda _: self._messages.put_nowait(None))

    async def _send(self, message: Message) -> None:
        self._messages.put_nowait(message)
        await self._messages.join()

    async def _next(self) -> Message | None:
        """Let the call go on to its next message; None at its end. Raises what the call raises."""
        if self._in_hand:
            self._in_hand = False
            self._messages.task_done()
        message = await self._messages.get()
        if message is None:
            self._task.result()
        self._in_hand = message is not None
        return message

    async def response(self) -> Response:
        """The call's response, as soon as it is known; nothing is asked of a stream yet."""
        start = await self._next()
        # What dependencies and handler have set is seen by the user's class, as if all were one task.
        for variable, value in self._context.items():
            if variable.get(None) is not value:
                variable.set(value)
        if start is None:
            message = "a handler behind a route class ended without a response"
            raise FasterAPIError(message)
        # A stream is told by what it does not know: its length.
        is_whole = start["status"] in _BODILESS_STATUSES or any(
            name.lower() == b"content-length" for name, _ in start["headers"]
        )
        first = await self._next() if is_whole else None
        response: Response
        if first is not None and not first.get("more_body", False):
            response = Response(first.get("body", b""), start["status"])
        else:
            self._has_more = True
            response = _Streamed(self._pieces(first), start["status"])
        response.raw_headers[:] = list(start["headers"])
        return response

    async def _pieces(self, first: Message | None) -> AsyncIterator[bytes]:
        message = await self._next() if first is None else first
        while message is not None:
            self._has_more = message.get("more_body", False)
            if piece := message.get("body"):
                yield piece
            # The end is sent by the response, and only then the call goes on.
            message = await self._next() if self._has_more else None

    async def finish(self) -> None:
        """The response was sent: let the call come to its end. A stream that was not read out is cancelled."""
        if self._has_more:
            self._task.cancel()
            await asyncio.wait({self._task})
        while not self._task.done():
            await self._next()

    async def abandon(self) -> None:
        """Leave nothing running, whatever has happened."""
        if not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})


class _Streamed(StreamingResponse):
    """A stream whose source looks for the client's departure itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        try:
            await self.stream_response(send)
        except OSError as error:
            raise ClientDisconnect from error
