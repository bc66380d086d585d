"""What is a folder's own: names, whole values, other processes."""

import asyncio
import os
import stat
import subprocess
import sys

import pytest

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
    return [path for path in folder.rglob("*") if path.is_file() and path.name != "lock"]


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
