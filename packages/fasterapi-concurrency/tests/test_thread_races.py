"""What a limiter's threads and its callers do at the same time: no call waits for a thread that nobody starts.

As in `test_races`, a thread is stopped between its look and its grasp, and another does its whole work there.
"""

import asyncio
import threading
from collections import deque

import pytest

from fasterapi_concurrency import ThreadLimiter, iterate_in_threadpool, threads

SECONDS = 10  # what hangs, fails


async def soon(awaitable):
    return await asyncio.wait_for(awaitable, SECONDS)


class Hooked:
    """Calls `then`, once, before or after what is done to a collection."""

    then = None

    def go_ahead(self):
        work, self.then = self.then, None
        if work is not None:
            work()


class Leaving(Hooked, set):
    def discard(self, item):
        self.go_ahead()
        super().discard(item)


class Idle(Hooked, deque):
    def append(self, item):
        if threading.current_thread() is not threading.main_thread():
            self.go_ahead()
        super().append(item)


def queue_in(loop, limiter, call):
    """From a thread of the limiter: let the loop's thread make the call, up to where it waits for the outcome."""
    done = threading.Event()

    async def start():
        task = asyncio.ensure_future(limiter.run(call))
        await asyncio.sleep(0)
        done.set()
        return await task

    future = asyncio.run_coroutine_threadsafe(start(), loop)
    assert done.wait(SECONDS)
    return future


def test_a_call_that_comes_while_the_last_thread_leaves_is_served(run, monkeypatch):
    """The caller still saw the thread, which had already looked for calls."""
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.01)
    limiter = ThreadLimiter(1)
    limiter._threads = leaving = Leaving()
    late, queued = [], threading.Event()

    async def main():
        loop = asyncio.get_running_loop()

        def arrive():
            late.append(queue_in(loop, limiter, lambda: "served"))
            queued.set()

        leaving.then = arrive
        await limiter.run(lambda: None)
        await soon(asyncio.to_thread(queued.wait, SECONDS))
        return await soon(asyncio.wrap_future(late[0]))

    assert run(main()) == "served"


class Crossing(set):
    """A set whose size two threads read before either goes on."""

    barrier = None

    def __len__(self):
        size = super().__len__()
        if self.barrier is not None and threading.current_thread() is not threading.main_thread():
            try:
                self.barrier.wait(0.2)
            except threading.BrokenBarrierError:
                pass
        return size


def test_of_two_threads_that_are_one_too_many_one_stays_for_the_calls_that_wait(run):
    limiter = ThreadLimiter(2)
    limiter._threads = crossing = Crossing()
    release = threading.Event()

    async def main():
        running = [asyncio.ensure_future(limiter.run(release.wait, SECONDS)) for _ in range(2)]
        while limiter.borrowed_tokens < 2:
            await asyncio.sleep(0.001)
        waiting = asyncio.ensure_future(limiter.run(lambda: "served"))
        await asyncio.sleep(0)
        crossing.barrier = threading.Barrier(2)
        limiter.total_tokens = 1
        release.set()
        await asyncio.gather(*running)
        return await soon(waiting)

    assert run(main()) == "served"


def test_a_thread_that_was_started_for_a_call_which_another_took_is_counted_once(run, monkeypatch):
    """Counted twice, it would keep a third thread from being started, and the two would wait for the third call."""
    limiter = ThreadLimiter(3)
    limiter._idle = idle = Idle()
    release, begun, started_late = threading.Event(), [], []
    start = threading.Thread.start

    def block():
        begun.append(threading.current_thread())
        release.wait(SECONDS)

    async def main():
        loop = asyncio.get_running_loop()
        first = []

        def arrive():
            with monkeypatch.context() as patch:
                patch.setattr(threading.Thread, "start", lambda thread: started_late.append(thread))
                first.append(queue_in(loop, limiter, block))

        idle.then = arrive
        await limiter.run(lambda: None)
        while len(begun) < 1:
            await asyncio.sleep(0.001)
        for thread in started_late:
            start(thread)
        await asyncio.sleep(0.05)  # it goes idle
        second = asyncio.ensure_future(limiter.run(block))
        while len(begun) < 2:
            await asyncio.sleep(0.001)
        try:
            await soon(limiter.run(release.set))
        finally:
            release.set()
            await asyncio.gather(asyncio.wrap_future(first[0]), second)

    run(main())


def test_a_thread_that_cannot_be_started_takes_no_place(run, monkeypatch):
    limiter = ThreadLimiter(1)

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    async def main():
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(RuntimeError, match="can't start"):
                await limiter.run(lambda: ran.append("refused"))
        return await soon(limiter.run(lambda: "served"))

    ran = []
    assert run(main()) == "served"
    assert ran == []


def test_where_threads_are_the_call_waits_for_them_when_no_more_can_be_started(run, monkeypatch):
    limiter = ThreadLimiter(2)
    release = threading.Event()

    def refuse(thread):
        raise RuntimeError("can't start new thread")

    async def main():
        blocking = asyncio.ensure_future(limiter.run(release.wait, SECONDS))
        while limiter.borrowed_tokens < 1:
            await asyncio.sleep(0.001)
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            waiting = asyncio.ensure_future(limiter.run(lambda: "served"))
            await asyncio.sleep(0)
        release.set()
        await blocking
        return await soon(waiting)

    assert run(main()) == "served"


def test_a_call_whose_caller_left_while_it_waited_never_runs(run):
    limiter = ThreadLimiter(1)
    release, ran = threading.Event(), []

    async def main():
        blocking = asyncio.ensure_future(limiter.run(release.wait, SECONDS))
        waiting = asyncio.ensure_future(limiter.run(ran.append, 1))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        release.set()
        await blocking
        await limiter.run(lambda: None)

    run(main())
    assert ran == []


def test_leaving_an_iteration_in_the_middle_of_a_step_closes_the_generator_at_the_steps_end(run):
    """Closing it from elsewhere meanwhile is an error: "generator already executing"."""
    in_step, release, closed = threading.Event(), threading.Event(), threading.Event()

    def items():
        try:
            in_step.set()
            release.wait(SECONDS)
            yield 1
        finally:
            closed.set()

    async def main():
        async def consume():
            async for _ in iterate_in_threadpool(items()):
                pass

        task = asyncio.ensure_future(consume())
        await soon(asyncio.to_thread(in_step.wait, SECONDS))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        assert await soon(asyncio.to_thread(closed.wait, SECONDS))

    run(main())


def test_leaving_an_iteration_whose_step_still_waits_for_a_thread_takes_no_step(run, monkeypatch):
    limiter = ThreadLimiter(1)
    monkeypatch.setattr(threads, "run_in_threadpool", limiter.run)
    release, steps = threading.Event(), []

    def items():
        steps.append(1)
        yield 1

    async def main():
        blocking = asyncio.ensure_future(limiter.run(release.wait, SECONDS))
        await asyncio.sleep(0)

        async def consume():
            async for _ in iterate_in_threadpool(items()):
                pass

        task = asyncio.ensure_future(consume())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        release.set()
        await blocking

    run(main())
    assert steps == []
