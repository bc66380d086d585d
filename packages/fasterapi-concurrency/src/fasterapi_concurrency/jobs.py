"""One call on its way through a pool.

Knows: what is sent and who waits for it. Does not know: interpreters, processes, event loops, pickles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from fasterapi_concurrency.transfer import Definition, Packed

if TYPE_CHECKING:
    import asyncio
    import concurrent.futures

    from fasterapi_concurrency.crew import Crew
    from fasterapi_concurrency.ports import Port

Reply = tuple[int, int, int, Any]  # the job's number, the worker's uid, kind and data of the outcome


class ReplyQueue(Protocol):
    """Where workers put replies; `number` is how they name it."""

    number: int

    def put(self, item: Reply, /) -> object: ...
    def get(self) -> Reply: ...
    def count(self) -> int: ...
    def close(self) -> None: ...


class Job:
    """A call and everything needed to send it, again if a worker turns out not to know a definition."""

    __slots__ = (
        "args", "crew", "definition", "fn", "future", "is_answered", "is_unwanted", "kwargs", "number", "packed",
        "port", "sends_blob", "slot", "unproven",
    )  # fmt: skip

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.is_unwanted = False  # its caller was cancelled
        self.is_answered = False  # it is off the pool's list
        self.number = self.slot = 0
        self.crew: Crew | None = None  # to whom it was sent last
        self.definition: Definition
        self.packed: Packed
        self.sends_blob = True
        self.unproven: tuple[str, ...] = ()  # packages that a worker would import
        self.port: Port
        self.future: asyncio.Future[Any] | concurrent.futures.Future[Any]

    def forget_arguments(self) -> None:
        """Let go of what was sent: a future that is kept for its result shall not keep that alive.

        Nor shall a garbage cycle hold memoryviews of each other: collecting one crashes CPython 3.11 and 3.12.
        """
        self.args = ()
        self.kwargs = {}
        self.packed = _NOTHING


_NOTHING: Final = Packed(b"")
