"""CPU-bound work in sub-interpreters with their own GIL, threads and processes."""

from fasterapi_concurrency._version import __version__
from fasterapi_concurrency.errors import (
    BackendUnavailable,
    ConcurrencyError,
    InvalidLimit,
    JobTimeout,
    NotTransferable,
    PoolClosed,
    QueueFull,
    RemoteError,
    WorkerDied,
)
from fasterapi_concurrency.threads import (
    ThreadLimiter,
    current_default_thread_limiter,
    current_teardown_thread_limiter,
    iterate_in_threadpool,
    run_in_threadpool,
    run_teardown_in_threadpool,
)

__all__ = [
    "BackendUnavailable",
    "ConcurrencyError",
    "InvalidLimit",
    "JobTimeout",
    "NotTransferable",
    "PoolClosed",
    "QueueFull",
    "RemoteError",
    "ThreadLimiter",
    "WorkerDied",
    "__version__",
    "current_default_thread_limiter",
    "current_teardown_thread_limiter",
    "iterate_in_threadpool",
    "run_in_threadpool",
    "run_teardown_in_threadpool",
]
