"""Worker processes: one each for a thread of this process, which feeds it through pipes.

Knows: `subprocess`, frames on pipes. Does not know: pickles, futures.
A child is a fresh Python that runs our worker's source and nothing else: nothing is forked, and the user's main
module is not imported. One that dies, or is killed because its job is unwanted, is replaced with the next job.
"""

from __future__ import annotations

import marshal
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from typing import Any, Final

from fasterapi_concurrency import remote
from fasterapi_concurrency.crew import BOOT, Owner, Worker, import_path, module_sources, worker_uids
from fasterapi_concurrency.jobs import Job, Reply
from fasterapi_concurrency.process_worker import read_frame, write_frame

_BOOT: Final = f"""
import marshal, sys
jobs, replies = map(int, sys.argv[1:])
with open(jobs, "rb", buffering=0, closefd=False) as file:
    def read(size):
        data = b""
        while len(data) < size:
            data += file.read(size - len(data))
        return data
    _, (size,) = marshal.loads(read(int.from_bytes(read(8), "big")))
    path, sources = marshal.loads(read(size))
sys.argv[:] = [""]
{BOOT}
module.main(jobs, replies)
"""
_MODULES: Final = ("fasterapi_concurrency.remote", "fasterapi_concurrency.process_worker")
_END_SECONDS: Final = 1.0  # for an idle child to end by itself


class ReplyList:
    """A reply queue inside this process."""

    number = 0

    def __init__(self) -> None:
        self._replies: deque[Reply] = deque()
        self.put, self.get = self._replies.append, self._replies.popleft

    def count(self) -> int:
        return len(self._replies)

    def close(self) -> None:
        self._replies.clear()


class Child:
    """One process and the two pipes to it."""

    def __init__(self) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        self._fds = [ours_out, ours_in]
        try:
            self.process = subprocess.Popen(  # noqa: S603 - this Python, with our own source
                [sys.executable, "-c", _BOOT, str(theirs_in), str(theirs_out)],
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs_in, theirs_out),
            )
        except BaseException:
            self._close()
            raise
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        # Unbuffered: what a killed process has not read shall not be written later, to whatever has the number then.
        self._to = open(ours_out, "wb", buffering=0, closefd=False)  # noqa: SIM115 - closed below
        self._from = open(ours_in, "rb", closefd=False)  # noqa: SIM115
        try:
            write_frame(self._to, (), [marshal.dumps((import_path(), module_sources(*_MODULES)))])
        except BaseException:
            self.end()
            raise

    def call(self, job: Job) -> tuple[int, Any]:
        """Run one job; raises `OSError` or `EOFError` if the process is gone."""
        definition, packed = job.definition, job.packed
        kinds = None if packed.buffers is None else tuple([kind for kind, _ in packed.buffers])
        views = [memoryview(view).cast("B") for _, view in packed.buffers or ()]
        blob = definition.blob if job.sends_blob else None
        write_frame(self._to, (definition.key, blob, kinds), [packed.payload, *views])
        (kind, data), parts = read_frame(self._from)
        return kind, parts[0] if parts else data

    def end(self) -> int:
        """Let the process end, or kill it; its exit code."""
        self._close()
        try:
            return self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def forget(self) -> None:
        """In a forked child of ours: the process is our parent's, and its pipes too."""
        self.process.returncode = 0
        self._close()

    def _close(self) -> None:
        while self._fds:
            os.close(self._fds.pop())


