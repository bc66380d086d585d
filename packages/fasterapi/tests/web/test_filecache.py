"""A small file is read once, and never given out when the disk has another one by now."""

import os
import threading

import pytest

from fasterapi._filecache import MAX_FILE_SIZE, FileCache
from fasterapi.staticfiles import StaticFiles


class Clocks:
    """A wall clock that is far enough ahead for every file to be settled, and a monotonic one that stands."""

    def __init__(self):
        self.ahead = 10.0
        self.monotonic = 0.0

    def cache(self, size=1024 * 1024):
        import time

        return FileCache(size, monotonic=lambda: self.monotonic, wall=lambda: time.time() + self.ahead)


@pytest.fixture
def clocks():
    return Clocks()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")
    return path


def load(cache, path):
    return cache.load(str(path), str(path), path.stat())


def test_a_file_that_was_loaded_is_found(clocks, file):
    cache = clocks.cache()
    known = load(cache, file)
    assert (known.content, cache.find(str(file))) == (b"one", known)
    assert cache.of(file, known.stat_result) is known
    assert cache.of(file, file.stat()) is None


def rewrite(file):
    file.write_text("two")


def replace(file):
    other = file.with_name("other")
    other.write_text("two")
    other.replace(file)


def rewrite_and_hide(file):
    before = file.stat()
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def link_elsewhere(file):
    (file.parent / "elsewhere").write_text("two")
    file.unlink()
    file.symlink_to(file.parent / "elsewhere")


@pytest.mark.parametrize(
    "change",
    [rewrite, replace, rewrite_and_hide, link_elsewhere, os.unlink, lambda file: os.truncate(file, 1)],
)
def test_a_file_that_has_changed_is_not_found(clocks, file, change):
    cache = clocks.cache()
    load(cache, file)
    while not _ticked(file):
        pass
    change(file)
    assert cache.find(str(file)) is None
    if file.exists():
        assert load(cache, file).content == file.read_bytes() != b"one"


def _ticked(file):
    """Whether the file system's clock has moved on since `file` was written."""
    probe = file.with_name("probe")
    probe.write_text("")
    return probe.stat().st_ctime_ns > file.stat().st_ctime_ns


def test_a_file_that_has_just_been_written_is_not_remembered(clocks, file):
    clocks.ahead = 0.0
    cache = clocks.cache()
    assert load(cache, file).content == b"one"
    assert cache.find(str(file)) is None


def test_after_a_second_a_worker_thread_looks_again(clocks, file):
    cache = clocks.cache()
    known = load(cache, file)
    clocks.monotonic = 1.5
    assert cache.find(str(file)) is None
    assert load(cache, file) is known
    assert cache.find(str(file)) is known


def test_what_is_found_is_what_was_looked_up(clocks, tmp_path, file):
    """Between looking up and opening, the path may come to mean another file."""
    other = tmp_path / "other"
    other.write_text("two")
    assert clocks.cache().load(str(file), str(file), other.stat()) is None


def test_what_cannot_be_read_is_left_to_the_sender(clocks, file):
    found = file.stat()
    file.unlink()
    assert clocks.cache().load(str(file), str(file), found) is None


@pytest.mark.parametrize("size", [0, 2, MAX_FILE_SIZE])
def test_large_files_are_not_read(clocks, file, size):
    file.write_bytes(b"x" * (min(size, MAX_FILE_SIZE) + 1))
    assert load(clocks.cache(size), file) is None


def test_the_oldest_files_go_first(clocks, tmp_path):
    cache = clocks.cache(10)
    files = [tmp_path / name for name in "abc"]
    for file in files:
        file.write_bytes(b"1234")
        load(cache, file)
    assert [cache.find(str(file)) is not None for file in files] == [False, True, True]
    load(cache, files[0])
    assert [cache.find(str(file)) is not None for file in files] == [True, False, True]


@pytest.fixture
def served(tmp_path, clocks):
    root = tmp_path / "static"
    root.mkdir()
    (root / "a.txt").write_text("hello")
    files = StaticFiles(directory=root, html=True)
    files._cache = clocks.cache()
    return files


def test_a_known_file_needs_no_worker_thread(call, served, monkeypatch):
    first = call(served, "GET", "/a.txt")
    monkeypatch.setattr(threading.Thread, "start", None)
    monkeypatch.setattr("fasterapi.staticfiles.run_in_threadpool", None)
    again = call(served, "GET", "/a.txt")
    assert (again.status, again.raw_headers, again.body) == (200, first.raw_headers, b"hello")


@pytest.mark.parametrize(
    ("method", "headers", "status", "body"),
    [
        ("HEAD", {}, 200, b""),
        ("GET", {"range": "bytes=1-2"}, 206, b"el"),
        ("GET", {"range": "bytes=1-2", "if-range": '"other"'}, 200, b"hello"),
        ("GET", {"range": "bytes=9-"}, 416, b""),
        ("GET", {"if-none-match": "*"}, 304, b""),
        ("GET", {"if-none-match": '"other"'}, 200, b"hello"),
    ],
)
def test_a_known_file_is_answered_as_an_unknown_one(call, served, method, headers, status, body):
    call(served, "GET", "/a.txt")
    known = call(served, method, "/a.txt", headers=headers)
    unknown = call(StaticFiles(directory=served.directory, cache_size=0), method, "/a.txt", headers=headers)
    assert (known.status, known.raw_headers, known.body) == (
        unknown.status,
        unknown.raw_headers,
        unknown.body,
    )
    assert (known.status, known.body) == (status, body)


def test_headers_that_an_application_adds_stay_with_their_response(call, served):
    class Uncached(StaticFiles):
        def file_response(self, *args, **more):
            response = super().file_response(*args, **more)
            response.headers["cache-control"] = "no-cache"
            return response

    files = Uncached(directory=served.directory)
    files._cache = served._cache
    assert call(files, "GET", "/a.txt").header("cache-control") == "no-cache"
    assert call(served, "GET", "/a.txt").header("cache-control") is None
    assert call(files, "GET", "/a.txt").header("cache-control") == "no-cache"


def test_a_known_file_that_comes_to_lead_outside_is_missing(call, served):
    from fasterapi.exceptions import HTTPException

    root = served.directory
    call(served, "GET", "/a.txt")
    (root.parent / "secret").write_text("hello")
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to(root.parent / "secret")
    with pytest.raises(HTTPException):
        call(served, "GET", "/a.txt")


def test_an_application_that_looks_paths_up_itself_is_always_asked(call, served):
    asked = []

    class Noted(StaticFiles):
        def lookup_path(self, path):
            asked.append(path)
            return super().lookup_path(path)

    files = Noted(directory=served.directory)
    files._cache = served._cache
    for _ in range(3):
        assert call(files, "GET", "/a.txt").body == b"hello"
    assert asked == ["a.txt"] * 3
