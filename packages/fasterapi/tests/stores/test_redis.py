"""What is Redis' own: expiry by its clock, names, connections."""

import asyncio

import pytest

redis = pytest.importorskip("redis.asyncio", reason="the extra `redis` is not installed")

from fasterapi.stores.redis import RedisStore  # noqa: E402


@pytest.fixture
def run(redis_url):
    """`run(use)` awaits `use(store, client)`; the client looks past the store."""

    def in_loop(use):
        async def main():
            async with redis.Redis.from_url(redis_url) as client, RedisStore(redis_url) as store:
                await client.flushdb()
                return await use(store, client)

        return asyncio.run(main())

    return in_loop


def test_names_begin_with_the_namespace(run):
    async def use(store, client):
        await store.set("a", b"1")
        await RedisStore(client, namespace="other").set("a", b"2")
        return sorted(await client.keys())

    assert run(use) == [b"fasterapi:a", b"other:a"]


def test_expiry_is_in_milliseconds(run):
    async def use(store, client):
        await store.set("a", b"1", 1.5)
        await store.add("b", b"1", 1.5)
        await store.advance("c", 1, 0, 5, 1.5)
        await store.set("d", b"1")
        return [await client.pttl(f"fasterapi:{key}") for key in "abcd"]

    a, b, c, d = run(use)

    assert all(0 < left <= 1500 for left in (a, b, c))
    assert d == -1


def test_a_script_that_redis_has_forgotten_is_sent_again(run):
    async def use(store, client):
        await store.advance("a", 1, 0, 5, 60)
        await client.script_flush()
        return await store.advance("a", 1, 0, 5, 60)

    assert run(use) == 2


def test_a_client_that_decodes_is_refused():
    client = redis.Redis.from_url("redis://127.0.0.1:1", decode_responses=True)

    with pytest.raises(ValueError, match="decode_responses=True"):
        RedisStore(client)


def test_the_client_of_somebody_else_stays_open(run):
    async def use(store, client):
        await RedisStore(client).aclose()
        await RedisStore(client).set("a", b"1")
        return await client.get("fasterapi:a")

    assert run(use) == b"1"


def test_a_server_that_is_not_there_is_an_error():
    async def use():
        async with RedisStore("redis://127.0.0.1:1") as store:
            await store.get("a")

    with pytest.raises(redis.ConnectionError):
        asyncio.run(use())
