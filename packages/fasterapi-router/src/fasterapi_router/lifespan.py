"""The ASGI lifespan of several applications, run as the lifespan of one.

Knows: the lifespan protocol (ASGI specification, version 2.0 of it). Does not know: routes, requests.
Invariant: every application runs in a task of its own from startup to shutdown, in the order given and back;
no task is left when `run` returns.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, TypeAlias

# Any: ASGI's messages and scopes are dictionaries of whatever the specification puts into them
Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
ASGIApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger("fasterapi_router")
_ENDED = "ended"


class _Child:
    """One application's lifespan."""

    def __init__(self, app: ASGIApp, scope: Scope) -> None:
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message] = asyncio.Queue()
        self._error: Exception | None = None
        self._has_ended = False
        self._task = asyncio.ensure_future(self._run(app, scope))

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._to_app.get, self._from_app.put)
        except Exception as error:  # judged by `tell`
            self._error = error
        finally:
            self._from_app.put_nowait({"type": _ENDED})

    async def tell(self, stage: str) -> str | None:
        """Send `lifespan.<stage>` and wait for the answer: an error text if the application failed."""
        if self._has_ended:
            return None
        await self._to_app.put({"type": f"lifespan.{stage}"})
        message = await self._from_app.get()
        if message["type"] == f"lifespan.{stage}.failed":
            return str(message.get("message", "")) or "no reason given"
        self._has_ended = message["type"] == _ENDED
        if self._has_ended and self._error is not None:
            if stage == "shutdown":
                return repr(self._error)
            # The specification: to raise at start-up means to have no lifespan. Many small applications do.
            _log.info("an application without lifespan: %r", self._error)
        return None

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})


async def run(apps: Sequence[ASGIApp], scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one lifespan for all `apps`; they share `scope["state"]`.

    Started in order; if one fails, those before it are shut down again and the failure is passed on.
    """
    children: list[_Child] = []
    try:
        await receive()  # lifespan.startup
        for app in apps:
            child = _Child(app, {**scope})
            children.append(child)
            failure = await child.tell("startup")
            if failure is not None:
                await _shut_down(children[:-1])
                await send({"type": "lifespan.startup.failed", "message": failure})
                return
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        failures = await _shut_down(children)
        if failures:
            await send({"type": "lifespan.shutdown.failed", "message": "; ".join(failures)})
        else:
            await send({"type": "lifespan.shutdown.complete"})
    finally:
        for child in reversed(children):
            await child.end()


async def _shut_down(children: list[_Child]) -> list[str]:
    answers = [await child.tell("shutdown") for child in reversed(children)]
    return [answer for answer in answers if answer is not None]
