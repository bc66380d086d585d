"""Every store keeps, forgets and counts alike."""

import asyncio
import contextlib
import sys

import pytest

from fasterapi.stores import MemoryStore, Store
from fasterapi.stores.file import FileStore


@contextlib.asynccontextmanager
async def memory(request):
    yield MemoryStore()


@contextlib.asynccontextmanager
async def redis(request):
    from fasterapi.stores.redis import RedisStore

    url = request.getfixturevalue("redis_url")
    async with RedisStore(url, namespace=request.node.name) as store:
        yield store


@contextlib.asynccontextmanager
async def file(request):
    yield FileStore(request.getfixturevalue("tmp_path"))


@contextlib.asynccontextmanager
async def bounded(request):
    yield FileStore(request.getfixturevalue("tmp_path"), max_entries=1000, max_bytes=10**9)


STORES = [memory, file, bounded, redis]


@pytest.fixture(params=STORES, ids=lambda opened: opened.__name__)
def run(request):
    """`run(use)` gives what `await use(store)` gives, with a store that is empty."""
    request.getfixturevalue(
        {redis: "redis_url", file: "tmp_path", bounded: "tmp_path"}.get(request.param, "request")
    )  # outside of the loop

    def in_loop(use):
        async def main():
            async with request.param(request) as store:
                return await use(store)

        return asyncio.run(main())

    return in_loop


def test_a_value_comes_back(run):
    async def use(store: Store):
        await store.set("a", b"\x00\xff", 60)
        await store.set("b", b"", 60)
        await store.set("c", b"for good")
        return [await store.get(key) for key in "abcd"]

    assert run(use) == [b"\x00\xff", b"", b"for good", None]


def test_a_value_is_replaced(run):
    async def use(store: Store):
        await store.set("a", b"1", 60)
        await store.set("a", b"2", 60)
        return await store.get("a")

    assert run(use) == b"2"


def test_a_deleted_value_is_gone(run):
    async def use(store: Store):
        await store.set("a", b"1", 60)
        await store.delete("a")
        await store.delete("unknown")
        return await store.get("a")

    assert run(use) is None


@pytest.mark.parametrize("seconds", [0, -1])
def test_what_expires_at_once_is_not_kept_and_takes_the_old_value_with_it(run, seconds):
    async def use(store: Store):
        await store.set("a", b"1", 60)
        await store.set("a", b"2", seconds)
        found = await store.get("a")
        added = await store.add("b", b"2", seconds)
        return found, added, await store.get("b")

    assert run(use) == (None, True, None)


def test_only_the_first_of_many_adds(run):
    async def use(store: Store):
        added = await asyncio.gather(*(store.add("a", str(n).encode(), 60) for n in range(20)))
        return sum(added), await store.get("a") is not None, await store.add("a", b"x", 60)

    assert run(use) == (1, True, False)


def test_a_number_stops_at_the_ceiling_whoever_raises_it(run):
    async def use(store: Store):
        found = await asyncio.gather(*(store.advance("a", 1, 0, 7, 60) for _ in range(20)))
        return sorted(found), await store.get("a"), await store.advance("a", 1, 0, 8, 60)

    assert run(use) == ([1, 2, 3, 4, 5, 6, 7] + [8] * 13, b"7", 8)


NOW = 1_800_000_000_000_000


@pytest.mark.parametrize(
    ("known", "step", "floor", "ceiling", "found", "kept"),
    [
        (None, 1, 0, 1, 1, b"1"),
        (None, 1, 0, 0, 1, None),
        (None, 5, 100, 105, 105, b"105"),
        (b"200", 5, 100, 205, 205, b"205"),
        (b"50", 5, 100, 105, 105, b"105"),
        (b"200", 5, 100, 204, 205, b"200"),
        (None, 1, NOW, NOW + 1, NOW + 1, b"%d" % (NOW + 1)),
        (None, 1, 2**53 - 2, 2**53 - 1, 2**53 - 1, b"%d" % (2**53 - 1)),
    ],
)
def test_a_number_is_raised_from_the_floor_on(run, known, step, floor, ceiling, found, kept):
    async def use(store: Store):
        if known is not None:
            await store.set("a", known, 60)
        return await store.advance("a", step, floor, ceiling, 60), await store.get("a")

    assert run(use) == (found, kept)


ODD_KEYS = ["", "a:b", "a/b", "../x", "ä\u2028", "A", "a", "x" * 5000, "a\x00b", "NUL", "a b\r\nSET x"]


def test_any_text_is_a_key_of_its_own(run):
    """CVE-2026-25480: keys that are only alike are not the same key."""

    async def use(store: Store):
        for number, key in enumerate(ODD_KEYS):
            await store.set(key, str(number).encode(), 60)
        return [await store.get(key) for key in ODD_KEYS]

    assert run(use) == [str(number).encode() for number in range(len(ODD_KEYS))]


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(("seconds", "later", "found"), [(60, 59.9, b"1"), (60, 60, None), (None, 1e9, b"1")])
def test_memory_forgets_what_has_expired(seconds, later, found):
    clock = Clock()
    store = MemoryStore(clock=clock)
    asyncio.run(store.set("a", b"1", seconds))

    clock.now += later

    assert asyncio.run(store.get("a")) == found
    assert asyncio.run(store.add("a", b"2", 60)) is (found is None)


def test_memory_drops_what_has_expired_when_something_new_comes():
    clock = Clock()
    store = MemoryStore(clock=clock)
    for number in range(3):
        asyncio.run(store.set(str(number), b"", 60))
    asyncio.run(store.set("0", b"", 100))

    clock.now += 61
    asyncio.run(store.set("new", b"", 60))

    assert sorted(store._entries) == ["0", "new"]


def test_full_memory_drops_what_has_expired_and_then_what_was_not_used_for_longest():
    clock = Clock()
    store = MemoryStore(max_entries=3, clock=clock)
    for key in "abc":
        asyncio.run(store.set(key, b""))
    asyncio.run(store.get("a"))
    asyncio.run(store.set("d", b"", 10))
    assert sorted(store._entries) == ["a", "c", "d"]

    clock.now += 11
    asyncio.run(store.set("e", b""))
    assert sorted(store._entries) == ["a", "c", "e"]


def test_memory_has_no_more_bytes_than_it_may():
    store = MemoryStore(max_bytes=30)
    for key in "abcd":
        asyncio.run(store.set(key, b"123456789"))
    asyncio.run(store.set("e", b"x" * 30))  # too large ever to be kept

    assert (len(store._entries), store._size) == (3, 30)
    assert asyncio.run(store.get("a")) is None


def test_replacing_again_and_again_takes_no_more_memory():
    clock = Clock()
    store = MemoryStore(clock=clock)

    async def use():
        for _ in range(10_000):
            clock.now += 0.001
            await store.set("a", b"", 60)

    asyncio.run(use())

    assert len(store._expiries) < 100


@pytest.mark.parametrize("bound", ["max_entries", "max_bytes"])
def test_a_bound_that_leaves_no_room_is_refused(bound):
    with pytest.raises(ValueError, match=f"{bound} must be positive"):
        MemoryStore(**{bound: 0})


def test_without_redis_the_error_names_the_extra(monkeypatch):
    from fasterapi.stores.redis import RedisStore

    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(RuntimeError, match=r"fasterapi\[redis\]"):
        RedisStore("redis://localhost")
