"""What is a folder's own: names, whole values, other processes."""

import asyncio
import os
import stat
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fasterapi.stores.file import FileStore


class Clock:
    def __init__(self):
        self.now = 1_000_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in {"lock", "total"}]


@pytest.mark.parametrize(
    "key", ["../../evil", "/etc/passwd", "a/b", "NUL", "x" * 5000, "\\\\host\\share", "a\x00b", ""]
)
def test_no_key_leaves_the_folder_or_is_in_a_name(tmp_path, key):
    store = FileStore(tmp_path / "store")

    asyncio.run(store.set(key, b"value"))

    (path,) = files(tmp_path)
    assert path.parent.parent == tmp_path / "store"
    assert len(path.name) == 62
    assert set(path.name) <= set("0123456789abcdef")
    assert asyncio.run(store.get(key)) == b"value"


def test_a_value_survives_a_restart(tmp_path):
    asyncio.run(FileStore(tmp_path).set("a", b"1", 60))

    assert asyncio.run(FileStore(tmp_path).get("a")) == b"1"


@pytest.mark.parametrize(("seconds", "later", "found"), [(60, 59.9, b"1"), (60, 60, None), (None, 1e9, b"1")])
def test_what_has_expired_is_not_found(tmp_path, clock, seconds, later, found):
    store = FileStore(tmp_path, clock=clock)
    asyncio.run(store.set("a", b"1", seconds))

    clock.now += later

    assert asyncio.run(store.get("a")) == found
    assert asyncio.run(store.add("a", b"2", 60)) is (found is None)


def test_what_has_expired_is_deleted_as_new_values_come(tmp_path, clock):
    """One of 256 folders at a time: the first one after 64 values."""
    store = FileStore(tmp_path, clock=clock)
    keys = [str(number) for number in range(2000) if store._path(str(number)).parent.name == "01"]

    async def use():
        for key in keys:
            await store.set(key, b"", 60)
        await store.set("stays", b"")
        clock.now += 61
        for number in range(63 - len(keys)):
            await store.set(f"new {number}", b"", 60)

    asyncio.run(use())

    assert len(keys) > 2
    assert not any(store._path(key).exists() for key in keys)
    assert store._path("stays").exists()


def test_a_file_that_is_none_of_ours_is_not_found(tmp_path):
    store = FileStore(tmp_path)
    asyncio.run(store.set("a", b"1"))
    (path,) = files(tmp_path)
    path.write_bytes(b"cut")

    assert asyncio.run(store.get("a")) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_nobody_else_can_read_it(tmp_path):
    store = FileStore(tmp_path / "store")
    asyncio.run(store.set("a", b"1"))

    found = [tmp_path / "store", *files(tmp_path)]

    assert [stat.S_IMODE(path.stat().st_mode) for path in found] == [0o700, 0o600]


def test_a_value_that_cannot_be_written_leaves_the_old_one_and_no_other_file(tmp_path, monkeypatch):
    store = FileStore(tmp_path)
    asyncio.run(store.set("a", b"1"))

    with pytest.raises(TypeError):
        asyncio.run(store.set("a", "no bytes"))

    assert asyncio.run(store.get("a")) == b"1"
    assert len(files(tmp_path)) == 1


# bounds -------------------------------------------------------------------------------------------------------

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["set", "add", "delete", "sweep", "wait", "restart"]),
        st.integers(0, 30),
        st.integers(0, 60),
        st.sampled_from([None, 0, 1, 5]),
    ),
    max_size=40,
)


@settings(max_examples=20, deadline=None)
@given(OPERATIONS)
def test_there_is_never_more_than_the_bounds_and_what_there_is_is_counted(tmp_path_factory, operations):
    folder, clock = tmp_path_factory.mktemp("store"), Clock()

    def open_store():
        return FileStore(folder, max_entries=10, max_bytes=200, clock=clock)

    async def use():
        store = open_store()
        for name, number, size, seconds in operations:
            match name:
                case "set":
                    await store.set(str(number), b"x" * size, seconds)
                case "add":
                    await store.add(str(number), b"x" * size, seconds)
                case "delete":
                    await store.delete(str(number))
                case "sweep":
                    await store.delete_expired()
                case "wait":
                    clock.now += number / 10
                case "restart":
                    store = open_store()
            sizes = [path.stat().st_size for path in files(folder)]
            assert len(sizes) <= 10
            assert sum(sizes) <= 200
            if (folder / "total").exists():
                assert struct.unpack(">qq", (folder / "total").read_bytes()) == (len(sizes), sum(sizes))

    asyncio.run(use())


