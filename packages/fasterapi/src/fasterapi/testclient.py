"""Clients that call an ASGI application in the test's own process, over httpx instead of over a socket.

Knows: httpx's clients, lifespans, WebSocket sessions. Does not know: the framework.
Invariant: any ASGI application will do.
"""

import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Literal, Self

from fasterapi._testclient import httpx
from fasterapi._testclient.contract import check_contract
from fasterapi._testclient.lifespan import LifespanRun
from fasterapi._testclient.loopthread import LoopThread
from fasterapi._testclient.scope import Connection, as_asgi3
from fasterapi._testclient.session import AsyncWebSocketTestSession, WebSocketTestSession
from fasterapi._testclient.transport import SESSION_EXTENSION, LoopTransport, ThreadTransport
from fasterapi._testclient.websocket import WebSocketDenialResponse

__all__ = [
    "AsyncTestClient",
    "AsyncWebSocketTestSession",
    "TestClient",
    "WebSocketDenialResponse",
    "WebSocketTestSession",
    "assert_contract",
]


class TestClient(httpx.Client):
    """An `httpx.Client` whose server is `app`.

    The application runs in one event loop, in a thread of its own, from the first request until `close()`;
    so the client also works where another loop is running. Used as a context manager, it runs the
    application's lifespan too: a failing start-up raises the application's exception, and what the lifespan
    puts into `scope["state"]` is there in every request.

    `raise_server_exceptions`: what the application raises is raised here; otherwise it is a response of
    status 500 (or a body that is cut). `client` is the address that the application sees.

    >>> async def app(scope, receive, send):
    ...     await send({"type": "http.response.start", "status": 200, "headers": []})
    ...     await send({"type": "http.response.body", "body": scope["path"].encode()})
    >>> client = TestClient(app)
    >>> client.get("/users/7").text
    '/users/7'
    >>> client.close()
    """

    __test__ = False  # pytest: this is no test case

    def __init__(  # noqa: PLR0917 - Starlette's order of parameters
        self,
        app: Callable[..., Any],
        base_url: str = "http://testserver",
        raise_server_exceptions: bool = True,
        root_path: str = "",
        backend: Literal["asyncio"] = "asyncio",
        backend_options: Mapping[str, Any] | None = None,
        cookies: Any = None,  # httpx keeps the names of its argument types private
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] = ("testclient", 50000),
    ) -> None:
        self.app = as_asgi3(app)
        self.app_state: dict[str, Any] = {}
        self.portal = _loop_thread(backend, backend_options or {})
        self._lifespan: LifespanRun | None = None
        connection = Connection(root_path, client, self.app_state)
        super().__init__(
            base_url=base_url,
            headers=_with_user_agent(headers),
            transport=ThreadTransport(self.app, connection, self.portal, raise_server_exceptions),
            follow_redirects=follow_redirects,
            cookies=cookies,
        )
        # A client that nobody closes must not leave its thread behind.
        weakref.finalize(self, self.portal.stop)

    def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> WebSocketTestSession:
        """A session for a `with` block; entering it opens the connection. `kwargs` are those of `request`."""
        address = _websocket_url(self._merge_url(url))
        _add_handshake(kwargs, subprotocols)
        session = self.request("GET", address, **kwargs).extensions[SESSION_EXTENSION]
        assert isinstance(session, WebSocketTestSession)
        return session

    def close(self) -> None:
        """Close open responses, shut the application down, end the event loop. No request works afterwards."""
        try:
            self.__exit__()
        finally:
            super().close()

    def __enter__(self) -> Self:
        lifespan = LifespanRun(self.app, self.app_state)
        try:
            self.portal.call(lifespan.startup)
        except BaseException:
            self.portal.stop()
            raise
        self._lifespan = lifespan
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        lifespan, self._lifespan = self._lifespan, None
        with ExitStack() as stack:  # each step is taken, whatever the one before has raised
            stack.callback(self.portal.stop)
            if lifespan is not None:
                stack.callback(self.portal.call, lifespan.shutdown)
            self._transport.close()


