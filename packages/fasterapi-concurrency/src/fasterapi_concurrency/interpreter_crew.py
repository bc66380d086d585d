"""Worker interpreters: one thread each, which stays inside its interpreter for life.

Knows: interpreters, cross-interpreter queues, bells, the shared table. Does not know: pickles, futures.
All workers wait on one counting bell for one queue, so the kernel balances the load and nobody polls.
"""

from __future__ import annotations

import threading
import warnings
from collections import deque
from typing import Final

from fasterapi_concurrency.attic import attic
from fasterapi_concurrency.crew import BOOT, Owner, Worker, import_path, module_sources, worker_uids
from fasterapi_concurrency.interpreter_worker import RUNNING, STOPPING, THREADS_LEFT, turn_of
from fasterapi_concurrency.interpreters import PRELUDE, CrossQueue, Interpreter
from fasterapi_concurrency.jobs import Job
from fasterapi_concurrency.wakeup import HAS_EVENTFD, Bell

# A job that a worker has read is freed here, by one of at most 300 calls that CPython keeps for this interpreter
# and makes when it runs bytecode; more are lost, with what they would have freed. So no more jobs than this are in
# the queue or with workers: reading the reply to one runs bytecode.
WINDOW: Final = 100
_MODULES: Final = ("fasterapi_concurrency.remote", "fasterapi_concurrency.interpreter_worker")
_BOOT: Final = f"""{PRELUDE}{BOOT}
module.main(module.Setup(*numbers), put, get)
for name, _ in sources:
    del sys.modules[name]
sys.modules.pop("fasterapi_concurrency", None)
del module, package, sources, path
"""


class InterpreterCrew:
    """The workers of one pool; see `Crew` for the methods."""

    must_park = True  # cpython#139759

    def __init__(self, max_workers: int, slots: int, owner: Owner, name: str) -> None:
        self.workers: dict[int, Worker] = {}
        self._owner = owner
        self._name = name
        self._slots = slots
        self._owners = 2 * max_workers  # as many again may be lost in jobs that cannot be interrupted
        self._cancels = self._owners + slots
        self._table = memoryview(bytearray(2 * (self._cancels + slots))).cast("H")
        self._jobs = CrossQueue()
        self._jobs_bell = Bell(is_shared=True)
        self._orders: dict[int, tuple[CrossQueue, Bell]] = {}
        self._orders_lock = threading.RLock()  # as all locks of crews: see `Foreman.drop`
        self._sent: set[int] = set()  # slots of jobs that are in the queue or with a worker
        self._backlog: deque[Job] = deque()
        # Whether a job may be sent, and sending it, is one step: submitting threads, those that read replies and
        # the one that stops the crew all send. Comes after the pool's lock, and nothing is locked inside of it.
        self._sending = threading.RLock()

    def start_worker(self) -> Worker:
        index = next(i for i in range(self._owners) if i not in self.workers)
        worker = Worker(index, next(worker_uids))
        orders, bell = CrossQueue(), Bell(is_shared=True)
        orders.put(self._table)
        bell.ring()
        numbers = (
            index, worker.uid, self._slots, self._owners, self._cancels,
            self._jobs.number, *self._jobs_bell.token, orders.number, *bell.token, int(HAS_EVENTFD),
        )  # fmt: skip
        worker.thread = threading.Thread(
            target=self._live, args=(worker, numbers), name=f"{self._name}-{worker.uid}", daemon=True
        )
        self._table[index] = RUNNING
        self._orders[index] = orders, bell
        self.workers[index] = worker
        try:
            worker.thread.start()
        except (RuntimeError, MemoryError):  # too many threads in the process
            del self.workers[index], self._orders[index]
            orders.close()
            raise
        return worker

    def _live(self, worker: Worker, numbers: tuple[int, ...]) -> None:
        """The life of a worker, seen from here: everything between these lines happens in the interpreter."""
        interpreter = None
        try:
            interpreter = attic.fetch()
            variables = {"path": import_path(), "sources": module_sources(*_MODULES), "numbers": numbers}
            error = interpreter.run(_BOOT, variables)
        except Exception as failure:  # whatever the interpreter could not be given, or no memory for one
            error = f"{type(failure).__name__}: {failure}"
        keeps_threads = self._table[worker.index] == THREADS_LEFT
        with self._orders_lock:
            orders, _ = self._orders.pop(worker.index)
            orders.close()
        try:
            # Reads the last replies, which vanish with the interpreter.
            self._owner.worker_stopped(self, worker, error)
            if interpreter is not None:
                self._leave(interpreter, keeps_threads)
        finally:
            self._owner.worker_gone(self, worker)

    def _leave(self, interpreter: Interpreter, keeps_threads: bool) -> None:
        if not keeps_threads:
            attic.store(interpreter)
            return
        attic.store_haunted(interpreter)
        warnings.warn(
            "a job left a thread running in a worker interpreter, which therefore stays in memory",
            ResourceWarning,
            stacklevel=1,
        )

    def send(self, job: Job) -> bool:
        with self._sending:
            if len(self._sent) >= WINDOW:
                self._backlog.append(job)
                return False
            return self._put(job)

    def refill(self) -> None:
        with self._sending:
            count = 0
            while self._backlog and len(self._sent) < WINDOW:
                count += self._put(self._backlog.popleft())
            if count:
                self._jobs_bell.ring(count)

    def _put(self, job: Job) -> bool:
        """Queue the job, unless it has been answered while it waited."""
        if job.is_answered:
            return False
        definition, packed = job.definition, job.packed
        item = (
            job.number,
            job.port.queue.number,
            job.port.ring_fd,
            definition.key,
            definition.blob if job.sends_blob else None,
            packed.payload,
            packed.buffers,
        )
        self._sent.add(job.slot)
        try:
            self._jobs.put(item)
        except BaseException:
            self._sent.discard(job.slot)
            raise
        return True

    def ring(self, times: int) -> None:
        self._jobs_bell.ring(times)

    def worker_of(self, job: Job) -> int | None:
        owner: int = self._table[self._owners + job.slot]
        return owner - 1 if owner else None

    def cancel(self, job: Job) -> None:
        # By the job, not by its slot alone, which another job may have by now.
        self._table[self._cancels + job.slot] = turn_of(job.number, self._slots)
        self.interrupt(job)

    def interrupt(self, job: Job) -> None:
        index = self.worker_of(job)
        if index is not None:
            self._order(index, job.number)

    def wake(self, uid: int) -> None:
        for worker in list(self.workers.values()):
            if worker.uid == uid:
                self._order(worker.index, 0)

    def retire(self, worker: Worker) -> None:
        self._table[worker.index] = STOPPING

    def _order(self, index: int, order: int) -> None:
        with self._orders_lock:
            if index in self._orders:
                orders, bell = self._orders[index]
                orders.put(order)
                bell.ring()

    def release(self, job: Job) -> None:
        self._sent.discard(job.slot)
        self._table[self._owners + job.slot] = 0
        self._table[self._cancels + job.slot] = 0

    def stop(self, *, at_once: bool) -> None:
        with self._sending:
            count = len(self.workers)
            while self._backlog and not at_once:
                count += self._put(self._backlog.popleft())
            for index in self.workers:
                if at_once:
                    self._table[index] = STOPPING
                else:
                    self._jobs.put(None)
            if count:
                self._jobs_bell.ring(count)

    def forget(self) -> None:
        pass  # queues and interpreters are the process's; the descriptors close with their bells

    def close(self) -> None:
        with self._sending:  # replies may still be read, which refills
            self._backlog.clear()
            self._jobs.close()
            self._jobs_bell.close()
