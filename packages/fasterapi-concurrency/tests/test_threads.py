"""Blocking calls in threads: context, limits, cancellation, teardown, generators, forks and exits."""

import asyncio
import contextvars
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from fasterapi_concurrency import (
    InvalidLimitError,
    ThreadLimiter,
    current_default_thread_limiter,
    current_teardown_thread_limiter,
    iterate_in_threadpool,
    run_in_threadpool,
    run_teardown_in_threadpool,
    threads,
)

VARIABLE = contextvars.ContextVar("VARIABLE", default="unset")
OTHER = contextvars.ContextVar("OTHER")


def test_the_call_runs_in_another_thread_with_its_arguments(run):
    def call(a, *, b):
        return a, b, threading.get_ident()

    a, b, ident = run(run_in_threadpool(call, 1, b=2))
    assert (a, b) == (1, 2)
    assert ident != threading.get_ident()


@pytest.mark.parametrize("way", [run_in_threadpool, run_teardown_in_threadpool])
def test_context_variables_go_in_and_come_back(run, way):
    def call():
        seen = VARIABLE.get()
        VARIABLE.set("inside")
        OTHER.set("new")
        return seen

    def fail():
        VARIABLE.set("failed")
        raise ValueError("x")

    async def main():
        VARIABLE.set("outside")
        assert await way(call) == "outside"
        assert (VARIABLE.get(), OTHER.get()) == ("inside", "new")
        with pytest.raises(ValueError):
            await way(fail)
        return VARIABLE.get()

    assert run(main()) == "failed"
    assert VARIABLE.get() == "unset"


@pytest.mark.parametrize("way", [run_in_threadpool, run_teardown_in_threadpool])
@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(2)])
def test_exceptions_come_back_themselves(run, way, error):
    def fail():
        raise error

    async def main():
        try:
            await way(fail)
        except BaseException as caught:
            return caught

    assert run(main()) is error


def test_stop_iteration_arrives_as_a_runtime_error(run):
    with pytest.raises(RuntimeError, match="StopIteration") as caught:
        run(run_in_threadpool(next, iter(())))
    assert isinstance(caught.value.__cause__, StopIteration)


def test_cancelling_leaves_at_once_and_the_thread_goes_on_to_the_next_call(run):
    limiter = ThreadLimiter(1)
    started, release = threading.Event(), threading.Event()

    def block():
        started.set()
        release.wait(10)
        VARIABLE.set("late")

    async def main():
        task = asyncio.create_task(limiter.run(block))
        await asyncio.to_thread(started.wait, 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert limiter.borrowed_tokens == 1
        release.set()
        return await limiter.run(lambda: "next")

    assert run(main()) == "next"


def test_run_to_completion_waits_for_the_call_even_if_cancelled_twice(run):
    limiter = ThreadLimiter(1)
    started, release, finished = threading.Event(), threading.Event(), threading.Event()

    def block():
        started.set()
        release.wait(10)
        finished.set()
        raise ValueError("nobody hears of it")

    async def main():
        task = asyncio.create_task(limiter.run_to_completion(block))
        await asyncio.to_thread(started.wait, 10)
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0.01)
        assert not task.done()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return finished.is_set()

    assert run(main())


def test_no_more_calls_than_the_limit_run_and_the_rest_wait_in_order(run):
    limiter = ThreadLimiter(2)
    order, release = [], threading.Event()

    def call(n):
        order.append(n)
        release.wait(10)
        return n

    async def main():
        tasks = [asyncio.create_task(limiter.run(call, n)) for n in range(5)]
        while len(order) < 2:
            await asyncio.sleep(0.001)
        assert (limiter.borrowed_tokens, limiter.available_tokens, limiter.waiting) == (2, 0, 3)
        release.set()
        return await asyncio.gather(*tasks)

    assert run(main()) == [0, 1, 2, 3, 4]
    assert sorted(order[:2]) == [0, 1]


