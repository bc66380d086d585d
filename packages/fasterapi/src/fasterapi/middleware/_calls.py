"""Calling what users write: handlers as `def` or as `async def`, applications as functions or as objects.

Knows: coroutine functions, callable objects. Does not know: what is called.
"""

import functools
import inspect
from typing import Any

from fasterapi.concurrency import run_in_threadpool
from fasterapi.types import ASGIApp, ExceptionHandler


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
