"""How an application whose client has gone is ended.

Knows: asyncio tasks. Does not know: ASGI.
"""

import asyncio
from collections.abc import Callable
from typing import Any

# An application that has been told gets time to clean up; one that does not listen gets a moment to begin to.
TOLD_SECONDS = 5.0
DEAF_SECONDS = 0.1


async def end_task(task: "asyncio.Task[Any]", was_told: Callable[[], bool]) -> None:
    """Let `task` end by itself while it is known to be ending, then cancel it; return when it has ended."""
    await asyncio.wait([task], timeout=DEAF_SECONDS)
    if not task.done() and was_told():
        await asyncio.wait([task], timeout=TOLD_SECONDS)
    if not task.done():
        task.cancel()
        await asyncio.wait([task])
