"""A request that takes too long is ended.

Knows: asyncio's timeouts. Does not know: what the application is doing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from fasterapi.exceptions import HTTPException
from fasterapi.middleware._refusal import TextRefusal
from fasterapi.types import ASGIApp, Message, Receive, Scope, Send


class TimeoutMiddleware:
    """Cancel a request whose response has not begun after `timeout_seconds`.

    The answer is 408 when the application was waiting for the rest of the client's body (RFC 9110, section
    15.5.9), otherwise 504. A response that has begun may take as long as it likes; WebSockets are left alone. For
    one route or router: `middleware=[Middleware(TimeoutMiddleware, timeout_seconds=2)]`. What is cancelled leaves
    its dependencies. A `def` in a thread cannot be cancelled: the answer is sent when it has ended.
    Raises `ValueError` unless the time is positive.
    """

    def __init__(self, app: ASGIApp, timeout_seconds: float) -> None:
        if not timeout_seconds > 0:
            raise ValueError(f"TimeoutMiddleware: timeout_seconds must be positive, got {timeout_seconds!r}")
        self.app = app
        self.timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_reading = False
        is_whole = False

        async def watched_receive() -> Message:
            nonlocal is_reading, is_whole
            # Who receives after the whole body waits for the client to go away: no fault of the client's.
            is_reading = not is_whole
            message = await receive()
            is_reading = False
            is_whole = is_whole or not message.get("more_body", False)
            return message

        def watched_send(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                limit.reschedule(None)
            return send(message)

        limit = asyncio.timeout(self.timeout_seconds)
        try:
            async with limit:
                await self.app(scope, watched_receive, watched_send)
        except TimeoutError:
            if not limit.expired():
                raise  # the application's own
            error = (
                HTTPException(408, "Request Timeout", {"Connection": "close"})
                if is_reading
                else HTTPException(504, "Gateway Timeout")
            )
            await TextRefusal(error)(scope, receive, send)
