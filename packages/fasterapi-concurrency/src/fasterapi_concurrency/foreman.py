"""Jobs and workers brought together: slots, replies, missing definitions, workers that die or are lost.

Knows: the `Crew` protocol, ports, a `Shipper`. Does not know: what users call (`pool`), how workers are made.
The crew changes under the pool's lock only. A reply is read under its port's lock. Inside of these two come only those
of crews and slots, and futures are settled outside of all, because that runs the users' callbacks. A job is taken off
the list without a lock: the list itself decides who does it, and only that one settles its future and frees its slot.
`drop` takes the locks of crews only, because it runs wherever an abandoned iterator happens to be collected.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final, Literal, TypeVar

from fasterapi_concurrency import remote
from fasterapi_concurrency.crew import Backend, Crew, Worker
from fasterapi_concurrency.errors import InvalidLimitError, PoolClosedError, WorkerDiedError
from fasterapi_concurrency.jobs import Job, ReplyQueue
from fasterapi_concurrency.ports import Port, Ports
from fasterapi_concurrency.slots import Slots
from fasterapi_concurrency.transfer import Shipper, note_holders, unpack

T = TypeVar("T")

MAX_WORKERS: Final = 1024
INTERRUPT_GRACE_SECONDS: Final = 0.5  # then an unwanted job that still runs is left to itself
_KEPT_BY_WORKERS: Final = frozenset({bytes, str, memoryview})  # freed there only when the worker is woken


class Foreman:
    """The inner half of a pool; `WorkerPool` adds what users call."""

    def __init__(
        self,
        max_workers: int | None = None,
        *,
        max_queue: int = 1000,
        start: Literal["lazy", "eager"] = "lazy",
        name: str = "fasterapi",
    ) -> None:
        self.max_workers = _default_workers() if max_workers is None else max_workers
        self.max_queue = max_queue
        self.name = name
        if not 1 <= self.max_workers <= MAX_WORKERS:
            raise InvalidLimitError(f"max_workers must be between 1 and {MAX_WORKERS}, not {max_workers!r}")
        if not 0 <= max_queue <= 1_000_000:
            raise InvalidLimitError(f"max_queue must be between 0 and 1,000,000, not {max_queue!r}")
        self.is_closed = False
        self.shipper = self._make_shipper()
        self.reset()
        if start == "eager":
            with self._lock:
                for _ in range(self.max_workers):
                    self._start_worker()

    @property
    @abstractmethod
    def backend(self) -> Backend:
        """What runs the work, and why."""

    @abstractmethod
    def _watch(self) -> None:
        """The first worker of a crew is about to start."""

    @abstractmethod
    def _make_crew(self, slots: int) -> Crew: ...

    @abstractmethod
    def _make_replies(self) -> ReplyQueue: ...

    @abstractmethod
    def _make_shipper(self) -> Shipper: ...

    def reset(self) -> None:
        """Begin anew: at birth, and in a forked child, where workers and callers have stayed in the parent."""
        crew = getattr(self, "_crew", None)
        if crew is not None:
            crew.forget()
        self._lock = threading.RLock()
        # Lost workers keep their jobs' slots, so there are spare ones behind those that are given out.
        held = self.max_workers + self.max_queue
        self._slot_count = held + self.max_workers
        self.slots = Slots(held)
        self._spare_slots = list(range(held, self._slot_count))
        self._pending: dict[int, Job] = {}
        self._numbers = itertools.count(1)
        self._ports = Ports(self._make_replies, self._arrived, self._has_jobs, self.name)
        self._crew: Crew | None = None
        self._leaving: set[Crew] = set()  # earlier ones whose workers could not be ended before a fork
        self._live: frozenset[int] = frozenset()  # the uids of workers that take jobs
        self._worked: set[int] = set()  # and of those that have answered one
        self._parked = 0  # how many forks are under way: until they are through, no worker starts
        self._is_exiting = False  # the interpreter: threads cannot be started any more
        self._burst = 2 * self.max_workers  # from so many jobs on, workers are not woken for each one
        self._unrung = 0  # jobs that were sent and not yet rung for

    def now(self) -> float:
        return time.monotonic()

    def prepare(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Job:
        """Turn a call into a job; raises before anything is queued."""
        if self.is_closed:
            raise PoolClosedError(f"the pool {self.name!r} was shut down and takes no more jobs")
        job = Job(fn, args, kwargs)
        job.definition = self.shipper.define(fn)
        job.packed = self.shipper.pack(fn, args, kwargs, self._live or None)
        if self.shipper.must_prove and (job.definition.modules or job.packed.modules):
            job.unproven = (*job.definition.modules, *job.packed.modules)
        return job

    def judge(self, job: Job, module: str) -> None:
        error = self.shipper.verdicts[module]
        if error is not None:
            raise self.shipper.module_refusal(job.fn, job.definition.captured, module, error)

    def dispatch(self, job: Job, slot: int, loop: asyncio.AbstractEventLoop | None) -> None:
        """Give the job, which has its future, to the workers; `loop` is where the future lives, if it is one's."""
        is_sent = False
        try:
            with self._lock:
                if self.is_closed:
                    error = PoolClosedError(f"the pool {self.name!r} was shut down while the job waited")
                    raise error  # noqa: TRY301 - the slot is given back below
                job.port = self._ports.of(loop)
                job.slot = slot
                job.number = next(self._numbers) * self._slot_count + slot
                self._pending[job.number] = job
                crew = self._crew
                if crew is None or len(self._live) < min(self.max_workers, len(self._pending)):
                    crew = self._start_worker() or crew
                if crew is not None:
                    job.crew = crew
                    job.sends_blob = not self._live <= job.definition.holders
                    must_ring = crew.send(job)
                    is_sent = True
                    if must_ring:
                        self._ring(crew, job.port)
        except BaseException:
            if is_sent:
                self.drop(job)
            elif not self._release(job) and not job.is_answered:
                self.slots.give(slot)
            raise

    def wait_for(self, future: Future[T]) -> T:
        """The future's outcome; in the thread that reads replies, these are read meanwhile."""
        port = self._ports.of_threads
        if port is not None and port.is_here:
            while not future.done():
                port.read()
        return future.result()

    def _ring(self, crew: Crew, port: Port) -> None:
        """Wake a worker for a job; in a burst, when all are busy anyway, once for all jobs of the loop's turn."""
        self._unrung += 1
        if port.loop is None or len(self._pending) <= self._burst:
            crew.ring(self._unrung)
            self._unrung = 0
        elif not port.will_ring:
            port.will_ring = True
            port.loop.call_soon(self._ring_for_all, port)

    def _ring_for_all(self, port: Port) -> None:
        with self._lock:
            port.will_ring = False
            if self._unrung and self._crew is not None:
                self._crew.ring(self._unrung)
                self._unrung = 0

    def _has_jobs(self, port: Port) -> bool:
        return any(job.port is port for job in list(self._pending.values()))

    def take_slot(self) -> int | None:
        """A free slot, or `None` if as many jobs wait as may."""
        return self.slots.try_take()

    def _start_worker(self) -> Crew | None:
        """Start one more worker, if one may be started; returns the crew, `None` while none may be."""
        if self._is_exiting or (self._parked and (self._crew is None or self._crew.must_park)):
            return None
        if self._crew is None:
            self._crew = self._make_crew(self._slot_count)
            self._unrung = 0
            self._watch()
        if len(self._live) < self.max_workers:
            worker = self._crew.start_worker()
            self._live |= {worker.uid}
        return self._crew

    def _arrived(self, port: Port) -> None:
        """Read what has come to `port`, in any thread."""
        with port.lock:
            answered = [found for reply in port.take() if (found := self._accept(*reply)) is not None]
        self._refill()
        failure: BaseException | None = None
        for job, kind, data in answered:
            try:
                self._finish(job, kind, data)
            except BaseException as error:
                # Such as `sys.exit()` in a callback: the others are answered all the same.
                if self._release(job) if kind == remote.MISSING else not job.future.done():
                    job.port.settle(job.future, None, error)
                failure = failure or error
        if failure is not None:
            raise failure

    def _refill(self) -> None:
        crew = self._crew
        if crew is not None:
            crew.refill()

    def _accept(self, number: int, uid: int, kind: int, data: Any) -> tuple[Job, int, Any] | None:
        """Find the job of a reply, and take it off the list unless it must be sent once more."""
        job = self._pending.get(number)
        if job is None:
            return None
        if kind == remote.MISSING:
            job.definition.holders.discard(uid)
            if job.crew is not None:
                job.crew.release(job)
            return job, kind, data
        self._worked.add(uid)
        if job.sends_blob:
            job.definition.learned_by(uid)
        if job.packed.tokens:
            note_holders(job.packed.tokens, uid)
        crew = job.crew
        if crew is not None and type(data) in _KEPT_BY_WORKERS and len(data) >= remote.LARGE_BYTES:
            crew.wake(uid)
        return (job, kind, data) if self._release(job) else None

    def _finish(self, job: Job, kind: int, data: Any) -> None:
        if kind == remote.MISSING:
            job.packed = self.shipper.pack(job.fn, job.args, job.kwargs, None)
            with self._lock:
                if self._crew is not None and job.number in self._pending:
                    self._send_anew(self._crew, job)
            return
        value, error = unpack(kind, data)
        if isinstance(error, ImportError):
            error.add_note(f"raised in {self.shipper.place}; run_in_process can use packages it refuses")
        job.port.settle(job.future, value, error)

    def _send_anew(self, crew: Crew, job: Job) -> None:
        """Send a job with all that it needs to workers that know nothing of it."""
        job.crew = crew
        job.sends_blob = True
        if crew.send(job):
            crew.ring(1)
        if job.is_unwanted:
            crew.cancel(job)

    def _release(self, job: Job) -> bool:
        """Take the job off the list, and free its slot; false if another thread was faster."""
        if self._pending.pop(job.number, None) is None:
            return False
        job.is_answered = True
        job.forget_arguments()
        if job.crew is not None:
            job.crew.release(job)
        self.slots.give(job.slot)
        return True

    def _fail(self, jobs: list[Job], error: BaseException) -> None:
        """Settle the futures of jobs that nobody else has answered; not under a lock."""
        for job in jobs:
            if self._release(job):
                job.port.settle(job.future, None, error)
        self._refill()

    def is_taken(self, job: Job) -> bool:
        """Whether a worker has begun with the job."""
        crew = job.crew
        return crew is not None and job.number in self._pending and crew.worker_of(job) is not None

    def drop(self, job: Job) -> None:
        """Nobody waits for this job any more; from any thread, once or more often."""
        if job.is_unwanted or job.is_answered:
            return
        job.is_unwanted = True
        crew = job.crew
        if crew is None:
            return  # whoever sends it will cancel it
        crew.cancel(job)
        if crew.worker_of(job) is None:
            return  # it will be skipped
        timer = threading.Timer(INTERRUPT_GRACE_SECONDS, self._give_up, (job,))
        timer.daemon = True
        timer.start()

    def _give_up(self, job: Job) -> None:
        """Replace the worker of a job that was interrupted and runs on."""
        with self._lock:
            crew = self._crew
            if crew is None or job.crew is not crew or not self._spare_slots:
                return
            worker = self._lose(crew, job)
            if worker is None:
                return
            self._live -= {worker.uid}
            crew.retire(worker)
            self._start_worker()
        self._settle_lost(job)

    def _lose(self, crew: Crew, job: Job) -> Worker | None:
        """Take a job off the list that cannot be interrupted; its slot stays with its worker, a spare one goes out."""
        index = crew.worker_of(job)
        worker = crew.workers.get(index) if index is not None else None
        if worker is None or self._pending.pop(job.number, None) is None:
            return None  # it has just been answered
        worker.lost_job = job
        if self._spare_slots:
            self.slots.give(self._spare_slots.pop())
        return worker

    def _regain(self, crew: Crew, job: Job) -> None:
        """A lost worker has come back."""
        crew.release(job)
        if len(self._spare_slots) < self.max_workers:
            self._spare_slots.append(job.slot)
        else:
            self.slots.give(job.slot)

    def _settle_lost(self, job: Job) -> None:
        error = WorkerDiedError("the worker was left to itself: the job could not be interrupted")
        job.port.settle(job.future, None, error)


def _default_workers() -> int:
    """As many as this process may use at the same time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MAX_WORKERS)
