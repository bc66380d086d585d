"""The application behind a `dispatch` method, run so that its response can be held in the hand.

Knows: tasks, contexts, the messages of one request. Does not know: what dispatch methods do.

The application runs in a task of its own, in the *same* context: what it sets in context variables is seen
by `dispatch` and outside of it, and the other way round. Its messages are handed over one by one: it goes on
when the server has taken them. Nobody cancels the task but a failing `dispatch` or the server.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from fasterapi.exceptions import ClientDisconnect
from fasterapi.requests import Request
from fasterapi.requests._body import BODY_KEY, StreamState
from fasterapi.responses._streaming import reports_disconnects_by_send
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

# These reach the server at once: they do not belong to the response that `dispatch` may change.
_AHEAD = frozenset({"http.response.early_hint", "http.response.push"})
# The application need not wait until these are taken.
_PROMPT = frozenset({"http.response.start", "http.response.debug"})


class Downstream:
    """`start()`, then `messages()` or not, then `finish()` or `cancel()`."""

    def __init__(self, app: ASGIApp, request: Request, send: Send) -> None:
        self.debug: Message | None = None
        # What `start` has raised because the client was gone before there was a response.
        self.loss: ClientDisconnect | None = None
        self._app = app
        self._request = request
        self._server_send = send
        self._receive = replay(request)
        # Two futures and a deque: an `asyncio.Queue` would cost a third of the whole layer.
        self._sent: deque[Message | None] = deque()
        self._arrival: asyncio.Future[None] | None = None  # what the side of `dispatch` waits for
        self._taken: asyncio.Future[None] | None = None  # what the application's `send` waits for
        self._error: BaseException | None = None
        self._is_whole = False
        self._is_unwanted = False
        self._trailers_follow = False

    async def start(self) -> Message:
        """Run the application up to its `http.response.start`. Raises what the application raises instead.

        `ClientDisconnect` when it sends nothing because there is nobody any more.
        """
        self._context = _SharedContext()
        self._task = asyncio.create_task(self._run(), context=self._context.inner)
        while True:
            message = await self._next()
            if message is None:
                if self._request._is_disconnected:
                    self.loss = ClientDisconnect()
                    raise self.loss
                raise RuntimeError("No response returned: the application sent nothing and raised nothing.")
            if message["type"] == "http.response.start":
                self._trailers_follow = message.get("trailers", False)
                return message
            self.debug = message

    async def messages(self) -> AsyncIterator[Message]:
        """The messages after `http.response.start`. Raises what the application raises in mid-response."""
        while not self._is_whole:
            message = await self._next()
            if message is None:
                return
            yield message
            self._is_whole = self._is_last(message)
            _wake(self._taken)

    async def finish(self) -> None:
        """Wait until the application, its background tasks included, has ended. Raises what it raises there.

        An application whose response was not taken whole is told that its client has gone.
        """
        self._is_unwanted = True
        _wake(self._taken)
        await self._task  # a cancellation of this reaches the application, and comes back as its error
        self._context.join()
        if self._is_whole or not isinstance(self._error, ClientDisconnect | OSError):
            self._raise_error()

    async def cancel(self) -> None:
        """End the application, and wait for its end."""
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _next(self) -> Message | None:
        if not self._sent:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        message = self._sent.popleft()
        self._context.join()
        if message is None:
            self._is_whole = True
            self._raise_error()
        return message

    def _put(self, message: Message | None) -> None:
        self._sent.append(message)
        _wake(self._arrival)

    def _is_last(self, message: Message) -> bool:
        match message["type"]:
            case "http.response.body":
                return not message.get("more_body", False) and not self._trailers_follow
            case "http.response.trailers":
                return not message.get("more_trailers", False)
            case kind:
                return bool(kind == "http.response.pathsend")

    def _raise_error(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            raise error

    async def _run(self) -> None:
        try:
            await self._app(self._request.scope, self._receive_or_leave, self._send)
        except BaseException as error:  # raised again where the response is waited for
            self._error = error
        finally:
            self._put(None)

    async def _receive_or_leave(self) -> Message:
        return {"type": "http.disconnect"} if self._is_unwanted else await self._receive()

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if self._is_unwanted:
            await self._drop(message)
        elif kind in _AHEAD:
            await self._server_send(message)
        elif kind in _PROMPT:
            self._put(message)
        else:
            self._taken = asyncio.get_running_loop().create_future()
            self._put(message)
            await self._taken

    async def _drop(self, message: Message) -> None:
        """Behave as a server whose client has gone, so that an endless response ends."""
        if message.get("more_body", False) and reports_disconnects_by_send(self._request.scope):
            raise OSError("nobody wants this response any more: the middleware has answered")
        await asyncio.sleep(0)  # lets the other task run that waits for the disconnect


def _wake(future: asyncio.Future[None] | None) -> None:
    if future is not None and not future.done():
        future.set_result(None)


class _SharedContext:
    """A context for a second task whose changes the first one sees."""

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        if sys.version_info >= (3, 12):
            self.inner = task.get_context()
        else:
            # A task does not tell its context: the second one gets a copy, and `join` takes over its changes.
            self.inner = contextvars.copy_context()
            self._joined = dict(self.inner.items())

    def join(self) -> None:
        """Take over what the second task has set so far; since Python 3.12 it is there already."""
        if sys.version_info < (3, 12):
            for variable, value in self.inner.items():
                if variable not in self._joined or self._joined[variable] is not value:
                    self._joined[variable] = value
                    variable.set(value)


def replay(request: Request) -> Receive:
    """A receive channel that gives the body again which `request` has read, then what is still to come.

    What passes through is noted in the scope, as `Request.stream` does: a later `request.body()` raises
    rather than wait for what has gone by. `Request` and `read_body` further in replace the note by the body.
    """
    has_ended = False

    async def receive() -> Message:
        nonlocal has_ended
        scope: Scope = request.scope
        if not has_ended:
            body: Any = scope.get(BODY_KEY)
            if isinstance(body, bytes) or body is StreamState.CONSUMED:
                has_ended = True
                found = body if isinstance(body, bytes) else b""
                return {"type": "http.request", "body": found, "more_body": False}
        if request._is_disconnected and not request._pending:
            return {"type": "http.disconnect"}  # the client has gone for everybody
        message = await request._next_message()
        while has_ended and message["type"] == "http.request":
            message = await request._next_message()  # replayed again by a middleware further out
        if message["type"] == "http.request":
            has_ended = not message.get("more_body", False)
            scope[BODY_KEY] = StreamState.CONSUMED if has_ended else StreamState.PARTIAL
        return message

    return receive
