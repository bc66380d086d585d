"""Bytes of one regular file, read in worker threads.

Knows: the disk. Does not know: HTTP.
Invariant: at most one hop for a small file, and never more than one chunk in memory.
"""

import os
import stat
from typing import BinaryIO

from fasterapi.concurrency import run_in_threadpool, run_teardown_in_threadpool


class FileReader:
    """Opens, measures and reads `path`; a file of up to `small` bytes is read and closed at once.

    `data` is the whole file, for a caller that has it. Raises `RuntimeError` for a path that is missing or no
    regular file.
    """

    __slots__ = ("_data", "_file", "path", "stat_result")

    stat_result: os.stat_result

    def __init__(self, path: str | os.PathLike[str], data: bytes | None = None) -> None:
        self.path = path
        self._data = data
        self._file: BinaryIO | None = None

    async def measure(self) -> None:
        """Fill in `stat_result`."""
        await run_in_threadpool(self._measure)

    async def open(self, small: int) -> None:
        """Fill in `stat_result` and get ready to read; nothing is left to do when the data are there."""
        if self._data is not None:
            return
        await run_in_threadpool(self._open, small)

    @property
    def file(self) -> BinaryIO | None:
        """The open file; `None` for one that is in memory."""
        return self._file

    def _measure(self) -> None:
        try:
            self.stat_result = os.stat(self.path)  # noqa: PTH116 - `path` may be any PathLike
        except FileNotFoundError:
            raise RuntimeError(f"File at path {self.path} does not exist.") from None
        # Before it is opened: opening a FIFO would wait for a writer.
        if not stat.S_ISREG(self.stat_result.st_mode):
            raise RuntimeError(f"File at path {self.path} is not a file.")

    def _open(self, small: int) -> None:
        self._measure()
        file = open(self.path, "rb")  # noqa: PTH123, SIM115 - `path` may be any PathLike; `close` closes it
        try:
            # The file that is open may be another one than was measured.
            self.stat_result = os.fstat(file.fileno())
            if self.stat_result.st_size <= small:
                self._data = file.read(small)
        except BaseException:
            file.close()
            raise
        if self._data is None:
            self._file = file
        else:
            file.close()

    async def read(self, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start`. `RuntimeError` when the file has got shorter meanwhile."""
        if self._data is not None:
            chunk = self._data[start : start + size]
        else:
            chunk = await run_in_threadpool(self._read, start, size)
        if size and not chunk:
            raise RuntimeError(f"File at path {self.path} is shorter than expected.")
        return chunk

    def _read(self, start: int, size: int) -> bytes:
        assert self._file is not None
        self._file.seek(start)
        return self._file.read(size)

    async def close(self) -> None:
        """Close the file, if it is open; waits for a read that goes on in another thread."""
        if self._file is not None:
            await run_teardown_in_threadpool(self._file.close)
            self._file = None
