"""That an application is going down: how it is noticed, and who is told.

Knows: signals, event loops. Does not know: streams, connections; a listener is whatever has `on_shutdown`.
ASGI tells an application of a shutdown only once every connection is closed, which is too late for those that would
never end. So signals are watched, beside the server's own handlers.
"""

import asyncio
import contextlib
import signal
import threading
import weakref
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final, Protocol

from fasterapi.types import Scope

__all__ = [
    "HEAD_START",
    "Follower",
    "Listener",
    "Shutdown",
    "is_going_down",
    "tell_of_shutdown",
    "watch_signals",
]

# What servers stop by; SIGBREAK is Ctrl-Break on Windows.
_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGBREAK")
# Seconds; uvicorn looks ten times a second whether it has been told to stop.
HEAD_START: Final = 0.25


class Listener(Protocol):
    """What wants to be told."""

    def on_shutdown(self) -> None:
        """The shutdown has begun. Called once, in the listener's event loop."""


class Shutdown:
    """Whether one application is going down. All of it may be used from any thread.

    >>> shutdown = Shutdown()
    >>> shutdown.begin()
    >>> shutdown.has_begun
    True
    """

    __slots__ = ("_is_told", "_listeners", "_lock", "has_begun")

    def __init__(self) -> None:
        self.has_begun = False
        self._is_told = False
        self._lock = threading.Lock()
        # Weakly: a connection that has ended need not say so.
        self._listeners: weakref.WeakKeyDictionary[Listener, asyncio.AbstractEventLoop] = (
            weakref.WeakKeyDictionary()
        )

    def begin(self) -> None:
        """Tell everyone who listens; the second time it does nothing."""
        self.has_begun = True
        with self._lock:
            if self._is_told:
                return
            self._is_told = True
            listeners = list(self._listeners.items())
        for listener, loop in listeners:
            with contextlib.suppress(
                RuntimeError
            ):  # that loop was closed, maybe just now; the others are told
                loop.call_soon_threadsafe(listener.on_shutdown)

    def begin_when_closed(self) -> None:
        """Begin, but tell nobody before the server has stopped listening. Called in a running event loop.

        Who is told comes back at once, and must not find the server that is going: it would take the connection and
        close it without an answer.
        """
        self.has_begun = True
        asyncio.get_running_loop().call_later(HEAD_START, self.begin)

    def reset(self) -> None:
        """The application starts again."""
        self.has_begun = self._is_told = False

    def tell(self, listener: Listener) -> None:
        """Call `listener.on_shutdown` in the running loop when the others are told, or at once after that."""
        loop = asyncio.get_running_loop()
        with self._lock:
            self._listeners[listener] = loop
            is_late = self._is_told
        if is_late:
            loop.call_soon(listener.on_shutdown)

    async def begun(self) -> None:
        """Return when the shutdown has begun."""
        waiter = _Waiter()
        self.tell(waiter)
        await waiter.future


class _Waiter:
    def __init__(self) -> None:
        self.future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_shutdown(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Follower:
    """Begins one application's shutdown with that of the application it is mounted in."""

    def __init__(self, shutdown: Shutdown) -> None:
        self.on_shutdown: Callable[[], None] = shutdown.begin


def tell_of_shutdown(scope: Scope, listener: Listener) -> None:
    """Tell `listener` when the application that serves `scope` goes down."""
    shutdown = _shutdown_of(scope)
    if shutdown is not None:
        shutdown.tell(listener)


def is_going_down(scope: Scope) -> bool:
    """Whether the shutdown of the application that serves `scope` has begun, told or not."""
    shutdown = _shutdown_of(scope)
    return shutdown is not None and shutdown.has_begun


def _shutdown_of(scope: Scope) -> Shutdown | None:
    shutdown: Shutdown | None = getattr(scope.get("app"), "_shutdown", None)
    return shutdown


@contextlib.contextmanager
def watch_signals(shutdown: Shutdown) -> Iterator[None]:
    """Begin `shutdown` when the process is told to stop, and then do what was to be done before.

    Handlers of the server are called after this one, and stand alone again afterwards. Nothing is done off the main
    thread, where Python allows no handlers, and for a signal that nobody handles.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    installed: dict[int, tuple[Any, Any]] = {}
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        before = None if number is None else signal.getsignal(number)
        if number is not None and callable(before):
            handler = _chained(loop, shutdown, before)
            signal.signal(number, handler)
            installed[number] = (handler, before)
    try:
        yield
    finally:
        for number, (handler, before) in installed.items():
            # Whoever has put another one on top keeps it.
            if signal.getsignal(number) is handler:
                signal.signal(number, before)


def _chained(
    loop: asyncio.AbstractEventLoop, shutdown: Shutdown, before: Callable[[int, FrameType | None], Any]
) -> Callable[[int, FrameType | None], Any]:
    def handle(number: int, frame: FrameType | None) -> Any:
        # The lock of `begin` may be held by the very code that the signal has interrupted: so not here.
        if not loop.is_closed():
            loop.call_soon_threadsafe(shutdown.begin_when_closed)
        return before(number, frame)

    return handle
