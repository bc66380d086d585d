"""What a store must be able to do.

Knows: keys, bytes, seconds. Does not know: what the bytes mean, where they are.
"""

from typing import Protocol


class Store(Protocol):
    """Bytes by key, each for some time. Anything with these five methods is a store.

    `expires_in` is in seconds from now, `None` for good; a value that expires at once (0 or less) is not kept.
    A store may forget a value earlier to stay within its bounds. Keys are any text, also a client's.
    """

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` for a key that is unknown or expired."""
        ...

    async def set(self, key: str, value: bytes, expires_in: float | None = None) -> None:
        """Keep `value` under `key`, whatever was there."""
        ...

    async def add(self, key: str, value: bytes, expires_in: float | None = None) -> bool:
        """Keep `value` if there is none under `key`; whether it is kept now.

        Of several callers at once, one gets `True`.
        """
        ...

    async def increment(self, key: str, ceiling: int, expires_in: float) -> int | None:
        """Count one more, unless there are `ceiling` already: the new count, or `None`.

        Atomic. The first count decides when all of them expire. `get` gives the count in decimal digits.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""
        ...
