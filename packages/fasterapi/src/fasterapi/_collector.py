"""Python's collector of reference cycles, held back while much is made at once that stays.

Knows: `gc`. Does not know: what is made. The collector runs after every few thousand new objects and looks at all of
them for cycles; a table of routes and a document have none, so each run would look in vain at more of them.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Collect no cycles inside; afterwards the collector is as it was, whatever happens."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
