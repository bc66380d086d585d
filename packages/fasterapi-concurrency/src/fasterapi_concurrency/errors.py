"""What can go wrong, one class each. Knows nothing else of this package."""

from __future__ import annotations


class ConcurrencyError(Exception):
    """Base of every error that this package raises itself."""


class InvalidLimitError(ConcurrencyError, ValueError):
    """A number of workers, threads or waiting jobs makes no sense."""


class BackendUnavailableError(ConcurrencyError):
    """The asked-for kind of worker does not run on this Python; the text says what was looked for."""


class NotTransferableError(ConcurrencyError, TypeError):
    """A function, argument or result cannot cross to a worker; names the culprit and the way out."""


class PoolClosedError(ConcurrencyError, RuntimeError):
    """The pool was shut down."""


class QueueFullError(ConcurrencyError):
    """`submit` found `max_queue` jobs waiting; `run` waits instead."""


class JobTimeoutError(ConcurrencyError, TimeoutError):
    """A job did not finish within its `timeout`, counted from the call."""


class WorkerDiedError(ConcurrencyError):
    """The worker that ran the job ended unexpectedly; the pool has started another one."""


class RemoteError(ConcurrencyError):
    """Stands for an exception of the job that cannot be pickled; the text holds its type and traceback."""
