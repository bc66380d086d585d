"""How workers and pools end: workers that die, shutdown, interpreter exit, fork.

Knows: threads of workers, the jobs they leave. Does not know: how jobs come and go (`foreman`).
Whoever is last cleans up: the thread of the last worker, or the caller if there is none.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from contextlib import suppress
from typing import Any, Final

from fasterapi_concurrency import lifetime
from fasterapi_concurrency.crew import Crew, Worker
from fasterapi_concurrency.errors import PoolClosedError, WorkerDiedError
from fasterapi_concurrency.foreman import Foreman
from fasterapi_concurrency.jobs import Job, Port

FORK_GRACE_SECONDS: Final = 2.0  # how long a fork waits for running jobs before it interrupts them
INTERRUPTED_GRACE_SECONDS: Final = 0.5  # and for them to end then


class Lifecycle(Foreman):
    """The ends of workers and of the pool."""

    def _watch(self) -> None:
        lifetime.watch(self)

    def worker_stopped(self, crew: Crew, worker: Worker, error: str | None) -> None:
        """Called by the worker's thread before its interpreter or process is freed."""
        for port in self._ports():
            self._arrived(port)
        with self._lock:
            self._live -= {worker.uid}
            if worker.is_lost:
                self._recall_slot()
            left = [job for job in list(self._pending.values()) if crew.worker_of(job) == worker.index]
            worker.has_worked = worker.uid in self._worked
            self._worked.discard(worker.uid)
            if error is not None and not worker.has_worked and not self._live:
                left = list(self._pending.values())  # no worker is there, and a new one would fail too
        if left:
            text = error or "it was stopped"
            self._fail(left, WorkerDiedError(f"worker {worker.uid} of the pool {self.name!r} ended: {text}"))

    def worker_gone(self, crew: Crew, worker: Worker) -> None:
        """Called by the worker's thread as the last thing."""
        with self._lock:
            del crew.workers[worker.index]
            is_last = not crew.workers
            if crew is not self._crew:  # the process has forked meanwhile
                if is_last:
                    crew.close()
                return
            if self.is_closed:
                if is_last:
                    self._clean_up()
            elif is_last and not worker.has_worked:
                crew.close()  # with the jobs that were failed because no worker can start
                self._crew = None
            elif worker.has_worked and len(self._live) < min(self.max_workers, len(self._pending)):
                self._start_worker()

    def _ports(self) -> list[Port]:
        ports = {id(port): port for port in self._loop_ports.values()}
        return [*ports.values(), *([self._thread_port] if self._thread_port is not None else [])]

    def _clean_up(self) -> None:
        """The pool is closed and no worker is left."""
        crew, self._crew = self._crew, None
        if crew is not None:
            crew.close()
        self._fail(list(self._pending.values()), PoolClosedError(f"the pool {self.name!r} was shut down"))
        for port in self._ports():
            port.close()
        self._loop_ports.clear()
        self._thread_port = None

    def close(self, *, wait: bool, cancel_queued: bool) -> None:
        """The work of `shutdown`; may be called again, and by several threads."""
        with self._lock:
            is_first, self.is_closed = not self.is_closed, True
            crew, thread_port = self._crew, self._thread_port
            # A list first: replies are read, and jobs taken off, without the lock.
            jobs = list(self._pending.values())
            queued = [job for job in jobs if crew is None or crew.worker_of(job) is None]
            if cancel_queued:
                for job in queued:
                    self._cancel(job)
            if is_first and crew is not None:
                crew.ring(self._unrung)
                self._unrung = 0
                crew.stop(at_once=False)
            workers = (
                [] if crew is None else [worker for worker in crew.workers.values() if not worker.is_lost]
            )
            if crew is None or not crew.workers:
                self._clean_up()
        self.slots.fail_waiters(PoolClosedError(f"the pool {self.name!r} was shut down"))
        if wait:
            for worker in workers:
                worker.thread.join()
            if thread_port is not None and thread_port.is_closed:
                thread_port.join()

    def _cancel(self, job: Job) -> None:
        self.drop(job)
        if isinstance(job.future, asyncio.Future):
            with suppress(RuntimeError):  # its loop is closed
                job.future.get_loop().call_soon_threadsafe(job.future.cancel)
        else:
            job.future.cancel()

    def close_at_exit(self, deadline: float) -> None:
        """Nobody will read results any more: drop and interrupt everything."""
        with self._lock:
            self.is_closed = True
            crew = self._crew
            if crew is None:
                return
            crew.stop(at_once=True)
            for job in list(self._pending.values()):
                crew.cancel(job)
        _join(crew, deadline)

    def park(self) -> None:
        """End the worker interpreters before a fork, which a live one would not survive in the child."""
        with self._lock:
            self._is_parked = True
            crew = self._crew
            if crew is None or not crew.must_park:
                return
            crew.stop(at_once=True)
        is_clear = _join(crew, time.monotonic() + FORK_GRACE_SECONDS)
        if not is_clear:
            with self._lock:
                for job in list(self._pending.values()):
                    if crew.worker_of(job) is not None:
                        crew.interrupt(job)
            is_clear = _join(crew, time.monotonic() + INTERRUPTED_GRACE_SECONDS)
            if not is_clear:
                warnings.warn(
                    f"the process forks while a worker interpreter of the pool {self.name!r} is in a call that "
                    "cannot be interrupted; CPython will kill the child\n"
                    "  fix: fork before jobs run, use subprocess or multiprocessing's spawn, or use ProcessPool",
                    RuntimeWarning,
                    stacklevel=2,
                )
        with self._lock:
            if self._crew is crew:  # the last worker has not closed it, as in a pool that was shut down
                self._crew = None
                self._live = frozenset()
                if is_clear:
                    crew.close()

    def resume(self) -> None:
        """Send the jobs that wait to new workers, after a fork in the parent."""
        with self._lock:
            self._is_parked = False
            if self._crew is not None:  # it was not parked
                return
            for job in list(self._pending.values()):
                crew = self._start_worker()
                if crew is not None:
                    job.sends_blob = True
                    job.packed = self.shipper.pack(job.fn, job.args, job.kwargs, None)
                    if crew.send(job):
                        crew.ring(1)
                    if job.is_unwanted:
                        crew.cancel(job)

    def _recall_slot(self) -> None:
        """A lost worker has come back: the slot that was given out for its job is a spare one again."""
        slot: Any = self.slots.try_take()
        if slot is not None:
            self._spare_slots.append(slot)


def _join(crew: Crew, deadline: float) -> bool:
    """Wait for all workers; whether they have ended in time."""
    workers = list(crew.workers.values())
    for worker in workers:
        worker.thread.join(max(0.0, deadline - time.monotonic()))
    return not any(worker.thread.is_alive() for worker in workers)
