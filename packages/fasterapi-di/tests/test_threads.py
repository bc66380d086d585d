"""Plain code in worker threads behaves as if it ran in place."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from typing import Any

import pytest

from fasterapi_di import Depends, inject, run_exit_in_thread, run_in_thread, threads

variable: ContextVar[str] = ContextVar("variable", default="unset")
RUNNERS = [run_in_thread, run_exit_in_thread]


@pytest.mark.parametrize("run", RUNNERS)
def test_runs_elsewhere_and_returns(run: Any) -> None:
    assert asyncio.run(run(threading.get_ident)) != threading.get_ident()


@pytest.mark.parametrize("run", RUNNERS)
@pytest.mark.parametrize("error", [LookupError("x"), StopAsyncIteration("x"), KeyboardInterrupt()], ids=repr)
def test_every_exception_arrives(run: Any, error: BaseException) -> None:
    def fail() -> None:
        raise error

    async def call() -> Any:
        try:
            await run(fail)
        except BaseException as caught:
            return caught

    assert asyncio.run(call()) is error


@pytest.mark.parametrize("run", RUNNERS)
def test_stop_iteration_arrives_as_from_any_coroutine(run: Any) -> None:
    with pytest.raises(RuntimeError) as raised:
        asyncio.run(run(lambda: next(iter([]))))
    assert isinstance(raised.value.__cause__, StopIteration)


@pytest.mark.parametrize("run", RUNNERS)
def test_contextvars_are_visible_in_both_directions(run: Any) -> None:
    def work() -> str:
        seen = variable.get()
        variable.set("inside")
        return seen

    async def call() -> Any:
        variable.set("outside")
        return await run(work), variable.get()

    assert asyncio.run(call()) == ("outside", "inside")


def test_contextvars_set_by_a_dependency_reach_the_target() -> None:
    def set_variable() -> None:
        variable.set("by dependency")

    @inject(threads=True)
    async def target(_: Any = Depends(set_variable)) -> str:
        return variable.get()

    assert asyncio.run(target()) == "by dependency"


def test_a_cancelled_caller_waits_for_what_has_begun() -> None:
    begun, go_on = threading.Event(), threading.Event()
    log: list[str] = []

    def open_value() -> Any:
        begun.set()
        go_on.wait(10)
        log.append("entered")
        try:
            yield
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
        finally:
            log.append("left")

    @inject(threads=True)
    async def target(value: Any = Depends(open_value)) -> None:
        log.append("target")

    async def run() -> None:
        task = asyncio.create_task(target())
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert log == ["entered", "cancelled", "left"]


def with_busy_executor(work: Any) -> Any:
    """Run `work(release)` while the only worker thread of the loop is busy."""
    release = threading.Event()

    async def run() -> Any:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        busy = asyncio.create_task(run_in_thread(lambda: release.wait(10)))
        await asyncio.sleep(0)
        result = await work(release)
        await busy
        return result

    return asyncio.run(run())


def test_a_cancelled_caller_without_a_thread_gives_up_at_once() -> None:
    called: list[int] = []

    async def work(release: threading.Event) -> bool:
        task = asyncio.create_task(run_in_thread(lambda: called.append(1)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        ended_before = not release.is_set()
        release.set()
        await run_in_thread(lambda: None)
        return ended_before

    assert with_busy_executor(work) is True
    assert called == []


def test_exits_run_while_every_worker_waits() -> None:
    async def work(release: threading.Event) -> str:
        result = await run_exit_in_thread(lambda: "left")
        release.set()
        return result

    assert with_busy_executor(work) == "left"


def test_a_cancelled_exit_is_finished_and_its_failure_reported() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def leave() -> None:
        begun.set()
        go_on.wait(10)
        raise LookupError("at exit")

    async def run() -> None:
        task = asyncio.create_task(run_exit_in_thread(leave))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        assert isinstance(raised.value.__cause__, LookupError)

    asyncio.run(run())


def test_exit_threads_are_used_again_and_end_when_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_IDLE_SECONDS", 0.001)
    exit_threads = threads._ExitThreads()
    served: list[threading.Thread] = []
    done = threading.Semaphore(0)

    def work() -> None:
        served.append(threading.current_thread())
        done.release()

    for _ in range(5):
        exit_threads.submit(work)
        done.acquire()
    for thread in served:
        thread.join(10)
        assert not thread.is_alive()


def test_plain_code_of_one_call_keeps_its_order_across_hops() -> None:
    log: list[str] = []

    def first() -> None:
        log.append("first")

    async def second(first: Any = Depends(first)) -> None:
        log.append("second")

    def third(second: Any = Depends(second)) -> None:
        log.append("third")

    @inject(threads=True)
    def target(third: Any = Depends(third)) -> list[str]:
        return log

    assert asyncio.run(target()) == ["first", "second", "third"]


@pytest.mark.parametrize("steps", range(24))
def test_whatever_the_moment_of_cancellation_what_was_entered_is_left(steps: int) -> None:
    log: list[str] = []

    def opens(name: str) -> Any:
        def open_plain(_: Any = None) -> Any:
            try:
                log.append(name)
                yield
            finally:
                log.append(f"/{name}")

        return open_plain

    def opens_async(name: str, before: Any) -> Any:
        async def open_async(_: Any = Depends(before)) -> Any:
            await asyncio.sleep(0)
            try:
                log.append(name)
                yield
            finally:
                log.append(f"/{name}")
                await asyncio.sleep(0)

        return open_async

    a = opens("a")
    b = opens_async("b", a)
    c = opens("c")

    @inject(threads=True)
    def target(
        b: Any = Depends(b), c: Any = Depends(c), d: Any = Depends(opens_async("d", c), scope="function")
    ) -> None:
        log.append("target")

    async def run() -> None:
        task = asyncio.create_task(target())  # type: ignore[arg-type]
        for _ in range(steps):
            await asyncio.sleep(0.0001 if steps % 2 else 0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    entered = [name for name in log if len(name) == 1]
    assert entered == list("abcd")[: len(entered)]
    assert [name for name in log if name.startswith("/")] == [f"/{name}" for name in reversed(entered)]