def test_raising_the_limit_starts_waiting_calls_and_lowering_it_ends_threads(run):
    limiter = ThreadLimiter(1)
    release = threading.Event()

    async def main():
        tasks = [asyncio.create_task(limiter.run(release.wait, 10)) for _ in range(3)]
        while limiter.borrowed_tokens < 1:
            await asyncio.sleep(0.001)
        limiter.total_tokens = 3
        while limiter.borrowed_tokens < 3:
            await asyncio.sleep(0.001)
        limiter.total_tokens = 1
        assert limiter.available_tokens == 0
        release.set()
        await asyncio.gather(*tasks)
        while len(limiter._threads) > 1:
            await asyncio.sleep(0.001)
        return await limiter.run(lambda: limiter.total_tokens)

    assert run(main()) == 1


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused(limit):
    with pytest.raises(InvalidLimitError):
        ThreadLimiter(limit)
    with pytest.raises(InvalidLimitError):
        current_default_thread_limiter().total_tokens = limit


def test_teardown_never_waits_for_those_who_wait_for_the_resource(run):
    """All threads of the default limiter wait for a resource; releasing it needs a thread of its own."""
    resource = threading.Semaphore(1)
    limiter = current_default_thread_limiter()
    count = limiter.total_tokens + 20

    async def use():
        await run_in_threadpool(resource.acquire)
        await run_teardown_in_threadpool(resource.release)

    async def main():
        await asyncio.wait_for(asyncio.gather(*[use() for _ in range(count)]), 30)

    run(main())
    assert current_teardown_thread_limiter() is not limiter


def test_idle_threads_end(run, monkeypatch):
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.02)
    limiter = ThreadLimiter(3)

    async def main():
        await asyncio.gather(*[limiter.run(time.sleep, 0.01) for _ in range(3)])
        while limiter._threads:
            await asyncio.sleep(0.005)
        return await limiter.run(lambda: "again")

    assert run(main()) == "again"


def test_several_loops_share_a_limiter():
    results = []

    def one_loop():
        for n in range(20):
            results.append(asyncio.run(run_in_threadpool(lambda: n)))

    others = [threading.Thread(target=one_loop) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert sorted(results) == sorted(list(range(20)) * 3)


def test_a_loop_that_is_closed_during_a_call_drops_its_outcome(run):
    release = threading.Event()

    async def leave():
        asyncio.create_task(run_in_threadpool(release.wait, 10))
        await asyncio.sleep(0.01)

    run(leave())
    release.set()
    assert run(run_in_threadpool(lambda: 1)) == 1


class Recorder:
    """A generator function that records where it ran and how it ended."""

    def __init__(self, fail_at=None):
        self.threads, self.is_closed, self.fail_at = set(), False, fail_at

    def items(self):
        try:
            for n in range(3):
                self.threads.add(threading.get_ident())
                if n == self.fail_at:
                    raise ValueError(n)
                yield n
        finally:
            self.is_closed = True


def test_iterating_runs_every_step_in_a_thread(run):
    recorder = Recorder()

    async def main():
        return [item async for item in iterate_in_threadpool(recorder.items())]

    assert run(main()) == [0, 1, 2]
    assert threading.get_ident() not in recorder.threads
    assert recorder.is_closed


def test_leaving_an_iteration_early_closes_the_generator(run):
    recorder = Recorder()

    async def main():
        items = iterate_in_threadpool(recorder.items())
        async for _ in items:
            break
        await items.aclose()
        return recorder.is_closed

    assert run(main())


def test_an_exception_of_a_step_reaches_the_loop(run):
    async def main():
        return [item async for item in iterate_in_threadpool(Recorder(fail_at=1).items())]

    with pytest.raises(ValueError):
        run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own(run):
    run(run_in_threadpool(lambda: 1))
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(30)  # nothing of this test outlives it, whatever goes wrong
        os._exit(asyncio.run(run_in_threadpool(lambda: 7)))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_interpreter_exit_waits_for_a_running_call(tmp_path):
    program = (
        "import asyncio, time\n"
        "from fasterapi_concurrency import run_in_threadpool\n"
        "def call():\n"
        "    time.sleep(0.3)\n"
        "    print('finished', flush=True)\n"
        "async def main():\n"
        "    asyncio.create_task(run_in_threadpool(call))\n"
        "    await asyncio.sleep(0.05)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "finished\n", "")


def test_importing_starts_nothing():
    program = (
        "import threading, sys, fasterapi_concurrency\n"
        "print(threading.active_count(), 'multiprocessing' in sys.modules, '_interpqueues' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert done.stdout == "1 False False\n"
