"""A store in Redis (or Valkey): for servers with several workers or on several machines.

Knows: redis.asyncio (the extra `redis`), a script where one command is not enough. Does not know: what the bytes mean.
Invariant: whatever two processes do at once, one after the other could have done it.
"""

import math
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisStore"]

_ADVANCE = """
local number = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[2])) + tonumber(ARGV[1])
if number <= tonumber(ARGV[3]) then
    redis.call('SET', KEYS[1], string.format('%.0f', number), 'PX', ARGV[4])
end
return number
"""


class RedisStore:
    """Bytes by key in Redis 6 or later: `RedisStore("redis://localhost:6379/0")`, or with a client of your own.

    Every key begins with `namespace` and a colon. Connections belong to one event loop and are opened when they
    are needed; leave the store (`async with`, or `aclose()`) to close those of a URL. A client of yours stays
    open. Redis' own errors are raised, if it cannot be reached, too.

    Raises `RuntimeError` if redis is not installed, `ValueError` for a client that decodes what it reads.
    """

    def __init__(self, redis: "str | Redis", *, namespace: str = "fasterapi") -> None:
        self._is_owner = isinstance(redis, str)
        # `Any`: redis' own annotations allow for its synchronous client everywhere.
        self._redis = cast("Any", _connect(redis) if isinstance(redis, str) else redis)
        if self._redis.get_encoder().decode_responses:
            raise ValueError(
                "RedisStore: values are bytes, but this client decodes them to text\n"
                "  fix: make it without decode_responses=True"
            )
        self.namespace = namespace
        self._advance = self._redis.register_script(_ADVANCE)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, cls: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` for a key that is unknown or expired."""
        value: bytes | None = await self._redis.get(self._named(key))
        return value

    async def set(self, key: str, value: bytes, expires_in: float | None = None) -> None:
        """Keep `value` under `key`, whatever was there."""
        if expires_in is not None and expires_in <= 0:
            await self.delete(key)
        else:
            await self._redis.set(self._named(key), value, px=_milliseconds(expires_in))

    async def add(self, key: str, value: bytes, expires_in: float | None = None) -> bool:
        """Keep `value` if there is none under `key`; whether it is kept now."""
        if expires_in is not None and expires_in <= 0:
            return await self.get(key) is None
        is_new = await self._redis.set(self._named(key), value, px=_milliseconds(expires_in), nx=True)
        return bool(is_new)

    async def advance(self, key: str, step: int, floor: int, ceiling: int, expires_in: float) -> int:
        """Raise a number to `max(number, floor) + step` if that is no more than `ceiling`; the sum either way."""
        arguments = [step, floor, ceiling, max(1, math.ceil(expires_in * 1000))]
        number: int = await self._advance(keys=[self._named(key)], args=arguments)
        return number

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""
        await self._redis.delete(self._named(key))

    async def aclose(self) -> None:
        """Close the connections that this store has opened."""
        if self._is_owner:
            await self._redis.aclose()

    def _named(self, key: str) -> str:
        return f"{self.namespace}:{key}"


def _connect(url: str) -> "Redis":
    try:
        from redis.asyncio import Redis  # noqa: PLC0415 - an extra, wanted by this store alone
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "RedisStore needs redis, which is not installed.\n"
            '  fix: pip install "fasterapi[redis]", or pip install redis'
        ) from error
    client: Redis = Redis.from_url(url)
    return client


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else math.ceil(seconds * 1000)
