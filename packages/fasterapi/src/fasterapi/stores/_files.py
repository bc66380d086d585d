"""Files spread over the folders of one folder, each with the time when it expires; and how much there may be of them.

Knows: names, sizes, times of expiry and of use. Does not know: keys, what the bytes mean, who else writes: whoever
calls anything but `read` has the lock.
Invariant: after each `write` there are `max_entries` files of `max_bytes` in all, at the most.
"""

import math
import os
import struct
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["FOLDERS", "Files"]

# Every file begins with the time when it expires, in seconds since the epoch.
_EXPIRY: Final = struct.Struct(">d")
# What there is of them all: files and bytes. Kept in a file, since several processes write.
_TOTAL: Final = struct.Struct(">qq")

# Files are spread over folders, so that one of them can be looked through at a time.
FOLDERS: Final = 256
_NAME_LENGTH: Final = 62
_WRITES_PER_SWEEP: Final = 64
# So many are compared when room is made, and one of so many goes.
_SAMPLE: Final = 64
_SHARE: Final = 4


class Files:
    """The files of one store. `max_entries` and `max_bytes` None: no bound, and nothing is counted."""

    def __init__(
        self, folder: Path, clock: Callable[[], float], max_entries: int | None, max_bytes: int | None
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._is_bounded = max_entries is not None or max_bytes is not None
        self._max_entries = math.inf if max_entries is None else max_entries
        self._max_bytes = math.inf if max_bytes is None else max_bytes
        self._is_counted = False
        self._entries = 0
        self._bytes = 0
        self._writes = 0
        self._next = 0

    def read(self, path: Path) -> bytes | None:
        """The value that is there and has not expired; where there are bounds, it counts as used now."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        if not self._is_fresh(data):
            return None
        if self._is_bounded:
            with suppress(FileNotFoundError):
                self._touch(path)
        return data[_EXPIRY.size :]

    def write(self, path: Path, value: bytes, expires_in: float | None) -> None:
        """Put a value in the place of what was there. One that expires at once, or is too large, is not kept."""
        data = _EXPIRY.pack(math.inf if expires_in is None else self._clock() + expires_in) + value
        self._load_total()
        self._remove(path, only_count=True)
        if (expires_in is not None and expires_in <= 0) or len(data) > self._max_bytes:
            path.unlink(missing_ok=True)
        else:
            self._put(path, data)
            self._count(1, len(data))
            self._writes += 1
            if self._writes % _WRITES_PER_SWEEP == 0:
                self._sweep(self._writes // _WRITES_PER_SWEEP % FOLDERS)
            self._make_room(path)
        self._save_total()

    def remove(self, path: Path) -> None:
        """Delete the file, if there is one."""
        self._load_total()
        self._remove(path)
        self._save_total()

    def remove_expired(self, numbers: Iterable[int]) -> None:
        """Delete what has expired in some of the `FOLDERS`."""
        self._load_total()
        for number in numbers:
            self._sweep(number)
        self._save_total()

    def _put(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 - a handle, not a path
                file.write(data)
            if self._is_bounded:
                self._touch(name)
            os.replace(name, path)  # noqa: PTH105 - atomic
        except BaseException:
            os.unlink(name)  # noqa: PTH108 - a name, not a path
            raise

    def _touch(self, path: Path | str) -> None:
        os.utime(path, (self._clock(),) * 2)

    def _is_fresh(self, data: bytes) -> bool:
        if len(data) < _EXPIRY.size:
            return False  # no file of ours
        (expiry,) = _EXPIRY.unpack_from(data)
        return bool(expiry > self._clock())

    def _remove(self, path: Path, *, only_count: bool = False) -> None:
        if self._is_bounded:
            with suppress(FileNotFoundError):
                self._count(-1, -path.stat().st_size)
        if not only_count:
            path.unlink(missing_ok=True)

    def _list(self, number: int) -> Iterator[os.DirEntry[str]]:
        """The files of one folder; what a process left behind that ended while it wrote is deleted."""
        with suppress(FileNotFoundError), os.scandir(self._folder / f"{number:02x}") as found:
            for entry in found:
                if len(entry.name) == _NAME_LENGTH:
                    yield entry
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - a name, not a path

    def _sweep(self, number: int) -> list[os.DirEntry[str]]:
        """Delete what has expired in one folder; the rest."""
        kept = []
        for entry in list(self._list(number)):
            with open(entry.path, "rb") as file:  # noqa: PTH123 - a name, not a path
                start = file.read(_EXPIRY.size)
            if self._is_fresh(start):
                kept.append(entry)
            else:
                self._remove(Path(entry.path))
        return kept

    def _make_room(self, spared: Path) -> None:
        """Delete what was not used for longest among some of the files, until there is room for `spared`."""
        while self._entries > self._max_entries or self._bytes > self._max_bytes:
            before = self._entries
            sample: list[tuple[float, str]] = []
            for _ in range(FOLDERS):
                self._next = (self._next + 1) % FOLDERS
                sample += [(entry.stat().st_mtime, entry.path) for entry in self._sweep(self._next)]
                if len(sample) >= _SAMPLE:
                    break
            if self._entries < before:
                continue  # to delete what had expired may be enough
            others = sorted(pair for pair in sample if pair[1] != str(spared))
            for _, name in others[: -(-len(others) // _SHARE)]:
                self._remove(Path(name))
            if not others:
                self._recount()  # another process, or a person, has deleted files
                return

    # the total ------------------------------------------------------------------------------------------------

    def _count(self, entries: int, size: int) -> None:
        self._entries += entries
        self._bytes += size

    def _load_total(self) -> None:
        if not self._is_bounded:
            return
        try:
            if self._is_counted:
                self._entries, self._bytes = _TOTAL.unpack((self._folder / "total").read_bytes())
                return
        except (FileNotFoundError, struct.error):
            pass
        self._recount()

    def _save_total(self) -> None:
        if self._is_bounded:
            (self._folder / "total").write_bytes(_TOTAL.pack(self._entries, self._bytes))

    def _recount(self) -> None:
        """Count the files themselves: at the first write of each process, so that no mistake lasts."""
        if self._is_bounded:
            sizes = [entry.stat().st_size for number in range(FOLDERS) for entry in self._list(number)]
            self._entries, self._bytes = len(sizes), sum(sizes)
            self._is_counted = True
