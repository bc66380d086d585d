"""Names for work off the event loop."""

import asyncio
import functools
import threading
from contextlib import contextmanager

import pytest

import fasterapi_concurrency

from fasterapi import concurrency
from fasterapi.concurrency import contextmanager_in_threadpool, is_coroutine, run_until_first_complete


async def coroutine():
    pass


class Callable:
    async def __call__(self):
        pass

    async def method(self):
        pass

    def plain(self):
        pass


@pytest.mark.parametrize(
    ("func", "expected"),
    [
        (coroutine, True),
        (functools.partial(functools.partial(coroutine)), True),
        (Callable(), True),
        (functools.partial(Callable()), True),
        (Callable().method, True),
        (Callable().plain, False),
        (Callable, False),
        (print, False),
        (lambda: None, False),
        (None, False),
    ],
)
def test_what_gives_a_coroutine(func, expected):
    assert is_coroutine(func) is expected


def manager(log, *, fail=False, suppress=False):
    @contextmanager
    def managed():
        log.append(("enter", threading.current_thread() is threading.main_thread()))
        try:
            yield "value"
        except ValueError:
            log.append("error")
            if not suppress:
                raise
        finally:
            log.append(("exit", threading.current_thread() is threading.main_thread()))

    return managed()


def test_a_context_manager_is_entered_and_left_in_worker_threads():
    log = []

    async def main():
        async with contextmanager_in_threadpool(manager(log)) as value:
            assert value == "value"

    asyncio.run(main())
    assert log == [("enter", False), ("exit", False)]


@pytest.mark.parametrize("suppress", [True, False])
def test_it_sees_the_exception_and_may_suppress_it(suppress):
    log = []

    async def main():
        async with contextmanager_in_threadpool(manager(log, suppress=suppress)):
            raise ValueError

    if suppress:
        asyncio.run(main())
    else:
        with pytest.raises(ValueError):
            asyncio.run(main())
    assert "error" in log


def test_what_was_entered_is_left_although_the_task_was_cancelled_meanwhile():
    entering, go_on, left = threading.Event(), threading.Event(), threading.Event()

    class Slow:
        def __enter__(self):
            entering.set()
            go_on.wait(10)

        def __exit__(self, *exc_info):
            left.set()

    async def use():
        async with contextmanager_in_threadpool(Slow()):
            raise AssertionError("cancelled before")

    async def main():
        task = asyncio.create_task(use())
        while not entering.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert left.is_set()

    asyncio.run(main())


def test_what_was_not_entered_is_not_left():
    class Broken:
        def __enter__(self):
            raise ValueError("no")

        def __exit__(self, *exc_info):
            raise AssertionError("not entered")

    async def main():
        async with contextmanager_in_threadpool(Broken()):
            pass

    with pytest.raises(ValueError, match="no"):
        asyncio.run(main())


def test_the_first_to_end_ends_the_others():
    cancelled = []

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(1)

    async def fails():
        raise ValueError("first")

    async def main(first):
        await run_until_first_complete((forever, {}), (first, {}))

    asyncio.run(main(coroutine))
    with pytest.raises(ValueError, match="first"):
        asyncio.run(main(fails))
    assert cancelled == [1, 1]


def test_install_event_loop_without_uvloop(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "uvloop", None)
    assert concurrency.install_event_loop() == "asyncio"


def test_install_event_loop_with_uvloop(monkeypatch):
    import sys
    import types

    installed = []
    monkeypatch.setattr(asyncio, "set_event_loop_policy", installed.append, raising=False)
    monkeypatch.setitem(sys.modules, "uvloop", types.SimpleNamespace(EventLoopPolicy=lambda: "policy"))
    assert concurrency.install_event_loop() == "uvloop"
    assert installed == ["policy"]


def test_run_in_executor_is_run_in_process_under_its_older_name(monkeypatch):
    async def run_in_process(func, *args):
        return "process", func, args

    monkeypatch.setattr(fasterapi_concurrency, "run_in_process", run_in_process)
    assert asyncio.run(concurrency.run_in_executor(max, 1, 2)) == ("process", max, (1, 2))


def test_every_public_name_is_there():
    for name in concurrency.__all__:
        assert getattr(concurrency, name) is not None
