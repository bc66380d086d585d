"""Small files in memory, each held against the disk whenever it is used.

Knows: what tells that a file has changed. Does not know: HTTP, URLs, which files may be served.
Invariants: what is given out is what the disk has at that moment. On the event loop only a path is asked about
that a worker thread has looked at less than `TRUSTED_SECONDS` ago, so that the system has the answer in memory.
"""

import os
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from fasterapi.types import PathLike

# Files of more bytes are read piece by piece by whoever sends them.
MAX_FILE_SIZE: Final = 256 * 1024
TRUSTED_SECONDS: Final = 1.0

# Clocks of file systems tick, the coarsest ones every two seconds: a file that has just been changed may change
# once more without a trace (as in Git's "racy" index entries), so it is not remembered yet.
_SETTLED_SECONDS: Final = 2.0
# Where `st_ctime` is the time of creation, a change can hide.
_HAS_CHANGE_TIME: Final = os.name != "nt"
_OPEN_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class KnownFile:
    """One file as it was read; `extra` is for whoever uses it to keep what follows from the file alone."""

    __slots__ = ("checked", "content", "extra", "is_settled", "path", "stat_result")

    def __init__(self, path: str, stat_result: os.stat_result, content: bytes, *, is_settled: bool) -> None:
        self.path = path
        self.stat_result = stat_result
        self.content = content
        self.is_settled = is_settled
        self.checked = 0.0
        self.extra: Any = None

    def is_still(self, found: os.stat_result) -> bool:
        """Whether `found` says that nothing has changed; a change of content always changes `st_ctime`."""
        known = self.stat_result
        return (
            found.st_ctime_ns == known.st_ctime_ns
            and found.st_ino == known.st_ino
            and found.st_dev == known.st_dev
            and found.st_size == known.st_size
            and found.st_mtime_ns == known.st_mtime_ns
        )


class FileCache:
    """At most `size` bytes of files, by the path under which they are looked for; the oldest ones go first.

    `monotonic` and `wall` are the clocks, in seconds.
    """

    def __init__(
        self,
        size: int,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._free = size
        self._largest = min(size, MAX_FILE_SIZE)
        self._monotonic = monotonic
        self._wall = wall
        self._by_location: dict[str, KnownFile] = {}
        self._by_path: dict[str, KnownFile] = {}
        self._lock = threading.Lock()

    def find(self, location: str) -> KnownFile | None:
        """The file at `location`, if it is known and as it was; `None` leaves the question to `load`."""
        known = self._by_location.get(location)
        if known is None or not known.is_settled or self._monotonic() - known.checked > TRUSTED_SECONDS:
            return None
        try:
            found = os.stat(location)  # noqa: PTH116 - as text
        except OSError:
            return None
        return known if known.is_still(found) else None

    def of(self, path: PathLike, stat_result: os.stat_result) -> KnownFile | None:
        """What was found together with `stat_result`, the very object that was given out with it."""
        known = self._by_path.get(os.fspath(path))
        return known if known is not None and known.stat_result is stat_result else None

    def load(self, location: str, path: str, found: os.stat_result) -> KnownFile | None:
        """Read the file at `path`, which was found at `location`, unless it is known; blocks.

        `None` for a large one, and for one that changes meanwhile or can't be read: its sender will say why.
        """
        if found.st_size > self._largest:
            return None
        now = self._monotonic()
        known = self._by_location.get(location)
        if known is None or not known.is_settled or known.path != path or not known.is_still(found):
            known = self._read(path, found)
            if known is not None:
                self._keep(location, known)
        if known is not None:
            known.checked = now
        return known

    def _read(self, path: str, found: os.stat_result) -> KnownFile | None:
        is_settled = _HAS_CHANGE_TIME and self._wall() - found.st_ctime > _SETTLED_SECONDS
        try:
            descriptor = os.open(path, _OPEN_FLAGS)
            try:
                # What was opened may be another file than the one that was found, and allowed.
                known = KnownFile(path, found, b"", is_settled=is_settled)
                if not known.is_still(os.fstat(descriptor)):
                    return None
                known.content = os.read(descriptor, found.st_size + 1)
            finally:
                os.close(descriptor)
        except OSError:
            return None
        return known if len(known.content) == found.st_size else None

    def _keep(self, location: str, known: KnownFile) -> None:
        with self._lock:
            self._drop(location)
            self._by_location[location] = self._by_path[known.path] = known
            self._free -= len(known.content)
            while self._free < 0:
                self._drop(next(iter(self._by_location)))

    def _drop(self, location: str) -> None:
        known = self._by_location.pop(location, None)
        if known is not None:
            self._free += len(known.content)
            if self._by_path.get(known.path) is known:
                del self._by_path[known.path]