class ProcessCrew:
    """The workers of one pool; see `Crew` for the methods."""

    must_park = False

    def __init__(self, max_workers: int, slots: int, owner: Owner, name: str) -> None:
        del max_workers, slots  # nothing here is sized beforehand
        self.workers: dict[int, Worker] = {}
        self._owner = owner
        self._name = name
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._is_stopping = False
        # For the four below. A process is killed only while it runs that job. (As all locks of crews: see `drop`.)
        self._lock = threading.RLock()
        self._children: dict[int, Child] = {}  # by index of their worker
        self._running: dict[int, int] = {}  # index of a worker -> number of the job that its process runs
        self._takers: dict[int, int] = {}  # number of a job -> index of the worker that has taken it
        self._unwanted: set[int] = set()  # numbers of jobs

    def start_worker(self) -> Worker:
        index = next(i for i in range(len(self.workers) + 1) if i not in self.workers)
        worker = Worker(index, next(worker_uids))
        worker.thread = threading.Thread(
            target=self._live, args=(worker,), name=f"{self._name}-{worker.uid}", daemon=True
        )
        self.workers[index] = worker
        try:
            worker.thread.start()
        except (RuntimeError, MemoryError):  # too many threads in the process
            del self.workers[index]
            raise
        return worker

    def _live(self, worker: Worker) -> None:
        error: str | None = None
        try:
            self._work(worker)
        except Exception as failure:  # such as no memory
            error = f"{type(failure).__name__}: {failure}"
        try:
            with self._lock:
                child = self._children.pop(worker.index, None)
            if child is not None:
                child.end()
            self._owner.worker_stopped(self, worker, error)
        finally:
            self._owner.worker_gone(self, worker)

    def _work(self, worker: Worker) -> None:
        while not worker.is_lost and (job := self._jobs.get()) is not None and not self._is_stopping:
            kind, data = self._run(worker.index, job)
            job.port.queue.put((job.number, worker.uid, kind, data))
            job.port.line.bell.ring()
            del job, data

    def _run(self, index: int, job: Job) -> tuple[int, Any]:
        with self._lock:
            self._takers[job.number] = index
        try:
            child = self._child_of(index)
        except Exception as error:
            return remote.DIED, f"a worker process cannot be started: {error}"
        with self._lock:
            if job.number in self._unwanted:
                return remote.CANCELLED, None
            self._running[index] = job.number
        outcome: tuple[int, Any] | None = None
        text = ""
        try:
            outcome = child.call(job)
        except (OSError, EOFError):
            pass
        except Exception as error:  # the job has written into our pipe, or there is no memory
            text = f" ({type(error).__name__}: {error})"
        with self._lock:
            del self._running[index]
            is_unwanted = (
                job.number in self._unwanted
            )  # then the process was killed, maybe right after its answer
            if outcome is not None and not is_unwanted:
                return outcome
            del self._children[index]
        code = child.end()
        if is_unwanted:
            return outcome or (remote.CANCELLED, None)
        return remote.DIED, f"its process ended with code {code}{text}"

    def _child_of(self, index: int) -> Child:
        child = self._children.get(index)
        if child is not None and child.process.poll() is not None:  # it has died without a job
            with self._lock:
                del self._children[index]
            child.end()
            child = None
        if child is None:
            child = Child()
            with self._lock:
                self._children[index] = child
        return child

    def send(self, job: Job) -> bool:
        self._jobs.put(job)
        return True

    def refill(self) -> None:
        pass  # all jobs are in the queue

    def ring(self, times: int) -> None:
        pass  # `send` wakes

    def worker_of(self, job: Job) -> int | None:
        return self._takers.get(job.number)

    def cancel(self, job: Job) -> None:
        with self._lock:
            if not job.is_answered:
                self._unwanted.add(job.number)
        self.interrupt(job)

    def interrupt(self, job: Job) -> None:
        with self._lock:
            index = self._takers.get(job.number, -1)
            if self._running.get(index) == job.number:
                self._children[index].process.kill()

    def release(self, job: Job) -> None:
        with self._lock:
            self._takers.pop(job.number, None)
            self._unwanted.discard(job.number)

    def wake(self, uid: int) -> None:
        pass  # processes share nothing

    def retire(self, worker: Worker) -> None:
        pass  # it sees itself that it is lost

    def stop(self, *, at_once: bool) -> None:
        self._is_stopping = self._is_stopping or at_once
        for _ in self.workers:
            self._jobs.put(None)

    def forget(self) -> None:
        for child in self._children.values():
            child.forget()

    def close(self) -> None:
        pass  # the last thread has ended, and every child with its thread
