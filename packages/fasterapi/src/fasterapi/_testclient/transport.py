"""httpx transports that call an ASGI application instead of opening a connection.

Knows: httpx's transport interface. Does not know: the messages of a connection (`http`, `websocket`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import httpx

from fasterapi._testclient.http import HTTPExchange, RequestBody
from fasterapi._testclient.loopthread import LoopThread
from fasterapi._testclient.scope import Connection
from fasterapi._testclient.session import AsyncWebSocketTestSession, WebSocketTestSession
from fasterapi._testclient.websocket import WebSocketExchange
from fasterapi.types import ASGIApp

SESSION_EXTENSION = "fasterapi.websocket_session"


class ThreadTransport(httpx.BaseTransport):
    """Runs the application in a `LoopThread`, for `TestClient`."""

    def __init__(
        self,
        app: ASGIApp,
        connection: Connection,
        loop: LoopThread,
        raise_server_exceptions: bool,
    ) -> None:
        self._app = app
        self._connection = connection
        self._loop = loop
        self._raise = raise_server_exceptions
        self._open: set[_ThreadBody] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        scope = self._connection.scope(request)
        if scope["type"] == "websocket":
            session = WebSocketTestSession(WebSocketExchange(self._app, scope), self._loop)
            return httpx.Response(101, extensions={SESSION_EXTENSION: session})
        exchange = HTTPExchange(self._app, scope, _sync_body(request))
        self._loop.call(exchange.begin)
        if exchange.start is None:
            self._loop.call(exchange.finish)
            return no_response(exchange, self._raise)
        body = _ThreadBody(self, exchange, skip=request.method == "HEAD")
        self._open.add(body)
        return begun_response(exchange, body)

    def close(self) -> None:
        for body in list(self._open):
            body.close(is_abort=True)


class _ThreadBody(httpx.SyncByteStream):
    def __init__(self, transport: ThreadTransport, exchange: HTTPExchange, skip: bool) -> None:
        self._transport = transport
        self._exchange = exchange
        self._skip = skip

    def __iter__(self) -> Iterator[bytes]:
        while (chunk := self._transport._loop.call(self._exchange.next_chunk)) is not None:
            if chunk and not self._skip:
                yield chunk

    def close(self, *, is_abort: bool = False) -> None:
        self._transport._open.discard(self)
        self._transport._loop.call(partial(self._exchange.finish, is_abort=is_abort))
        raise_error(self._exchange, self._transport._raise)


class LoopTransport(httpx.AsyncBaseTransport):
    """Runs the application in the running event loop, for `AsyncTestClient`."""

    def __init__(self, app: ASGIApp, connection: Connection, raise_server_exceptions: bool) -> None:
        self._app = app
        self._connection = connection
        self._raise = raise_server_exceptions
        self._open: set[_LoopBody] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        scope = self._connection.scope(request)
        if scope["type"] == "websocket":
            session = AsyncWebSocketTestSession(WebSocketExchange(self._app, scope))
            return httpx.Response(101, extensions={SESSION_EXTENSION: session})
        exchange = HTTPExchange(self._app, scope, _async_body(request))
        await exchange.begin()
        if exchange.start is None:
            await exchange.finish()
            return no_response(exchange, self._raise)
        body = _LoopBody(self, exchange, skip=request.method == "HEAD")
        self._open.add(body)
        return begun_response(exchange, body)

    async def aclose(self) -> None:
        for body in list(self._open):
            await body.aclose(is_abort=True)


class _LoopBody(httpx.AsyncByteStream):
    def __init__(self, transport: LoopTransport, exchange: HTTPExchange, skip: bool) -> None:
        self._transport = transport
        self._exchange = exchange
        self._skip = skip

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self._exchange.next_chunk()) is not None:
            if chunk and not self._skip:
                yield chunk

    async def aclose(self, *, is_abort: bool = False) -> None:
        self._transport._open.discard(self)
        await self._exchange.finish(is_abort=is_abort)
        raise_error(self._exchange, self._transport._raise)


def begun_response(
    exchange: HTTPExchange, stream: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    """The response whose `http.response.start` has arrived, with Starlette's extensions for templates."""
    assert exchange.start is not None
    response = httpx.Response(
        exchange.start["status"], headers=list(exchange.start.get("headers", [])), stream=stream
    )
    if exchange.start.get("trailers"):
        response.extensions["http.response.trailers"] = exchange.trailers
    if exchange.debug is not None:
        response.extensions["http.response.debug"] = exchange.debug
        for name in ("template", "context"):
            if name in exchange.debug:
                setattr(response, name, exchange.debug[name])
    return response


def no_response(exchange: HTTPExchange, raise_server_exceptions: bool) -> httpx.Response:
    """What an application that ended without a response is answered for."""
    raise_error(exchange, raise_server_exceptions)
    if raise_server_exceptions:
        raise AssertionError("the application ended without sending a response")
    return httpx.Response(500, stream=httpx.ByteStream(b""))


def raise_error(exchange: HTTPExchange, raise_server_exceptions: bool) -> None:
    """Raise the application's exception, once, if the client is to see it."""
    error, exchange.error = exchange.error, None
    if error is not None and raise_server_exceptions:
        raise error


def _sync_body(request: httpx.Request) -> RequestBody:
    if isinstance(request.stream, httpx.ByteStream):
        return request.read()
    assert isinstance(request.stream, httpx.SyncByteStream)
    return _in_threads(iter(request.stream))


async def _in_threads(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        yield chunk


def _async_body(request: httpx.Request) -> RequestBody:
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        return b"".join(stream)
    if isinstance(stream, httpx.AsyncByteStream):
        return aiter(stream)
    return _in_threads(iter(stream))