class AsyncTestClient(httpx.AsyncClient):
    """As `TestClient`, for tests that are coroutines: the application runs in the test's own event loop.

    >>> import asyncio
    >>> async def app(scope, receive, send):
    ...     if scope["type"] == "lifespan":
    ...         return
    ...     await send({"type": "http.response.start", "status": 200, "headers": []})
    ...     await send({"type": "http.response.body", "body": scope["path"].encode()})
    >>> async def test():
    ...     async with AsyncTestClient(app) as client:
    ...         return (await client.get("/users/7")).text
    >>> asyncio.run(test())
    '/users/7'
    """

    __test__ = False  # pytest: this is no test case

    def __init__(
        self,
        app: Callable[..., Any],
        base_url: str = "http://testserver",
        *,
        raise_server_exceptions: bool = True,
        root_path: str = "",
        cookies: Any = None,  # httpx keeps the names of its argument types private
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = True,
        client: tuple[str, int] = ("testclient", 50000),
    ) -> None:
        self.app = as_asgi3(app)
        self.app_state: dict[str, Any] = {}
        self._lifespan: LifespanRun | None = None
        connection = Connection(root_path, client, self.app_state)
        super().__init__(
            base_url=base_url,
            headers=_with_user_agent(headers),
            transport=LoopTransport(self.app, connection, raise_server_exceptions),
            follow_redirects=follow_redirects,
            cookies=cookies,
        )

    async def aclose(self) -> None:
        """Close open responses, shut the application down. No request works afterwards."""
        try:
            await self.__aexit__()
        finally:
            await super().aclose()

    @asynccontextmanager
    async def websocket_connect(
        self, url: str, subprotocols: Sequence[str] | None = None, **kwargs: Any
    ) -> AsyncIterator[AsyncWebSocketTestSession]:
        """An open session for an `async with` block. `kwargs` are those of `request`."""
        address = _websocket_url(self._merge_url(url))
        _add_handshake(kwargs, subprotocols)
        response = await self.request("GET", address, **kwargs)
        async with response.extensions[SESSION_EXTENSION] as session:
            yield session

    async def __aenter__(self) -> Self:
        lifespan = LifespanRun(self.app, self.app_state)
        await lifespan.startup()
        self._lifespan = lifespan
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        lifespan, self._lifespan = self._lifespan, None
        try:
            await self._transport.aclose()
        finally:
            if lifespan is not None:
                await lifespan.shutdown()


def assert_contract(
    app: Callable[..., Any],
    *,
    openapi_url: str = "/openapi.json",
    max_examples: int = 50,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Try every operation of an application's OpenAPI document with requests that are made of the document.

    `max_examples` requests for each operation, valid and invalid ones, the same in every run; `headers` are
    sent with each, to sign in for instance. Raises schemathesis' group of failures, with a command that
    repeats the request, for an answer that the document does not foresee: a 500, an undocumented status or
    type, a body that does not fit its schema. Raises `RuntimeError` if schemathesis is not installed.
    """
    with TestClient(app, raise_server_exceptions=False, headers=headers) as client:
        check_contract(client, openapi_url, max_examples)


def _with_user_agent(headers: Mapping[str, str] | None) -> httpx.Headers:
    merged = httpx.Headers({"user-agent": "testclient"})
    merged.update(headers)
    return merged


def _websocket_url(url: httpx.URL) -> httpx.URL:
    return url.copy_with(scheme={"http": "ws", "https": "wss"}.get(url.scheme, url.scheme))


def _add_handshake(options: dict[str, Any], subprotocols: Sequence[str] | None) -> None:
    """Add the headers that a browser's handshake has (RFC 6455, section 4.1) to the options of a request."""
    headers = httpx.Headers(options.get("headers"))
    headers.setdefault("connection", "upgrade")
    headers.setdefault("sec-websocket-key", "testserver==")
    headers.setdefault("sec-websocket-version", "13")
    if subprotocols is not None:
        headers.setdefault("sec-websocket-protocol", ", ".join(subprotocols))
    options["headers"] = headers


def _loop_thread(backend: str, options: Mapping[str, Any]) -> LoopThread:
    """A loop as anyio's backend options describe it: `debug`, `loop_factory`, `use_uvloop`."""
    unknown = sorted(set(options) - {"debug", "loop_factory", "use_uvloop"})
    if backend != "asyncio" or unknown:
        raise ValueError(
            f"TestClient runs applications on asyncio, not with backend={backend!r}, options {unknown}\n"
            "  fix: leave backend out; backend_options may have debug, loop_factory and use_uvloop"
        )
    loop_factory = options.get("loop_factory")
    if options.get("use_uvloop", False):
        import uvloop  # noqa: PLC0415 - an extra

        loop_factory = uvloop.new_event_loop
    return LoopThread(loop_factory, options.get("debug"))
