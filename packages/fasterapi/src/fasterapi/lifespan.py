"""The ASGI lifespan protocol (https://asgi.readthedocs.io/en/latest/specs/lifespan.html) for an application.

Knows: start-up and shutdown of the application, of the routers in it and of the applications mounted in it, in
that order, and back. Does not know: requests.
"""

import asyncio
import contextlib
import inspect
import traceback
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Final

from fasterapi.exceptions import FasterAPIError
from fasterapi.routing.mounts import Host, Mount
from fasterapi.routing.router import FasterRouter, Included
from fasterapi.shutdown import Follower, Shutdown, watch_signals
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["as_lifespan", "run_lifespan"]

# Where a mounted application finds the `Shutdown` of the one around it, in the scope of its lifespan.
_SHUTDOWN: Final = "fasterapi.shutdown"


async def run_lifespan(app: Any, scope: Scope, receive: Receive, send: Send) -> None:
    """Start `app`, tell the server, wait for its word, and stop `app`. Failures are told and raised."""
    await receive()
    started = False
    try:
        async with AsyncExitStack() as stack:
            stack.enter_context(_shutdown_noticed(app, scope))
            state = await start(app, stack, scope)
            if state:
                _state_of(scope).update(state)
            started = True
            await send({"type": "lifespan.startup.complete"})
            await receive()
            app.begin_shutdown()
    except BaseException:
        event = "shutdown" if started else "startup"
        await send({"type": f"lifespan.{event}.failed", "message": traceback.format_exc()})
        raise
    await send({"type": "lifespan.shutdown.complete"})


@contextlib.contextmanager
def _shutdown_noticed(app: Any, scope: Scope) -> Iterator[None]:
    """Let `app` begin its shutdown with the application around it, and else by the signals that stop a server."""
    shutdown: Shutdown = app._shutdown
    shutdown.reset()
    outer: Shutdown | None = scope.get(_SHUTDOWN)
    if outer is not None:
        follower = Follower(shutdown)
        outer.tell(follower)
        yield
        del follower  # only who is held is told
    elif app.watch_signals:
        with watch_signals(shutdown):
            yield
    else:
        yield


def _state_of(scope: Scope) -> dict[str, Any]:
    if "state" not in scope:
        message = 'The server does not support "state" in the lifespan scope.'
        raise RuntimeError(message)
    state: dict[str, Any] = scope["state"]
    return state


async def start(app: Any, stack: AsyncExitStack, scope: Scope) -> dict[str, Any]:
    """Enter everything that lives as long as `app`; `stack` leaves it in reverse order.

    Returns the state; of two values with one name the outer one counts.
    """
    stack.push_async_callback(app.aclose)
    await stack.enter_async_context(app.app_scope)
    state: dict[str, Any] = {}
    for router in _routers(app.router):
        state = {**await _start_router(router, app, stack), **state}
    for mounted in _mounted(app.routes):
        inner = {"type": "lifespan", "asgi": scope.get("asgi", {"version": "3.0"}), _SHUTDOWN: app._shutdown}
        state = {**await stack.enter_async_context(_mounted_lifespan(mounted, inner)), **state}
    return state


def _routers(router: FasterRouter) -> Iterable[FasterRouter]:
    seen: dict[int, FasterRouter] = {}
    waiting = [router]
    while waiting:
        current = waiting.pop(0)
        if id(current) not in seen:
            seen[id(current)] = current
            waiting += [entry.router for entry in current.entries if isinstance(entry, Included)]
    return seen.values()


async def _start_router(router: FasterRouter, app: Any, stack: AsyncExitStack) -> Mapping[str, Any]:
    state: Mapping[str, Any] | None = None
    if router.lifespan_context is not None:
        if router.on_startup or router.on_shutdown:
            # FastAPI ignores the events then; nothing is to be lost silently here.
            message = (
                "give either `lifespan` or startup and shutdown handlers, not both: one of them would be lost"
            )
            raise FasterAPIError(message)
        state = await stack.enter_async_context(as_lifespan(router.lifespan_context)(app))
    for handler in router.on_startup:
        await _call(handler)
    for handler in reversed(router.on_shutdown):
        stack.push_async_callback(_call, handler)
    return state or {}


async def _call(handler: Callable[[], Any]) -> None:
    result = handler()
    if inspect.isawaitable(result):
        await result


def as_lifespan(context: Callable[[Any], Any]) -> Callable[[Any], AbstractAsyncContextManager[Any]]:
    """A lifespan as users write it (context manager factory or bare generator function) → a context manager."""
    if inspect.isasyncgenfunction(context):
        return asynccontextmanager(context)
    if inspect.isgeneratorfunction(context):
        sync = contextlib.contextmanager(context)

        @asynccontextmanager
        async def entered(app: Any) -> AsyncIterator[Any]:
            with sync(app) as state:
                yield state

        return entered
    return context


def _mounted(routes: Iterable[Any]) -> list[ASGIApp]:
    apps: list[ASGIApp] = []
    for route in routes:
        if isinstance(route, Mount | Host) and not any(route.app is app for app in apps):
            apps.append(route.app)
    return apps


@asynccontextmanager
async def _mounted_lifespan(app: ASGIApp, scope: Scope) -> AsyncIterator[dict[str, Any]]:
    """Speak the lifespan protocol to a mounted application, as a server does; many do not know it."""
    incoming: asyncio.Queue[Message] = asyncio.Queue()
    outgoing: asyncio.Queue[Message] = asyncio.Queue()
    state: dict[str, Any] = {}
    task = asyncio.ensure_future(app({**scope, "state": state}, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    answer = await _answer(task, outgoing)
    if answer is not None and answer["type"] == "lifespan.startup.failed":
        await task
    if answer is None:
        # The specification: an exception before the first answer means that the protocol is not supported.
        await asyncio.gather(task, return_exceptions=True)
        yield {}
        return
    try:
        yield state
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        await _answer(task, outgoing)
        await task


async def _answer(task: "asyncio.Future[None]", outgoing: "asyncio.Queue[Message]") -> Message | None:
    message = asyncio.ensure_future(outgoing.get())
    waiting: set[asyncio.Future[Any]] = {task, message}
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if message in done:
        return message.result()
    message.cancel()
    return None
