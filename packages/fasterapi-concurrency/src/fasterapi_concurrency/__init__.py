"""CPU-bound work in sub-interpreters with their own GIL, threads and processes."""

from typing import TYPE_CHECKING

from fasterapi_concurrency._lazy import lazy_names
from fasterapi_concurrency._version import __version__

if TYPE_CHECKING:
    from fasterapi_concurrency.crew import Backend
    from fasterapi_concurrency.errors import (
        BackendUnavailableError,
        ConcurrencyError,
        InvalidLimitError,
        JobTimeoutError,
        NotTransferableError,
        PoolClosedError,
        QueueFullError,
        RemoteError,
        WorkerDiedError,
    )
    from fasterapi_concurrency.pools import (
        ProcessPool,
        SubInterpreterPool,
        run_in_process,
        run_in_subinterpreter,
    )
    from fasterapi_concurrency.threads import (
        ThreadLimiter,
        current_default_thread_limiter,
        current_teardown_thread_limiter,
        iterate_in_threadpool,
        run_in_threadpool,
        run_teardown_in_threadpool,
    )
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "fasterapi_concurrency.crew": ("Backend",),
            "fasterapi_concurrency.errors": (
                "BackendUnavailableError",
                "ConcurrencyError",
                "InvalidLimitError",
                "JobTimeoutError",
                "NotTransferableError",
                "PoolClosedError",
                "QueueFullError",
                "RemoteError",
                "WorkerDiedError",
            ),
            "fasterapi_concurrency.pools": (
                "ProcessPool",
                "SubInterpreterPool",
                "run_in_process",
                "run_in_subinterpreter",
            ),
            "fasterapi_concurrency.threads": (
                "ThreadLimiter",
                "current_default_thread_limiter",
                "current_teardown_thread_limiter",
                "iterate_in_threadpool",
                "run_in_threadpool",
                "run_teardown_in_threadpool",
            ),
        },
    )

__all__ = [
    "Backend",
    "BackendUnavailableError",
    "ConcurrencyError",
    "InvalidLimitError",
    "JobTimeoutError",
    "NotTransferableError",
    "PoolClosedError",
    "ProcessPool",
    "QueueFullError",
    "RemoteError",
    "SubInterpreterPool",
    "ThreadLimiter",
    "WorkerDiedError",
    "__version__",
    "current_default_thread_limiter",
    "current_teardown_thread_limiter",
    "iterate_in_threadpool",
    "run_in_process",
    "run_in_subinterpreter",
    "run_in_threadpool",
    "run_teardown_in_threadpool",
]
