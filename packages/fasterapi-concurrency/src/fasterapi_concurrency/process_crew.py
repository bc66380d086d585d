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
from fasterapi_concurrency.crew import BOOT, Owner, Worker, module_sources, worker_uids
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
            write_frame(self._to, (), [marshal.dumps((list(sys.path), module_sources(*_MODULES)))])
        except OSError:
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
        self._lock = threading.Lock()  # for the three below: a job is killed only while it is that job
        self._children: dict[int, Child] = {}
        self._takers: dict[int, int] = {}  # slot -> index of the worker that has taken its job
        self._unwanted: set[int] = set()  # slots

    def start_worker(self) -> Worker:
        index = next(i for i in range(len(self.workers) + 1) if i not in self.workers)
        worker = self.workers[index] = Worker(index, next(worker_uids))
        worker.thread = threading.Thread(
            target=self._live, args=(worker,), name=f"{self._name}-{worker.uid}", daemon=True
        )
        worker.thread.start()
        return worker

    def _live(self, worker: Worker) -> None:
        while (job := self._jobs.get()) is not None and not self._is_stopping:
            kind, data = self._run(worker, job)
            job.port.queue.put((job.number, worker.uid, kind, data))
            job.port.bell.ring()
            del job, data
        with self._lock:
            child = self._children.pop(worker.index, None)
        if child is not None:
            child.end()
        self._owner.worker_stopped(self, worker, None)
        self._owner.worker_gone(self, worker)

    def _run(self, worker: Worker, job: Job) -> tuple[int, Any]:
        try:
            child = self._children.get(worker.index) or Child()
        except OSError as error:
            return remote.DIED, f"a worker process cannot be started: {error}"
        with self._lock:
            self._children[worker.index] = child
            self._takers[job.slot] = worker.index
            if job.slot in self._unwanted:
                return remote.CANCELLED, None
        try:
            return child.call(job)
        except (OSError, EOFError):
            with self._lock:
                del self._children[worker.index]
                is_unwanted = job.slot in self._unwanted
        code = child.end()
        return (
            (remote.CANCELLED, None) if is_unwanted else (remote.DIED, f"its process ended with code {code}")
        )

    def send(self, job: Job) -> bool:
        self._jobs.put(job)
        return True

    def refill(self) -> None:
        pass  # all jobs are in the queue

    def ring(self, times: int) -> None:
        pass  # `send` wakes

    def worker_of(self, job: Job) -> int | None:
        return self._takers.get(job.slot)

    def cancel(self, job: Job) -> None:
        with self._lock:
            self._unwanted.add(job.slot)
        self.interrupt(job)

    def interrupt(self, job: Job) -> None:
        with self._lock:
            child = self._children.get(self._takers.get(job.slot, -1))
            if child is not None:
                child.process.kill()

    def release(self, slot: int) -> None:
        with self._lock:
            self._takers.pop(slot, None)
            self._unwanted.discard(slot)

    def wake(self, uid: int) -> None:
        pass  # processes share nothing

    def retire(self, worker: Worker) -> None:
        pass  # a killed process needs no replacement but its own

    def stop(self, *, at_once: bool) -> None:
        self._is_stopping = at_once
        for _ in self.workers:
            self._jobs.put(None)

    def forget(self) -> None:
        for child in self._children.values():
            child.forget()

    def close(self) -> None:
        pass  # the last thread has ended, and every child with its thread
