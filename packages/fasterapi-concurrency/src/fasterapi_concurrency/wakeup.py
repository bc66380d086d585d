"""Waking a thread or an event loop from anywhere in the process.

Knows: eventfd(2) and its portable stand-in, a pipe. Does not know: jobs, results, interpreters.
Both kinds count: every `ring` is worth one `wait`, so a bell shared by several waiting threads lets the kernel
choose who goes next, and nobody polls.
"""

from __future__ import annotations

import os
from typing import Final

HAS_EVENTFD: Final = hasattr(os, "eventfd")


class Bell:
    """A counter in the kernel: `ring` adds one, `wait` blocks until it can take one, `drain` takes all.

    `fileno` goes to `loop.add_reader`; `token` (two integers) goes to a worker interpreter, which shares the
    file descriptors of the process and rings through them without owning them.

    >>> bell = Bell()
    >>> bell.ring()
    >>> bell.ring()
    >>> bell.drain()
    2
    >>> bell.close()
    """

    __slots__ = ("_eventfd", "_read_fd", "_write_fd")

    def __init__(self, *, is_shared: bool = False, blocks: bool = False, eventfd: bool = HAS_EVENTFD) -> None:
        """Open the bell. `is_shared` lets several threads `wait`; otherwise one reader uses `drain`.

        `blocks` makes `drain` wait for the first ring, which suits a thread, not an event loop.
        """
        self._eventfd = eventfd
        self._read_fd = self._write_fd = -1
        if eventfd:
            kind = os.EFD_SEMAPHORE if is_shared else 0 if blocks else os.EFD_NONBLOCK
            self._read_fd = self._write_fd = os.eventfd(0, kind | os.EFD_CLOEXEC)
        else:
            self._read_fd, self._write_fd = os.pipe()
            os.set_blocking(self._read_fd, is_shared or blocks)

    @property
    def token(self) -> tuple[int, int]:
        """The descriptor to wait on and the one to ring; they are equal for an eventfd."""
        return self._read_fd, self._write_fd

    def fileno(self) -> int:
        return self._read_fd

    def ring(self, times: int = 1) -> None:
        """Add `times`; never blocks in practice (a pipe holds 64 KiB of unread rings)."""
        if self._eventfd:
            os.eventfd_write(self._write_fd, times)
        else:
            os.write(self._write_fd, bytes(times))

    def wait(self) -> None:
        """Block this thread, without the GIL, until one ring is there, and take it."""
        if self._eventfd:
            os.eventfd_read(self._read_fd)
        else:
            os.read(self._read_fd, 1)

    def drain(self) -> int:
        """Take all rings at once and return their number; 0 if there is none."""
        if self._read_fd < 0:
            return 0
        try:
            if self._eventfd:
                return os.eventfd_read(self._read_fd)
            return len(os.read(self._read_fd, 65536))
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Give the descriptors back. Nobody may ring any more: the number may soon name another file."""
        if self._read_fd >= 0:
            os.close(self._read_fd)
            if self._write_fd != self._read_fd:
                os.close(self._write_fd)
            self._read_fd = self._write_fd = -1

    def __del__(self) -> None:
        self.close()
