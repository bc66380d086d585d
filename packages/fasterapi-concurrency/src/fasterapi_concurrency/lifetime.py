"""What happens to live pools when the interpreter exits or the process forks.

Knows: `atexit`, `os.register_at_fork`. Does not know: what a pool is made of.
Nothing is registered before the first worker starts.
"""

from __future__ import annotations

import atexit
import functools
import os
import time
import weakref
from typing import Final, Protocol

EXIT_GRACE_SECONDS: Final = 5.0


class Mortal(Protocol):
    """Something with workers."""

    def close_at_exit(self, deadline: float) -> None:
        """Drop queued jobs, interrupt running ones, wait for workers until `time.monotonic()` is `deadline`."""

    def park(self) -> None:
        """End the workers, so that the process may fork; keep queued jobs."""

    def resume(self) -> None:
        """Go on, in the process that has forked."""

    def reset(self) -> None:
        """Begin anew, in the forked child: workers and callers have stayed in the parent."""


# A set would fail those who walk through it while another thread adds something.
_living: weakref.WeakValueDictionary[int, Mortal] = weakref.WeakValueDictionary()


def watch(mortal: Mortal) -> None:
    """Care for `mortal` from now on; it is not kept alive by that."""
    _living[id(mortal)] = mortal
    _register_hooks()


@functools.cache
def _register_hooks() -> None:
    atexit.register(_close_all)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_park_all, after_in_parent=_resume_all, after_in_child=_reset_all)


def _all_living() -> list[Mortal]:
    return [mortal for reference in _living.valuerefs() if (mortal := reference()) is not None]


def _close_all() -> None:
    deadline = time.monotonic() + EXIT_GRACE_SECONDS
    for mortal in _all_living():
        mortal.close_at_exit(deadline)


def _park_all() -> None:
    for mortal in _all_living():
        mortal.park()


def _resume_all() -> None:
    for mortal in _all_living():
        mortal.resume()


def _reset_all() -> None:
    for mortal in _all_living():
        mortal.reset()
