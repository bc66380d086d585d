"""Interpreters with their own GIL, and the queues between them: the only module that touches CPython's API for it.

Knows: `_interpreters` and `_interpqueues` of CPython 3.13, `concurrent.interpreters` of 3.14 and later. Does not
know: jobs, pools, pickles. Whatever a release changed is noticed here, at first use, and said in one sentence.
Nobody gets from an empty queue: what that raises depends on who else uses the queues in this process.
"""

from __future__ import annotations

import functools
import importlib
import platform
import sys
from collections.abc import Mapping
from typing import Any, Final

from fasterapi_concurrency.errors import BackendUnavailableError

IS_PUBLIC: Final = sys.version_info >= (3, 14)
DESTROYING_LEAKS: Final = not IS_PUBLIC  # 1.7 MB on 3.13.0 for an empty interpreter, 20 kB on 3.14
_REMOVE_UNBOUND: Final = (
    1  # items of a destroyed interpreter vanish from queues, instead of turning into a marker
)

# Runs in a worker interpreter before anything else; `put(queue, item)` and `get(queue)` take a queue's number.
# Receiving a memoryview needs `_interpreters` to be imported there.
PRELUDE: Final = (
    """
from concurrent.interpreters import Queue as _Queue
_queues = {}
def put(number, item):
    queue = _queues.get(number)
    if queue is None:
        queue = _queues[number] = _Queue(number)
    queue.put_nowait(item)
def get(number):
    queue = _queues.get(number)
    if queue is None:
        queue = _queues[number] = _Queue(number)
    return queue.get_nowait()
def forget(number):
    _queues.pop(number, None)
"""
    if IS_PUBLIC
    else """
import _interpreters, _interpqueues
def put(number, item, _put=_interpqueues.put, _extra=put_extra):
    _put(number, item, *_extra)
def get(number, _get=_interpqueues.get):
    return _get(number)[0]
"""
)


@functools.cache
def check() -> str:
    """Look once, without starting an interpreter, for what the pool relies on; what runs the work, in words.

    Raises `BackendUnavailableError` with what was expected and what was found.
    """
    python = f"{platform.python_implementation()} {platform.python_version()}"
    if sys.version_info < (3, 13):
        raise BackendUnavailableError(
            f"{python} has no sub-interpreters with a usable API; they came with CPython 3.13"
        )
    try:
        queue = CrossQueue()
        try:
            queue.put((1, "a", None, memoryview(b"b")))
            count, received = queue.count(), queue.get()
        finally:
            queue.close()
        importlib.import_module("concurrent.interpreters" if IS_PUBLIC else "_interpreters").create  # noqa: B018
    except (ImportError, AttributeError, TypeError, ValueError, RuntimeError) as error:
        raise BackendUnavailableError(_complaint(python, f"{type(error).__name__}: {error}")) from error
    if count != 1 or received[:3] != (1, "a", None):
        raise BackendUnavailableError(_complaint(python, f"a queue that returned {received!r}"))
    source = "concurrent.interpreters" if IS_PUBLIC else "the private modules _interpreters and _interpqueues"
    return f"{python} has sub-interpreters with their own GIL ({source})"


def _complaint(python: str, found: str) -> str:
    return (
        f"sub-interpreters of {python} do not behave as this version of fasterapi-concurrency expects\n"
        f"  found: {found}\n"
        "  fix: update fasterapi-concurrency, or use ProcessPool, which needs no sub-interpreters"
    )


class Interpreter:
    """One isolated interpreter; `run` blocks the calling thread until the source ends."""

    def __init__(self) -> None:
        # Two interpreters that import it first at the same time crash the process: `_ctypes` fills a table that all
        # of them share, and says that it is full before it is. Workers need it to interrupt jobs.
        importlib.import_module("ctypes")
        self._api = importlib.import_module("concurrent.interpreters" if IS_PUBLIC else "_interpreters")
        self._made = self._api.create()
        self.number: int = self._made.id if IS_PUBLIC else self._made

    def run(self, source: str, variables: Mapping[str, Any]) -> str | None:
        """Execute `source` in the interpreter's `__main__`; the text of its error, or `None`."""
        if IS_PUBLIC:
            if variables:
                self._made.prepare_main(dict(variables))
            try:
                self._made.exec(source)
            except self._api.ExecutionFailed as error:
                return str(error)
            return None
        failure = self._api.exec(self._made, source, {**variables, "put_extra": _put_extra()})
        return None if failure is None else str(getattr(failure, "formatted", failure))

    def close(self) -> None:
        """Destroy the interpreter; its own threads are waited for."""
        if IS_PUBLIC:
            self._made.close()
        else:
            self._api.destroy(self._made)


class CrossQueue:
    """A queue that any interpreter of the process may use, by its `number`."""

    __slots__ = ("_api", "_made", "get", "number", "put")

    def __init__(self) -> None:
        if IS_PUBLIC:
            self._api = importlib.import_module("concurrent.interpreters")
            self._made = self._api.create_queue()
            self.number: int = self._made.id
            self.put, self.get = self._made.put_nowait, self._made.get_nowait
        else:
            importlib.import_module("_interpreters")  # registers memoryview
            self._api = importlib.import_module("_interpqueues")
            self._made = self.number = self._api.create(0, 0, _REMOVE_UNBOUND)
            self.put, self.get = self._put, self._get

    def _put(self, item: Any) -> None:
        self._api.put(self.number, item, *_put_extra())

    def _get(self) -> Any:
        return self._api.get(self.number)[0]

    def count(self) -> int:
        """How many items wait."""
        return int(self._made.qsize() if IS_PUBLIC else self._api.get_count(self.number))

    def close(self) -> None:
        """Destroy the queue with what it still holds. Nobody may use it any more."""
        if IS_PUBLIC:
            self.put = self.get = self._made = None  # the last reference destroys it
        else:
            self._api.destroy(self.number)


@functools.cache
def _put_extra() -> tuple[int, ...]:
    """What `put` wants behind the item: 3.13.0 asks for a format and an operation for unbound items."""
    queues = importlib.import_module("_interpqueues")
    number = queues.create(0, 0, _REMOVE_UNBOUND)
    try:
        for extra in ((0, _REMOVE_UNBOUND), (0,), ()):
            try:
                queues.put(number, None, *extra)
            except TypeError:
                continue
            return extra
    finally:
        queues.destroy(number)
    raise TypeError("_interpqueues.put accepts none of the known signatures")
