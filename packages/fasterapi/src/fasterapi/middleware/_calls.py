"""Calling what users write: handlers as `def` or as `async def`, applications as functions or as objects.

Knows: coroutine functions, callable objects, when a response begins. Does not know: what is called.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from fasterapi.concurrency import run_in_threadpool
from fasterapi.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send


def is_async(function: object) -> bool:
    """Whether calling `function`, a partial or a callable object among them, gives a coroutine."""
    while isinstance(function, functools.partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - its kind is wanted, not whether it is callable
    )


async def call_handler(handler: ExceptionHandler, connection: Any, error: Exception) -> Any:
    """What `handler(connection, error)` returns; a `def` runs in a thread."""
    if is_async(handler):
        return await handler(connection, error)
    return await run_in_threadpool(handler, connection, error)


def entry_of(app: ASGIApp) -> ASGIApp:
    """What calls `app` with the fewest steps: for an object, its bound `__call__`, looked up once.

    >>> entry_of(print) is print
    True
    """
    call = getattr(app, "__call__", app)  # noqa: B004 - the method itself is wanted
    return call if inspect.ismethod(call) or inspect.isfunction(call) else app


def watched(app: ASGIApp) -> Callable[[Scope, Receive, Send, list[Message]], Awaitable[None]]:
    """`app` for a caller that must know what it has begun: each start of a response is added to a fourth argument.

    Middleware that changes starts sees them anyway: if its `__call__` has a parameter `starts`, it adds them itself,
    and what it sends is not looked at twice.
    """
    call: Any = entry_of(app)
    if _has_parameter(call, "starts"):
        return call  # type: ignore[no-any-return]  # by its own word

    # Neither is a coroutine function: a second coroutine, per request or per message, costs more than all the rest.
    def watch(scope: Scope, receive: Receive, send: Send, starts: list[Message]) -> Awaitable[None]:
        def watched_send(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                starts.append(message)
            return send(message)

        return call(scope, receive, watched_send)  # type: ignore[no-any-return]  # an ASGI application's

    return watch


def _has_parameter(function: Any, name: str) -> bool:
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):  # what is written in C may have no signature
        return False
