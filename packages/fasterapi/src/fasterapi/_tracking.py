"""Whether a response has begun, for whoever may have to send another one instead.

Knows: `http.response.start`. Does not know: who asks, what is sent.
"""

from __future__ import annotations

from collections.abc import Awaitable

from fasterapi.types import Message, Send

__all__ = ["TrackedSend"]


class TrackedSend:
    """A `send` that remembers whether the response has begun.

    >>> TrackedSend(print).started
    False
    """

    __slots__ = ("_send", "started")

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    # No coroutine function: one more coroutine per message would cost more than the rest.
    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.started = True
        return self._send(message)
