"""The public names are one list."""

import pkgutil
from importlib.metadata import version

import fasterapi_concurrency


def test_public_names_are_exactly_these():
    assert fasterapi_concurrency.__all__ == [
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
    submodules = {module.name for module in pkgutil.iter_modules(fasterapi_concurrency.__path__)}
    public = {name for name in dir(fasterapi_concurrency) if not name.startswith("_")} - submodules
    assert public - {"TYPE_CHECKING", "lazy_names"} | {"__version__"} == set(fasterapi_concurrency.__all__)


def test_every_public_name_is_there():
    names = fasterapi_concurrency.__all__
    assert [name for name in names if not hasattr(fasterapi_concurrency, name)] == []


def test_every_error_of_this_package_has_one_base():
    errors = [
        getattr(fasterapi_concurrency, name)
        for name in fasterapi_concurrency.__all__
        if name.endswith("Error")
    ]
    assert all(issubclass(error, fasterapi_concurrency.ConcurrencyError) for error in errors)


def test_the_version_is_that_of_the_distribution():
    assert fasterapi_concurrency.__version__ == version("fasterapi-concurrency")
