"""The values of a session, and the stores that keep them on the server.

Knows: what was changed, what has expired. Does not know: cookies, requests.
"""

import json
import time
from collections.abc import Callable
from typing import Any, Protocol, Self


class Session(dict[str, Any]):
    """The session's values, and whether anybody looked at (`accessed`) or changed (`modified`) them.

    A change inside a value is not seen: call `mark_modified()` after it, or assign the value again.

    >>> session = Session({"cart": []})
    >>> session["cart"].append(7)
    >>> session.modified
    False
    """

    accessed = False
    modified = False
    renewed = False

    def mark_accessed(self) -> None:
        """Note that the response depends on the session: `Vary: Cookie`."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Note that the cookie must be sent again."""
        self.accessed = True
        self.modified = True

    def renew(self) -> None:
        """Keep the values under a new key, and forget the old key: do so when somebody signs in.

        A key that was known before, to whoever had the browser then, is worth nothing afterwards. Sessions
        in the cookie itself have no key.
        """
        self.renewed = True
        self.mark_modified()

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.mark_modified()

    def clear(self) -> None:
        self.mark_modified()
        super().clear()

    def pop(self, key: str, *args: Any) -> Any:
        if key in self:
            self.mark_modified()
        return super().pop(key, *args)

    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self.mark_modified()
        return item

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self.mark_modified()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc] # as dict's, with the mark
        self.mark_modified()
        return super().__ior__(other)


class SessionStore(Protocol):
    """Where sessions are kept, for `SessionMiddleware(store=...)`; keys are made by the middleware."""

    async def read(self, key: str) -> dict[str, Any] | None:
        """The session's values, or `None` for an unknown or expired key."""
        ...

    async def write(self, key: str, values: dict[str, Any], max_age: int | None) -> None:
        """Keep the values for `max_age` seconds from now, or for good."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the session; an unknown key is no error."""
        ...


class MemorySessionStore:
    """Sessions in the memory of one process: for tests, and for servers with one worker.

    Values are kept as JSON, so that they are the same in every store. Expired sessions are dropped when new
    ones are written.

    >>> import asyncio
    >>> store = MemorySessionStore()
    >>> asyncio.run(store.write("key", {"user": "ada"}, 60))
    >>> asyncio.run(store.read("key"))
    {'user': 'ada'}
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sessions: dict[str, tuple[str, float]] = {}

    async def read(self, key: str) -> dict[str, Any] | None:
        """The session's values, or `None` for an unknown or expired key."""
        text, expires = self._sessions.get(key, ("", 0.0))
        if not text or expires <= self._clock():
            return None
        values: dict[str, Any] = json.loads(text)
        return values

    async def write(self, key: str, values: dict[str, Any], max_age: int | None) -> None:
        """Keep the values for `max_age` seconds from now, or for good."""
        now = self._clock()
        # Every session is written with the same age, so the oldest ones stand in front.
        while self._sessions and next(iter(self._sessions.values()))[1] <= now:
            del self._sessions[next(iter(self._sessions))]
        self._sessions.pop(key, None)
        self._sessions[key] = (json.dumps(values), float("inf") if max_age is None else now + max_age)

    async def delete(self, key: str) -> None:
        """Forget the session; an unknown key is no error."""
        self._sessions.pop(key, None)
