"""A store in a folder: for several workers on one machine, and for what must survive a restart, without a server.

Knows: files, times of expiry, a lock between processes. Does not know: what the bytes mean.
Invariant: no part of a key is part of a path (CVE-2026-25480), a reader sees a whole value or none, and nothing
here waits for the disk on the event loop.
"""

import hashlib
import math
import os
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from fasterapi.concurrency import run_in_threadpool

__all__ = ["FileStore"]

# Every file begins with the time when it expires, in seconds since the epoch.
_EXPIRY: Final = struct.Struct(">d")

# Keys are spread over folders, so that one of them can be swept at a time.
_FOLDERS: Final = 256
_WRITES_PER_SWEEP: Final = 64


class FileStore:
    """Bytes by key, each in a file of its own below `folder`, which is made if need be, for this user alone.

    What has expired is deleted little by little, as new values come; nothing else bounds the folder's size. Not
    for network file systems, whose locks and clocks disagree. `clock` gives seconds since the epoch. Errors of
    the file system are raised.
    """

    def __init__(self, folder: str | os.PathLike[str], *, clock: Callable[[], float] = time.time) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._clock = clock
        self._lock = threading.Lock()
        self._writes = 0

    async def get(self, key: str) -> bytes | None:
        """The value, or `None` for a key that is unknown or expired."""
        return await run_in_threadpool(self._read, self._path(key))

    async def set(self, key: str, value: bytes, expires_in: float | None = None) -> None:
        """Keep `value` under `key`, whatever was there."""

        def write() -> None:
            with self._locked():
                self._write(path, value, expires_in)

        path = self._path(key)
        await run_in_threadpool(write)

    async def add(self, key: str, value: bytes, expires_in: float | None = None) -> bool:
        """Keep `value` if there is none under `key`; whether it is kept now."""

        def write() -> bool:
            with self._locked():
                if self._read(path) is not None:
                    return False
                self._write(path, value, expires_in)
                return True

        path = self._path(key)
        return await run_in_threadpool(write)

    async def advance(self, key: str, step: int, floor: int, ceiling: int, expires_in: float) -> int:
        """Raise a number to `max(number, floor) + step` if that is no more than `ceiling`; the sum either way."""

        def write() -> int:
            with self._locked():
                number = max(int(self._read(path) or b"0"), floor) + step
                if number <= ceiling:
                    self._write(path, b"%d" % number, expires_in)
                return number

        path = self._path(key)
        return await run_in_threadpool(write)

    async def delete(self, key: str) -> None:
        """Forget the value; an unknown key is no error."""

        def remove() -> None:
            with self._locked():
                path.unlink(missing_ok=True)

        path = self._path(key)
        await run_in_threadpool(remove)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
        return self.folder / name[:2] / name[2:]

    def _read(self, path: Path) -> bytes | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        return data[_EXPIRY.size :] if self._is_fresh(data) else None

    def _is_fresh(self, data: bytes) -> bool:
        if len(data) < _EXPIRY.size:
            return False  # no file of ours
        (expiry,) = _EXPIRY.unpack_from(data)
        return bool(expiry > self._clock())

    def _write(self, path: Path, value: bytes, expires_in: float | None) -> None:
        if expires_in is not None and expires_in <= 0:
            path.unlink(missing_ok=True)
            return
        expiry = math.inf if expires_in is None else self._clock() + expires_in
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
                file.write(_EXPIRY.pack(expiry) + value)
            os.replace(name, path)  # noqa: PTH105 - atomic
        except BaseException:
            os.unlink(name)  # noqa: PTH108 - a name, not a path
            raise
        self._writes += 1
        if self._writes % _WRITES_PER_SWEEP == 0:
            self._sweep(self.folder / f"{self._writes // _WRITES_PER_SWEEP % _FOLDERS:02x}")

    def _sweep(self, folder: Path) -> None:
        for path in folder.iterdir() if folder.exists() else ():
            with path.open("rb") as file:
                start = file.read(_EXPIRY.size)
            if not self._is_fresh(start):
                path.unlink(missing_ok=True)

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
