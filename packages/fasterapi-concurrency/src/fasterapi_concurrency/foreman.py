"""Jobs and workers brought together: slots, replies, missing definitions, workers that die or are lost.

Knows: the `Crew` protocol, ports, a `Shipper`. Does not know: what users call (`pool`), how workers are made.
The crew changes under one lock only. A reply is read and its job taken off the list under its port's lock, and
futures are settled outside of both, because that runs the users' callbacks.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from fasterapi_concurrency import remote
from fasterapi_concurrency.crew import Backend, Crew
from fasterapi_concurrency.errors import InvalidLimitError, PoolClosedError
from fasterapi_concurrency.jobs import Job, LoopPort, Port, ReplyQueue, ThreadPort
from fasterapi_concurrency.slots import Slots
from fasterapi_concurrency.transfer import Shipper, note_holders, unpack

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
        self._loop_ports: dict[asyncio.AbstractEventLoop, Port] = {}
        self._thread_port: ThreadPort | None = None
        self._crew: Crew | None = None
        self._live: frozenset[int] = frozenset()  # the uids of workers that take jobs
        self._worked: set[int] = set()  # and of those that have answered one
        self._is_parked = False
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
        with self._lock:
            if self.is_closed:
                self.slots.give(slot)
                raise PoolClosedError(f"the pool {self.name!r} was shut down while the job waited")
            job.port = self._port_for(loop)
            job.slot = slot
            job.number = next(self._numbers) * self._slot_count + slot
            self._pending[job.number] = job
            crew = self._crew
            if crew is None or len(self._live) < min(self.max_workers, len(self._pending)):
                crew = self._start_worker()
            if crew is not None:
                job.sends_blob = not self._live <= job.definition.holders
                if crew.send(job):
                    self._ring(crew, job.port)

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

    def _port_for(self, loop: asyncio.AbstractEventLoop | None) -> Port:
        port = self._loop_ports.get(loop) if loop is not None else self._thread_port
        return port or self._open_port(loop)

    def _open_port(self, loop: asyncio.AbstractEventLoop | None) -> Port:
        self._reap()
        if loop is not None:
            try:
                port: Port = LoopPort(self._make_replies(), loop, self._arrived)
            except NotImplementedError:  # the loop watches no descriptors
                port = self._port_for(None)
            self._loop_ports[loop] = port
            return port
        self._thread_port = ThreadPort(self._make_replies(), self._arrived, self.name)
        return self._thread_port

    def _reap(self) -> None:
        """Read what closed loops left unread, so that its slots are free again, and forget those loops."""
        with self._lock:
            for loop in [loop for loop in self._loop_ports if loop.is_closed()]:
                port = self._loop_ports[loop]
                self._arrived(port)
                if port is self._thread_port:
                    del self._loop_ports[loop]
                elif not any(job.port is port for job in list(self._pending.values())):
                    self._loop_ports.pop(loop).close()

    def take_slot(self) -> int | None:
        """A free slot, or `None` if as many jobs wait as may."""
        slot = self.slots.try_take()
        if slot is None:
            self._reap()
            slot = self.slots.try_take()
        return slot

    def _start_worker(self) -> Crew | None:
        """Start one more worker, if one may be started; returns the crew, `None` while the process forks."""
        if self._is_parked:
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
        crew = self._crew
        if crew is not None:
            crew.refill()
        for job, kind, data in answered:
            if kind == remote.MISSING:
                self._send_again(job)
                continue
            value, error = unpack(kind, data)
            if isinstance(error, ImportError):
                error.add_note(f"raised in {self.shipper.place}; run_in_process can use packages it refuses")
            job.port.settle(job.future, value, error)

    def _accept(self, number: int, uid: int, kind: int, data: Any) -> tuple[Job, int, Any] | None:
        """Find the job of a reply, and take it off the list unless it must be sent once more."""
        job = self._pending.get(number)
        if job is None:
            return None
        if kind == remote.MISSING:
            job.definition.holders.discard(uid)
            return job, kind, data
        self._worked.add(uid)
        if job.sends_blob:
            job.definition.learned_by(uid)
        if job.packed.tokens:
            note_holders(job.packed.tokens, uid)
        crew = self._crew
        if crew is not None and type(data) in _KEPT_BY_WORKERS and len(data) >= remote.LARGE_BYTES:
            crew.wake(uid)
        self._release(job)
        return job, kind, data

    def _send_again(self, job: Job) -> None:
        job.packed = self.shipper.pack(job.fn, job.args, job.kwargs, None)
        with self._lock:
            crew = self._crew
            if crew is not None:
                crew.release(job.slot)
                job.sends_blob = True
                if crew.send(job):
                    crew.ring(1)
                if job.is_unwanted:
                    crew.cancel(job)

    def _release(self, job: Job) -> None:
        del self._pending[job.number]
        job.is_answered = True
        job.forget_arguments()
        if self._crew is not None:
            self._crew.release(job.slot)
        self.slots.give(job.slot)

    def _fail(self, jobs: list[Job], error: BaseException) -> None:
        for job in jobs:
            self._release(job)
            job.port.settle(job.future, None, error)

    def is_taken(self, job: Job) -> bool:
        """Whether a worker has begun with the job."""
        crew = self._crew
        return crew is not None and job.number in self._pending and crew.worker_of(job) is not None

    def drop(self, job: Job) -> None:
        """Nobody waits for this job any more; from any thread, once or more often."""
        with self._lock:
            if job.is_unwanted or job.number not in self._pending:
                return
            job.is_unwanted = True
            if self._crew is None:
                return
            self._crew.cancel(job)
            if self._crew.worker_of(job) is None:
                return  # it will be skipped
        timer = threading.Timer(INTERRUPT_GRACE_SECONDS, self._give_up, (job,))
        timer.daemon = True
        timer.start()

    def _give_up(self, job: Job) -> None:
        """Replace the worker of a job that was interrupted and runs on."""
        with self._lock:
            crew = self._crew
            index = crew.worker_of(job) if crew is not None and job.number in self._pending else None
            if crew is None or index is None or not self._spare_slots:
                return
            worker = crew.workers[index]
            worker.is_lost = True
            self._live -= {worker.uid}
            crew.retire(worker)
            self.slots.give(self._spare_slots.pop())
            if not self.is_closed:
                self._start_worker()


def _default_workers() -> int:
    """As many as this process may use at the same time."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(usable or 1, MAX_WORKERS)