def test_what_was_not_used_for_longest_goes_first(tmp_path, clock):
    store = FileStore(tmp_path, max_entries=3, clock=clock)

    async def use():
        for key in ("a", "b", "c"):
            clock.now += 1
            await store.set(key, b"1")
        clock.now += 1
        await store.get("a")
        clock.now += 1
        await store.set("d", b"1")
        return [key for key in "abcd" if await store.get(key)]

    assert asyncio.run(use()) == ["a", "c", "d"]


def test_what_has_expired_goes_before_what_has_not(tmp_path, clock):
    store = FileStore(tmp_path, max_entries=3, clock=clock)

    async def use():
        await store.set("old", b"1")
        clock.now += 1
        await store.set("short", b"1", 1)
        await store.set("new", b"1")
        clock.now += 1
        await store.set("last", b"1")
        return [key for key in ("old", "short", "new", "last") if await store.get(key)]

    assert asyncio.run(use()) == ["old", "new", "last"]


def test_a_value_larger_than_all_room_is_not_kept_and_drives_nobody_out(tmp_path):
    store = FileStore(tmp_path, max_bytes=20)

    async def use():
        await store.set("a", b"1")
        await store.set("b", b"2")
        await store.set("b", b"x" * 13)
        return [await store.get(key) for key in "ab"]

    assert asyncio.run(use()) == [b"1", None]


def test_stores_of_one_folder_count_together(tmp_path):
    stores = [FileStore(tmp_path, max_entries=4) for _ in range(2)]

    async def use():
        for number in range(20):
            await stores[number % 2].set(str(number), b"")

    asyncio.run(use())

    assert len(files(tmp_path)) == 4


def test_files_that_a_person_deletes_are_no_longer_counted_once_there_is_no_room(tmp_path):
    store = FileStore(tmp_path, max_entries=3)

    async def use():
        for key in "abc":
            await store.set(key, b"")
        for path in files(tmp_path):
            path.unlink()
        for key in "def":
            await store.set(key, b"")

    asyncio.run(use())

    assert len(files(tmp_path)) == 3


def test_what_has_expired_is_deleted_at_once_by_asking(tmp_path, clock):
    store = FileStore(tmp_path, clock=clock)

    async def use():
        for number in range(40):
            await store.set(str(number), b"", 60 if number % 2 else None)
        clock.now += 60
        await store.delete_expired()

    asyncio.run(use())

    assert len(files(tmp_path)) == 20


def test_what_a_process_left_behind_that_was_killed_is_deleted(tmp_path):
    store = FileStore(tmp_path)
    asyncio.run(store.set("a", b"1"))
    (path,) = files(tmp_path)
    (path.parent / "tmp1234").write_bytes(path.read_bytes())

    asyncio.run(store.delete_expired())

    assert files(tmp_path) == [path]


@pytest.mark.parametrize("bound", [{"max_entries": 0}, {"max_bytes": -1}])
def test_a_bound_without_room_is_refused_at_once(tmp_path, bound):
    with pytest.raises(ValueError, match="must be positive"):
        FileStore(tmp_path, **bound)


COUNT = """
import asyncio, sys
from fasterapi.stores.file import FileStore

async def main():
    store = FileStore(sys.argv[1])
    added = await asyncio.gather(*(store.add(f"key {n}", b"x") for n in range(40)))
    for _ in range(40):
        await store.advance("count", 1, 0, 10**9, 60)
    print(sum(added))

asyncio.run(main())
"""


def test_processes_that_share_a_folder_wait_for_each_other(tmp_path):
    command = [sys.executable, "-c", COUNT, str(tmp_path)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    added = [int(process.communicate(timeout=60)[0]) for process in processes]

    assert sum(added) == 40
    assert asyncio.run(FileStore(tmp_path).get("count")) == b"120"
