"""A store in a folder: for several workers on one machine, and for what must survive a restart, without a server.

Knows: keys, a lock between processes. Does not know: what the bytes mean, when a file goes (`_files`).
Invariant: no part of a key is part of a path (CVE-2026-25480), a reader sees a whole value or none, and nothing
here waits for the disk on the event loop.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from fasterapi.concurrency import run_in_threadpool
from fasterapi.stores._files import FOLDERS, Files

__all__ = ["FileStore"]

# So many of all folders are looked through while nobody else may write.
_FOLDERS_AT_ONCE: Final = 16


class FileStore:
    """Bytes by key, each in a file of its own below `folder`, which is made if need be, for this user alone.

    What has expired is deleted little by little, as new values come; `delete_expired` does it at once. With
    `max_entries` or `max_bytes`, the same for all who share the folder, what was not used for a long time goes when it
    is full; a single value beyond `max_bytes` is not kept, and each file has 8 bytes more than its value. Not for
    network file systems, whose locks and clocks disagree. `clock` gives seconds since the epoch. Errors of the file
    system are raised, and `ValueError` for a bound that leaves no room.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        max_entries: int | None = None,
        max_bytes: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        for name, bound in (("max_entries", max_entries), ("max_bytes", max_bytes)):
            if bound is not None and bound < 1:
                raise ValueError(f"FileStore: {name} must be positive, got {bound!r}")
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._files = Files(self.folder, clock, max_entries, max_bytes)
        self._lock = threading.Lock()

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` for a key that is unknown or expired."""
        return await run_in_threadpool(self._files.read, self._path(key))

    async def set(self, key: str, value: bytes, expires_in: float | None = None) -> None:
        """Keep `value` under `key`, whatever was there."""

        def write() -> None:
            with self._locked():
                self._files.write(path, value, expires_in)

        path = self._path(key)
        await run_in_threadpool(write)

    async def add(self, key: str, value: bytes, expires_in: float | None = None) -> bool:
        """Keep `value` if there is none under `key`; whether it is kept now."""

        def write() -> bool:
            with self._locked():
                if self._files.read(path) is not None:
                    return False
                self._files.write(path, value, expires_in)
                return True

        path = self._path(key)
        return await run_in_threadpool(write)

    async def advance(self, key: str, step: int, floor: int, ceiling: int, expires_in: float) -> int:
        """Raise a number to `max(number, floor) + step` if that is no more than `ceiling`; the sum either way."""

        def write() -> int:
            with self._locked():
                number = max(int(self._files.read(path) or b"0"), floor) + step
                if number <= ceiling:
                    self._files.write(path, b"%d" % number, expires_in)
                return number

        path = self._path(key)
        return await run_in_threadpool(write)

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""

        def remove() -> None:
            with self._locked():
                self._files.remove(path)

        path = self._path(key)
        await run_in_threadpool(remove)

    async def delete_expired(self) -> None:
        """Delete everything that has expired; reads the start of every file, and lets others write meanwhile."""

        def remove() -> None:
            for first in range(0, FOLDERS, _FOLDERS_AT_ONCE):
                with self._locked():
                    self._files.remove_expired(range(first, first + _FOLDERS_AT_ONCE))

        await run_in_threadpool(remove)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / name[:2] / name[2:]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One writer at a time: of this process by a lock of its own, of all processes by that of a file."""
        with self._lock, (self.folder / "lock").open("ab") as file:
            _lock_file(file.fileno())
            try:
                yield
            finally:
                _unlock_file(file.fileno())


if sys.platform == "win32":
    import msvcrt

    def _lock_file(descriptor: int) -> None:
        while True:  # it gives up after ten seconds
            with suppress(OSError):
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
                return

    def _unlock_file(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock_file(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock_file(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
