"""What a pool asks of its workers, whatever they are.

Knows: nothing but the two sides' names. Does not know: futures' owners, pickles, interpreters, processes.
A crew serves one pool from its first job until the pool is shut down or the process forks; then another one is made.
"""

from __future__ import annotations

import functools
import itertools
import marshal
import sys
import threading
from dataclasses import dataclass, field
from importlib import import_module
from typing import Final, Protocol

from fasterapi_concurrency.jobs import Job

# Runs in a worker, which has `path` and `sources` by then. Pickles name functions of `remote`, and importing a
# submodule asks for its package, so a stand-in is there that becomes the real package when something is asked of it.
BOOT: Final = """
import marshal, sys, types
sys.path[:] = path
package = sys.modules["fasterapi_concurrency"] = types.ModuleType("fasterapi_concurrency")
package.__path__ = []
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if sys.modules["fasterapi_concurrency"] is package:
        del sys.modules["fasterapi_concurrency"]
    import fasterapi_concurrency
    return getattr(fasterapi_concurrency, name)
package.__getattr__ = __getattr__
for name, code in sources:
    module = sys.modules[name] = types.ModuleType(name)
    exec(marshal.loads(code), module.__dict__)
"""
worker_uids = itertools.count(1)  # of all crews, so that what a worker knows is never mistaken for another's


@dataclass(frozen=True)
class Backend:
    """What runs the work of a pool, and why.

    >>> print(Backend("threads", "an example"))
    threads: an example
    """

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}: {self.reason}"


@dataclass(eq=False)
class Worker:
    """One worker: its thread in this interpreter, its place in the crew's table, its number in the process."""

    index: int
    uid: int
    thread: threading.Thread = field(init=False)
    has_worked: bool = False
    has_failed: bool = False  # it has ended before it could do anything
    lost_job: Job | None = None  # nobody wants it, and it cannot be interrupted

    @property
    def is_lost(self) -> bool:
        return self.lost_job is not None


class Owner(Protocol):
    """What workers tell their pool, each in its own thread."""

    def worker_stopped(self, crew: Crew, worker: Worker, error: str | None) -> None:
        """It takes no more jobs; its replies can still be read. `error` tells why, unless it was told to stop."""

    def worker_gone(self, crew: Crew, worker: Worker) -> None:
        """It has freed what it held; the pool takes it from the crew's workers."""


class Crew(Protocol):
    """Workers of one kind. Methods are called under the pool's lock unless they say otherwise."""

    workers: dict[int, Worker]
    must_park: bool  # whether a fork would kill the child while workers live

    def start_worker(self) -> Worker: ...

    def send(self, job: Job) -> bool:
        """Queue the job for the next free worker, which `ring` wakes; false if `refill` will do both later."""

    def refill(self) -> None:
        """Send what had to wait for replies; from any thread, without the lock, after `release`."""

    def ring(self, times: int) -> None:
        """Wake workers for so many jobs that were sent."""

    def worker_of(self, job: Job) -> int | None:
        """The index of the worker that has taken the job."""

    def cancel(self, job: Job) -> None:
        """Let the job be skipped, or interrupt it; from any thread, without the lock."""

    def retire(self, worker: Worker) -> None:
        """Let this worker end after its current job."""

    def wake(self, uid: int) -> None:
        """Let a worker free a large result that has been read."""

    def interrupt(self, job: Job) -> None:
        """Interrupt the job, which a worker has taken."""

    def release(self, job: Job) -> None:
        """The job has been answered, and its slot may be used again; from any thread, without the lock."""

    def stop(self, *, at_once: bool) -> None:
        """Let workers end after their current job, or after all queued jobs."""

    def forget(self) -> None:
        """Called in a forked child instead of `close`: the workers belong to the parent."""

    def close(self) -> None:
        """Free what the crew holds; no worker is left."""


def import_path() -> tuple[str, ...]:
    """Where workers import from; whatever else people put there is ignored by Python too."""
    entries: list[object] = [*sys.path]
    return tuple([entry for entry in entries if isinstance(entry, str)])


@functools.cache
def module_sources(*names: str) -> tuple[tuple[str, bytes], ...]:
    """Names and marshalled code of the modules that a worker executes, in that order; the last has its `main`."""
    found = [(name, getattr(import_module(name).__spec__, "loader", None)) for name in names]
    return tuple(
        [(name, marshal.dumps(loader.get_code(name))) for name, loader in found if loader is not None]
    )
