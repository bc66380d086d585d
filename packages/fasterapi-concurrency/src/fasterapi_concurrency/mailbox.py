"""Results on their way from a foreign thread to the futures of one event loop.

Knows: an event loop's `add_reader` and `call_soon_threadsafe`. Does not know: who computed the result, or how.
A mailbox lives as long as its loop watches it or a call still holds it, so closing the loop closes the
descriptor, and no registry has to be told. Many results posted while the loop is busy cost one wake-up.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from fasterapi_concurrency.wakeup import Bell

_mailboxes: dict[int, weakref.ref[Mailbox]] = {}


class Mailbox:
    """The posts for one event loop; `Mailbox.of(loop)` finds it, on the loop's own thread."""

    __slots__ = ("__weakref__", "_bell", "_is_rung", "_posts", "_ring", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._posts: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._is_rung = False
        self._bell = bell = Bell()
        self._ring: Callable[[], None] = bell.ring
        try:
            loop.add_reader(bell.fileno(), self._deliver)
        except NotImplementedError:  # Windows' proactor loop watches no descriptors
            bell.close()
            self._ring = self._call_soon

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> Mailbox:
        """Return the mailbox of this running loop, made at its first use."""
        reference = _mailboxes.get(id(loop))
        mailbox = reference() if reference is not None else None
        if mailbox is None or mailbox.loop is not loop:
            mailbox = cls(loop)
            _mailboxes[id(loop)] = weakref.ref(mailbox, _forget(id(loop)))
        return mailbox

    def post(self, future: asyncio.Future[Any], value: Any, error: BaseException | None) -> None:
        """Settle `future` on its loop, from any thread; a future that is done by then is left alone."""
        self._posts.append((future, value, error))
        if not self._is_rung:  # a ringing bell is answered by a `_deliver` that has not read the posts yet
            self._is_rung = True
            self._ring()

    def _call_soon(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits for the result
            self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._bell.drain()
        self._is_rung = False
        posts = self._posts
        try:
            while posts:
                future, value, error = posts.popleft()
                if future.done():  # cancelled meanwhile
                    continue
                if error is None:
                    future.set_result(value)
                else:
                    future.set_exception(error)
        finally:
            if posts:  # ^C, or no memory: the rest is not forgotten
                self._ring()


def _forget(key: int) -> Callable[[weakref.ref[Mailbox]], None]:
    def forget(reference: weakref.ref[Mailbox]) -> None:
        if _mailboxes.get(key) is reference:
            del _mailboxes[key]

    return forget
