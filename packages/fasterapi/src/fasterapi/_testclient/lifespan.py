"""Start-up and shutdown of an ASGI application, in the event loop that calls.

Knows: the `lifespan` scope's messages. Does not know: httpx, threads.
One task runs the whole lifespan, so that what start-up opens is closed in the same context.
"""

import asyncio
from typing import Any

from fasterapi._testclient.scope import ASGI_VERSIONS
from fasterapi.types import ASGIApp, Message


class LifespanRun:
    """`startup()`, then `shutdown()`; both raise what the application raises."""

    def __init__(self, app: ASGIApp, state: dict[str, Any]) -> None:
        self._app = app
        self._state = state
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._from_app: asyncio.Queue[Message | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._error: BaseException | None = None

    async def startup(self) -> None:
        """Run the application's start-up. An application that ignores lifespans is fine."""
        self._task = asyncio.create_task(self._run())
        await self._phase("startup")

    async def shutdown(self) -> None:
        """Run the application's shutdown and wait until its lifespan has ended."""
        if self._task is None:
            return
        if not self._task.done():
            await self._phase("shutdown")
            await asyncio.wait([self._task])
        if self._error is not None:
            raise self._error

    async def _phase(self, phase: str) -> None:
        self._to_app.put_nowait({"type": f"lifespan.{phase}"})
        message = await self._from_app.get()
        if message is None:
            if self._error is not None:
                raise self._error
            return
        if message["type"] == f"lifespan.{phase}.complete":
            return
        assert self._task is not None
        await asyncio.wait([self._task])
        if self._error is not None:
            raise self._error
        raise RuntimeError(f"the application answered lifespan.{phase} with {message!r}")

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": ASGI_VERSIONS, "state": self._state}
        try:
            await self._app(scope, self._to_app.get, self._from_app.put)
        except BaseException as error:  # raised again by `startup` or `shutdown`
            self._error = error
        finally:
            self._from_app.put_nowait(None)
