"""The life of one worker interpreter: take a job, run it, answer, until told to stop.

Knows: the numbers of queues and descriptors, the shared table of jobs. Does not know: what jobs do (`remote`).
Invariant: like `remote`, its source is executed alone in the worker, and imports nothing else of this package.
"""

from __future__ import annotations

import os
import sys
import time

from fasterapi_concurrency.remote import CANCELLED, JobCancelled, describe_failure, serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

# What a worker's own cell of the table says.
RUNNING, STOPPING, ENDING, THREADS_LEFT = range(4)  # the last: jobs left threads, the interpreter cannot end
THREADS_GRACE_SECONDS = 1.0


class Setup:
    """What a worker is born with; integers, so that they cross to it as they are.

    The table that is shared with the pool has 16-bit cells. `table[index]` is a worker's own cell: the pool
    asks it to stop there, the worker says how it ended. `table[owners + slot]` is 1 + the index of the worker
    that has taken the slot's job, and `table[cancels + slot]` is `turn_of` a job that nobody waits for any more.
    A job's slot is its number modulo `slots`.
    """

    def __init__(self, *numbers: int) -> None:
        (
            self.index, self.uid, self.slots, self.owners, self.cancels,
            self.jobs, self.jobs_fd, self.jobs_ring_fd,
            self.orders, self.orders_fd, self.orders_ring_fd, self.uses_eventfd,
        ) = numbers  # fmt: skip


def main(setup: Setup, put: Callable[[int, Any], None], get: Callable[[int], Any]) -> None:
    """Serve jobs until told to stop; the first order is the table."""
    from threading import Thread, get_ident  # noqa: PLC0415 - the interpreter needs it anyway to end its threads

    wait: Callable[[int], Any] = os.eventfd_read if setup.uses_eventfd else _read_one
    ring: Callable[[int, int], Any] = os.eventfd_write if setup.uses_eventfd else _write_some
    wait(setup.orders_fd)
    table = get(setup.orders)
    current = [0]
    watcher = Thread(target=_obey, args=(setup, table, current, get_ident(), (wait, get)))
    watcher.start()
    try:
        _work(setup, table, current, (wait, ring, put, get))
    finally:
        table[setup.index] = ENDING
        ring(setup.orders_ring_fd, 1)
        watcher.join()
        if _other_threads_stay():
            table[setup.index] = THREADS_LEFT
        table.release()


def _work(setup: Setup, table: memoryview, current: list[int], way: tuple[Any, ...]) -> None:
    wait, ring, put, get = way
    index, uid, slots = setup.index, setup.uid, setup.slots
    owners, cancels = setup.owners, setup.cancels
    while table[index] == RUNNING:
        wait(setup.jobs_fd)
        if table[index] != RUNNING:
            ring(setup.jobs_ring_fd, 1)  # it was meant for a job, which another worker will take
            return
        item = get(setup.jobs)
        if item is None:
            return
        job, replies, replies_fd, *call = item
        slot = job % slots
        table[owners + slot] = index + 1
        dropped = table[cancels + slot]
        is_dropped = dropped and dropped == turn_of(job, slots)
        outcome = (CANCELLED, None) if is_dropped else serve(current, job, call)
        try:
            put(replies, (job, uid, *outcome))
        except Exception as error:  # a string with lone surrogates, or no memory
            put(replies, (job, uid, *describe_failure(error)))
        ring(replies_fd, 1)
        del item, call, outcome  # an idle worker keeps nothing alive


def _obey(
    setup: Setup, table: memoryview, current: list[int], thread: int, way: tuple[Callable[[int], Any], ...]
) -> None:
    """Interrupt the running job when ordered; an order is a job's number, or 0 for a mere wake-up.

    A wake-up lets this interpreter free what the pool has read: objects are freed where they were made.
    """
    from ctypes import c_ulong, py_object, pythonapi  # noqa: PLC0415 - in this thread the import delays no job

    wait, get = way
    interrupt = pythonapi.PyThreadState_SetAsyncExc
    interrupt.argtypes = (c_ulong, py_object)
    # An interruption shall not wait 5 ms for this thread's turn; the interpreter has no other threads.
    sys.setswitchinterval(0.001)
    while True:
        wait(setup.orders_fd)
        if table[setup.index] == ENDING:
            return
        # No bytecode between comparing and interrupting lets the other thread run.
        if get(setup.orders) == current[0] != 0:
            interrupt(thread, JobCancelled)


def turn_of(job: int, slots: int) -> int:
    """How often the job's slot has been used, as far as that fits into a cell; never 0."""
    return job // slots % 65535 + 1


def _other_threads_stay() -> bool:
    """Give threads that jobs have left a last second; ending the interpreter would wait for them forever."""
    import threading  # noqa: PLC0415 - loaded by `main`

    ours = {threading.current_thread(), threading.main_thread()}
    others = [thread for thread in threading.enumerate() if thread not in ours]
    deadline = time.monotonic() + THREADS_GRACE_SECONDS
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    return any(thread.is_alive() for thread in others)


def _read_one(fd: int) -> None:
    os.read(fd, 1)


def _write_some(fd: int, count: int) -> None:
    os.write(fd, bytes(count))
