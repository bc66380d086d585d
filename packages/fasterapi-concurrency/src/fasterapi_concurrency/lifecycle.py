"""How workers and pools end: workers that die, shutdown, interpreter exit, fork.

Knows: threads of workers, the jobs they leave. Does not know: how jobs come and go (`foreman`).
Whoever is last cleans up: the thread of the last worker, or the caller if there is none.
"""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
from contextlib import suppress
from typing import Final

from fasterapi_concurrency import lifetime
from fasterapi_concurrency.crew import Crew, Worker
from fasterapi_concurrency.errors import PoolClosedError, WorkerDiedError
from fasterapi_concurrency.foreman import Foreman
from fasterapi_concurrency.jobs import Job

FORK_GRACE_SECONDS: Final = 2.0  # how long a fork waits for running jobs before it interrupts them
INTERRUPTED_GRACE_SECONDS: Final = 0.5  # and for them to end then


class Lifecycle(Foreman):
    """The ends of workers and of the pool."""

    def _watch(self) -> None:
        lifetime.watch(self)

    def worker_stopped(self, crew: Crew, worker: Worker, error: str | None) -> None:
        """Called by the worker's thread before its interpreter or process is freed."""
        try:
            for port in self._ports.all():
                self._arrived(port)
        finally:
            with self._lock:
                self._live -= {worker.uid}
                if worker.lost_job is not None:
                    self._regain(crew, worker.lost_job)
                left = list(self._pending.values())
                worker.has_worked = worker.uid in self._worked
                self._worked.discard(worker.uid)
                worker.has_failed = error is not None and not worker.has_worked and not worker.is_lost
                # Else no worker is there, and a new one would fail too.
                if not worker.has_failed or self._live:
                    left = [job for job in left if job.crew is crew and crew.worker_of(job) == worker.index]
            if left:
                text = error or "it was stopped"
                self._fail(
                    left, WorkerDiedError(f"worker {worker.uid} of the pool {self.name!r} ended: {text}")
                )

    def worker_gone(self, crew: Crew, worker: Worker) -> None:
        """Called by the worker's thread as the last thing."""
        is_over = False
        failure: Exception | None = None
        with self._lock:
            del crew.workers[worker.index]
            is_last = not crew.workers
            if crew is not self._crew:  # the process has forked meanwhile
                if is_last:
                    crew.close()
                    self._leaving.discard(crew)
                    is_over = self.is_closed and self._crew is None and not self._parked
            else:
                try:
                    is_over = self._replace(crew, worker)
                except (
                    RuntimeError,
                    MemoryError,
                    OSError,
                ) as error:  # too many threads or files in the process
                    failure, is_over = error, is_last and self.is_closed
        if failure is not None and is_last:
            text = f"no worker of the pool {self.name!r} can be started: {failure}"
            self._fail(list(self._pending.values()), WorkerDiedError(text))
        if is_over:
            self._clean_up()

    def _replace(self, crew: Crew, worker: Worker) -> bool:
        """Start another worker if jobs need one; whether the pool is at its end instead."""
        is_last = not crew.workers
        if self.is_closed:
            # A job that had to be sent again may have come after the workers were told to end.
            if is_last and worker.has_worked and self._pending and self._start_worker():
                crew.stop(at_once=False)
                return False
            return is_last
        if is_last and worker.has_failed:
            crew.close()  # with the jobs that were failed because no worker can start
            self._crew = None
        elif not worker.has_failed and len(self._live) < min(self.max_workers, len(self._pending)):
            self._start_worker()
        return False

    def _clean_up(self) -> None:
        """The pool is closed and no worker is left; not under the lock."""
        with self._lock:
            crew, self._crew = self._crew, None
            if crew is not None:
                crew.close()
            left = list(self._pending.values())
            is_over = not self._leaving
        self._fail(left, PoolClosedError(f"the pool {self.name!r} was shut down"))
        if is_over:
            self._ports.close()

    def close(self, *, wait: bool, cancel_queued: bool) -> None:
        """The work of `shutdown`; may be called again, and by several threads."""
        with self._lock:
            is_first, self.is_closed = not self.is_closed, True
            pending = list(self._pending.values())
        if cancel_queued:
            for job in pending:
                if not self.is_taken(job):
                    self._cancel(job)
        with self._lock:
            crew, thread_port = self._crew, self._ports.of_threads
            if is_first and crew is not None:
                crew.ring(self._unrung)
                self._unrung = 0
                crew.stop(at_once=False)
            workers = self._workers_to_wait_for()
            is_over = not self._parked and (crew is None or not crew.workers)
        if is_over:
            self._clean_up()
        self.slots.fail_waiters(PoolClosedError(f"the pool {self.name!r} was shut down"))
        if not wait or (thread_port is not None and thread_port.is_here):
            return  # in a callback: the thread that reads replies cannot wait for its own end
        while workers:
            if threading.current_thread() in [worker.thread for worker in workers]:
                return  # as above, in a thread that reads the last replies
            for worker in workers:
                worker.thread.join()
            with self._lock:  # others may have been started for what was left
                workers = [worker for worker in self._workers_to_wait_for() if worker.thread.is_alive()]
        if thread_port is not None and thread_port.line.is_closed:
            thread_port.join()

    def _workers_to_wait_for(self) -> list[Worker]:
        crew = self._crew
        return [] if crew is None else [worker for worker in crew.workers.values() if not worker.is_lost]

    def _cancel(self, job: Job) -> None:
        """First the future: its waiter shall hear of that, and not of a worker that skipped the job."""
        if isinstance(job.future, asyncio.Future):
            with suppress(RuntimeError):  # its loop is closed
                job.future.get_loop().call_soon_threadsafe(job.future.cancel)
        else:
            job.future.cancel()
        self.drop(job)

    def close_at_exit(self, deadline: float) -> None:
        """Nobody will read results any more: drop and interrupt everything."""
        with self._lock:
            self.is_closed = self._is_exiting = True
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
            self._parked += 1
            crew = self._crew
            if crew is None or not crew.must_park:
                return
            crew.stop(at_once=True)
        is_clear = False
        lost: list[Job] = []
        try:
            is_clear = self._end_all(crew)
        finally:
            with self._lock:
                if self._crew is crew:  # the last worker has not closed it, as in a pool that was shut down
                    self._crew = None
                    self._live = frozenset()
                    if is_clear:
                        crew.close()
                    else:
                        self._leaving.add(crew)
                        sent = [job for job in list(self._pending.values()) if job.crew is crew]
                        lost = [job for job in sent if self._lose(crew, job) is not None]
            for job in lost:
                self._settle_lost(job)

    def _end_all(self, crew: Crew) -> bool:
        if _join(crew, time.monotonic() + FORK_GRACE_SECONDS):
            return True
        for job in list(self._pending.values()):
            if job.crew is crew and crew.worker_of(job) is not None:
                crew.interrupt(job)
        if _join(crew, time.monotonic() + INTERRUPTED_GRACE_SECONDS):
            return True
        warnings.warn(
            f"the process forks while a worker interpreter of the pool {self.name!r} is in a call that "
            "cannot be interrupted; CPython will kill the child\n"
            "  fix: fork before jobs run, use subprocess or multiprocessing's spawn, or use ProcessPool",
            RuntimeWarning,
            stacklevel=3,
        )
        return False

    def resume(self) -> None:
        """Send the jobs that wait to new workers, after a fork in the parent."""
        failed: list[tuple[Job, Exception]] = []
        with self._lock:
            self._parked -= 1
            if (
                self._parked or self._crew is not None
            ):  # another fork is under way, or this crew need not park
                return
            for job in list(self._pending.values()):
                try:
                    crew = self._start_worker()
                    job.packed = self.shipper.pack(job.fn, job.args, job.kwargs, None)
                    if crew is not None:
                        self._send_anew(crew, job)
                except Exception as error:
                    failed.append((job, error))
            is_over = self.is_closed and self._crew is None
            if self.is_closed and self._crew is not None:
                self._crew.stop(at_once=False)
        for job, refusal in failed:
            self._fail([job], refusal)
        if is_over:
            self._clean_up()


def _join(crew: Crew, deadline: float) -> bool:
    """Wait for all workers; whether they have ended in time."""
    workers = list(crew.workers.values())
    for worker in workers:
        if worker.thread is not threading.current_thread():
            worker.thread.join(max(0.0, deadline - time.monotonic()))
    return not any(worker.thread.is_alive() for worker in workers)
