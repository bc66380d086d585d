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

    async def advance(self, key: str, step: int, floor: int, ceiling: int, expires_in: float) -> int:
        """Raise a number: to `max(number, floor) + step`, if that is no more than `ceiling`.

        Gives that sum either way; what is more than `ceiling` is not kept. Atomic. Without a number under `key`,
        `floor` is raised. With a `floor` of 0 this is a counter. Numbers are from 0 to 2**53 - 1, and `get` gives
        them in decimal digits.
        """
        ...

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""
        ...
