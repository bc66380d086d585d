"""Workers and pools end cleanly: shutdown, garbage, exit of the interpreter, fork."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from fasterapi_concurrency.attic import attic
from fasterapi_concurrency import PoolClosedError, SubInterpreterPool, WorkerDiedError, lifecycle

HAS_INTERPRETERS = sys.version_info >= (3, 13)
KINDS = ["SubInterpreterPool", "ProcessPool"]


def one():
    return 1


def spin():
    while True:
        pass


def open_pipe(path):
    """A call into C that cannot be interrupted: it ends when the other side is opened."""
    os.close(os.open(path, os.O_RDONLY))


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.005)
    return 1


def descriptors():
    gc.collect()
    return sorted(os.listdir("/proc/self/fd"))


def start_script(body, *arguments, **options):
    """Run a program of its own; functions of a `-c` program live in `__main__`."""
    command = [
        sys.executable,
        "-X",
        "faulthandler",
        "-W",
        "ignore::DeprecationWarning",
        "-c",
        textwrap.dedent(body),
        *arguments,
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc")
def test_shutdown_leaves_no_thread_and_no_descriptor(make_pool, run):
    async def use(pool):
        assert await pool.run(one) == 1

    pool = make_pool(2)
    pool.submit(one).result()
    pool.shutdown()
    before = threading.active_count(), descriptors()
    for _ in range(5):
        pool = make_pool(2)
        run(use(pool))
        assert pool.submit(one).result() == 1
        pool.shutdown()
    del pool
    gc.collect()
    assert threading.active_count() <= before[0]  # a timer of another test may have ended
    assert len(descriptors()) <= len(before[1])


def test_shutdown_finishes_what_waits(make_pool):
    pool = make_pool(1)
    futures = [pool.submit(one) for _ in range(300)]
    pool.shutdown()
    assert [future.result(0) for future in futures] == [1] * 300


def test_shutdown_can_cancel_what_waits(make_pool, tmp_path):
    pool = make_pool(1)
    go = tmp_path / "go"
    running = pool.submit(wait_for, str(go))
    while not running.running():
        time.sleep(0.001)
    waiting = [pool.submit(one) for _ in range(3)]
    pool.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() for future in waiting)
    go.touch()
    assert running.result(10) == 1


def test_shutdown_in_a_loop_cancels_its_waiting_jobs_and_fails_those_without_a_place(
    make_pool, run, tmp_path
):
    pool = make_pool(1, max_queue=1)
    go = tmp_path / "go"

    async def until(condition):
        while not condition():
            await asyncio.sleep(0.001)

    async def main():
        running = asyncio.create_task(pool.run(wait_for, str(go)))
        await until(lambda: any(pool.is_taken(job) for job in list(pool._pending.values())))
        waiting = asyncio.create_task(pool.run(one))
        await until(lambda: len(pool._pending) == 2)
        outside = asyncio.create_task(pool.run(one))
        await until(lambda: pool.slots.waiting == 1)
        closing = asyncio.create_task(pool.aclose(cancel_futures=True))
        await until(outside.done)
        go.touch()
        await closing
        return await asyncio.gather(running, waiting, outside, return_exceptions=True)

    first, second, third = run(main())
    assert first == 1
    assert isinstance(second, asyncio.CancelledError)
    assert isinstance(third, PoolClosedError)


def test_shutdown_on_the_loop_itself_still_delivers(make_pool, run):
    pool = make_pool(1)

    async def main():
        tasks = [asyncio.create_task(pool.run(one)) for _ in range(3)]
        await asyncio.sleep(0)
        pool.shutdown()
        return await asyncio.gather(*tasks)

    assert run(main()) == [1, 1, 1]


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_a_thread_left_by_a_job_keeps_its_interpreter_but_not_the_shutdown(recwarn, tmp_path):
    def leave_a_thread(path):
        import os
        import threading
        import time

        def wait():
            while not os.path.exists(path):
                time.sleep(0.005)

        threading.Thread(target=wait).start()

    go = tmp_path / "go"
    pool = SubInterpreterPool(1)
    pool.submit(leave_a_thread, str(go)).result()
    with pytest.warns(ResourceWarning, match="left a thread running"):
        pool.shutdown()
    attic.park()  # as before a fork
    assert len(attic._haunted) == 1
    go.touch()
    while attic._haunted:
        attic.park()
    attic.resume()


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_a_lost_worker_is_not_waited_for(pipe):
    pool = SubInterpreterPool(1)
    future = pool.submit(open_pipe, pipe.path)
    while not future.running():
        time.sleep(0.001)
    assert future.cancel()
    worker = next(iter(pool._crew.workers.values()))
    while not worker.is_lost:
        time.sleep(0.01)
    assert pool.submit(one).result() == 1
    pool.shutdown()
    assert worker.thread.is_alive()
    pipe.release()
    worker.thread.join()
    assert pool._crew is None


def test_callbacks_may_use_the_pool_that_is_shutting_down(make_pool):
    pool = make_pool(1)
    refused = []

    def submit_more(future):
        try:
            pool.submit(one)
        except PoolClosedError as error:
            refused.append(error)

    for _ in range(20):
        pool.submit(one).add_done_callback(submit_more)
    pool.shutdown()
    assert all(isinstance(error, PoolClosedError) for error in refused)


@pytest.mark.parametrize("kind", KINDS)
def test_interpreter_exit_with_jobs_under_way_is_clean(kind):
    done = start_script(
        f"""
        import time
        from fasterapi_concurrency import {kind}
        def spin():
            while True:
                pass
        pool = {kind}(2)
        futures = [pool.submit(spin) for _ in range(4)]
        while not futures[0].running():
            time.sleep(0.001)
        print("leaving")
        """
    )
    assert (done.returncode, done.stdout) == (0, "leaving\n"), done.stderr
    assert "rror" not in done.stderr


def test_the_default_pools_are_closed_at_exit():
    done = start_script(
        """
        import asyncio
        from fasterapi_concurrency import run_in_process, run_in_subinterpreter
        async def main():
            print(await run_in_subinterpreter(pow, 2, 3), await run_in_process(pow, 2, 4))
        asyncio.run(main())
        """
    )
    assert (done.returncode, done.stdout) == (0, "8 16\n"), done.stderr
    assert "rror" not in done.stderr


FORK = """
    import os, sys
    from fasterapi_concurrency import {kind}
    def double(n):
        return 2 * n
    pool = {kind}(2)
    assert pool.submit(double, 1).result() == 2
    child = os.fork()
    if child == 0:
        status = pool.submit(double, 5).result()
        pool.shutdown()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), pool.submit(double, 2).result())
    pool.shutdown()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("kind", KINDS)
