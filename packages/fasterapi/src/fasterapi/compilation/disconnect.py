"""`cancel_on_disconnect=True`: the handler is cancelled when the client goes away.

Knows: that whoever waits for `http.disconnect` reads the body's messages too, and must pass them on.
Does not know: what the handler does. Routes that do not ask for it pay nothing.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from fasterapi.types import Message, Receive, Scope, Send

__all__ = ["cancelling"]


def cancelling(call: Callable[..., Any]) -> Callable[..., Any]:
    """`call` in a task that is cancelled on `http.disconnect`; its dependencies are left as on any cancellation."""

    async def serve(scope: Scope, receive: Receive, send: Send, path_params: Any) -> None:
        # One message at a time: a client that sends faster than the handler reads has to wait.
        messages: asyncio.Queue[Message] = asyncio.Queue(maxsize=1)
        work = asyncio.ensure_future(call(scope, messages.get, send, path_params))
        watch = asyncio.ensure_future(_watch(receive, messages, work))
        try:
            await asyncio.wait({work})
            if not work.cancelled():
                work.result()
        except asyncio.CancelledError:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            raise
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    return serve


async def _watch(receive: Receive, messages: "asyncio.Queue[Message]", work: "asyncio.Future[None]") -> None:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            work.cancel()
            return
        await messages.put(message)
