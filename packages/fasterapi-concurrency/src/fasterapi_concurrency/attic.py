"""Interpreters between one worker and the next.

Knows: that CPython 3.13 loses 2 MB with every interpreter it destroys, and that a live one breaks a fork. Does not
know: what runs in them. On 3.14 and later, where destroying one frees it, nothing is kept.
"""

from __future__ import annotations

import threading
from typing import Final

from fasterapi_concurrency import lifetime
from fasterapi_concurrency.interpreters import DESTROYING_LEAKS, Interpreter

# Fails while threads that jobs have left are running; ending the interpreter would wait for them.
_CHECK_THREADS: Final = """
import threading
ours = {threading.main_thread(), threading.current_thread()}
if any(thread.is_alive() for thread in threading.enumerate() if thread not in ours):
    raise RuntimeError("threads are running")
"""
MAX_KEPT: Final = 8 if DESTROYING_LEAKS else 0


class Attic:
    """At most `MAX_KEPT` idle interpreters, each with the modules that its last worker imported."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Interpreter] = []
        self._haunted: list[Interpreter] = []
        self._is_shut = False

    def fetch(self) -> Interpreter:
        """An idle interpreter, or a new one."""
        lifetime.watch(self)  # in time for a fork that ends the worker
        with self._lock:
            if self._kept:
                return self._kept.pop()
        return Interpreter()

    def store(self, interpreter: Interpreter) -> None:
        """Keep an interpreter that nobody runs for the next worker, or destroy it."""
        with self._lock:
            if not self._is_shut and len(self._kept) < MAX_KEPT:
                self._kept.append(interpreter)
                return
        interpreter.close()

    def store_haunted(self, interpreter: Interpreter) -> None:
        """Keep an interpreter in which jobs have left threads, until they have ended."""
        with self._lock:
            self._haunted.append(interpreter)

    def park(self) -> None:
        with self._lock:
            self._is_shut = True
            kept, self._kept = self._kept, []
            haunted, self._haunted = self._haunted, []
        for interpreter in kept:
            interpreter.close()
        for interpreter in haunted:
            if interpreter.run(_CHECK_THREADS, {}) is None:
                interpreter.close()
            else:
                self.store_haunted(interpreter)

    def resume(self) -> None:
        with self._lock:
            self._is_shut = False

    def close_at_exit(self, _deadline: float) -> None:
        self.park()


attic: Final = Attic()