def test_a_pool_works_on_both_sides_of_a_fork(kind):
    """A live sub-interpreter would kill the child (cpython#139759): idle workers end before the fork."""
    done = start_script(FORK.format(kind=kind))
    assert (done.returncode, done.stdout) == (0, "10 4\n"), done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a_child_of_multiprocessing_makes_workers_of_its_own(kind):
    done = start_script(
        f"""
        import multiprocessing
        from fasterapi_concurrency import {kind}
        def double(n):
            return 2 * n
        def child(queue):
            with {kind}(1) as pool:
                queue.put(pool.submit(double, 4).result())
        context = multiprocessing.get_context("fork")
        queue = context.Queue()
        process = context.Process(target=child, args=(queue,))
        process.start()
        print(queue.get(timeout=20))
        process.join()
        print(process.exitcode)
        """
    )
    assert (done.returncode, done.stdout) == (0, "8\n0\n"), done.stderr


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_a_fork_interrupts_running_jobs_and_keeps_waiting_ones(monkeypatch):
    monkeypatch.setattr(lifecycle, "FORK_GRACE_SECONDS", 0.05)
    with SubInterpreterPool(1) as pool:
        running = pool.submit(spin)
        while not running.running():
            time.sleep(0.001)
        waiting = [pool.submit(one) for _ in range(3)]
        unwanted = pool.submit(one)
        pool.park()
        late = pool.submit(one)
        assert unwanted.cancel()
        pool.resume()
        with pytest.raises(WorkerDiedError, match="stopped while it ran"):
            running.result()
        assert [future.result() for future in [*waiting, late]] == [1] * 4


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_a_fork_during_a_call_that_cannot_be_interrupted_is_warned_of(monkeypatch, pipe):
    monkeypatch.setattr(lifecycle, "FORK_GRACE_SECONDS", 0.05)
    monkeypatch.setattr(lifecycle, "INTERRUPTED_GRACE_SECONDS", 0.05)
    pool = SubInterpreterPool(1)
    running = pool.submit(open_pipe, pipe.path)
    while not running.running():
        time.sleep(0.001)
    with pytest.warns(RuntimeWarning, match="CPython will kill the child"):
        pool.park()
    pool.resume()
    assert pool.submit(one).result() == 1
    pool.shutdown()
    with pytest.raises(WorkerDiedError):
        running.result(10)
    pipe.release()


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_opening_and_closing_many_pools_does_not_grow():
    done = start_script(
        """
        from fasterapi_concurrency import SubInterpreterPool
        def pages():
            return int(open("/proc/self/statm").read().split()[1])
        def cycle():
            with SubInterpreterPool(1) as pool:
                assert pool.submit(abs, -1).result() == 1
        for _ in range(8):
            cycle()
        before = pages()
        for _ in range(15):
            cycle()
        print(pages() / before < 1.1)
        """
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.skipif(not HAS_INTERPRETERS, reason="no interpreters")
def test_a_worker_that_cannot_start_fails_the_waiting_jobs(monkeypatch):
    from fasterapi_concurrency import interpreter_crew

    def refuse():
        raise MemoryError("no room for an interpreter")

    monkeypatch.setattr(interpreter_crew.attic, "fetch", refuse)
    pool = SubInterpreterPool(1)
    with pytest.raises(WorkerDiedError, match="no room for an interpreter"):
        pool.submit(one).result(10)
    monkeypatch.undo()
    assert pool.submit(one).result(10) == 1
    pool.shutdown()
