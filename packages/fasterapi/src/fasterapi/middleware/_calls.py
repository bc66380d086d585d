"""Calling what users write either as `def` or as `async def`.

Knows: coroutine functions. Does not know: what is called.
"""

import functools
import inspect
from typing import Any

from fasterapi.concurrency import run_in_threadpool
from fasterapi.types import ExceptionHandler


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
