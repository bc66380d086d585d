"""The life of one worker process: read a job, run it, answer, until the pipe ends.

Knows: frames on pipes. Does not know: what jobs do (`remote`), how the process was started.
Invariant: like `remote`, its source is executed alone in the worker, and imports nothing else of this package.
A frame is the length of its head in eight bytes, the head (marshalled: a tuple and the sizes of the parts), and
the parts as they are, so that large buffers are neither pickled nor copied.
"""

from __future__ import annotations

import marshal

from fasterapi_concurrency.remote import LARGE_BYTES, serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, BinaryIO


def main(jobs_fd: int, replies_fd: int) -> None:
    """Serve jobs from one pipe and answer into the other."""
    import signal  # noqa: PLC0415 - `_work` is also run where signals are not to be touched

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C reaches the whole terminal; the pool decides what ends
    with open(jobs_fd, "rb") as jobs, open(replies_fd, "wb") as replies:
        work(jobs, replies)


def work(jobs: BinaryIO, replies: BinaryIO) -> None:
    current = [0]
    while True:
        try:
            (key, blob, kinds), (payload, *parts) = read_frame(jobs)
        except EOFError:
            return
        buffers = None
        if kinds is not None:
            pairs = zip(kinds, parts, strict=True)
            buffers = [(kind, memoryview(part) if kind == "memoryview" else part) for kind, part in pairs]
        kind, data = serve(current, 1, (key, blob, payload, buffers))
        if isinstance(data, (bytes, memoryview)) and len(data) >= LARGE_BYTES:
            write_frame(replies, (kind, None), (data,))
        else:
            write_frame(replies, (kind, data), ())


def write_frame(file: BinaryIO, head: tuple[Any, ...], parts: Sequence[bytes | memoryview]) -> None:
    sizes = tuple([memoryview(part).nbytes for part in parts])
    packed = marshal.dumps((head, sizes))
    start = len(packed).to_bytes(8, "big") + packed
    if sum(sizes) < LARGE_BYTES:
        _write(file, b"".join([start, *parts]))
    else:
        for part in (start, *parts):
            _write(file, part)
    file.flush()


def _write(file: BinaryIO, data: bytes | memoryview) -> None:
    left = memoryview(data).cast("B")
    while left:  # an unbuffered file may take a part only
        left = left[file.write(left) :]


def read_frame(file: BinaryIO) -> tuple[tuple[Any, ...], list[bytes]]:
    """The head and the parts; raises `EOFError` if the other side is gone."""
    head, sizes = marshal.loads(_read(file, int.from_bytes(_read(file, 8), "big")))  # noqa: S302 - our own pipe
    return head, [_read(file, size) for size in sizes]


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) < size:
        raise EOFError("the other side of the pipe is gone")
    return data
