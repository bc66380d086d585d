"""Pools whose threads, loops, workers and forks meet at the worst moment.

As in `test_races`, what two do at the same time is put in an order; whatever hangs, fails after `SECONDS`.
"""

import asyncio
import gc
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from fasterapi_concurrency import (
    PoolClosedError,
    ProcessPool,
    SubInterpreterPool,
    WorkerDiedError,
    definitions,
    lifecycle,
    pools,
)
from fasterapi_concurrency.process_crew import Child, ProcessCrew
from fasterapi_concurrency.slots import Slots

SECONDS = 20
needs_interpreters = pytest.mark.skipif(sys.version_info < (3, 13), reason="no interpreters")


def one():
    return 1


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.005)
    return 1


def open_pipe(path):
    """A call into C that cannot be interrupted: it ends when the other side is opened."""
    os.close(os.open(path, os.O_RDONLY))


def eventually(condition):
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def job_of(future):
    return future._job


# Cancelling one job leaves every other one alone.


def test_a_cancellation_that_comes_late_does_not_meet_the_next_job_in_the_slot(make_pool):
    pool = make_pool(1, max_queue=0)
    future = pool.submit(one)
    assert future.result(SECONDS) == 1
    eventually(lambda: pool.slots._free)
    job = job_of(future)
    pool._crew.cancel(job)
    following = pool.submit(one)
    assert job_of(following).slot == job.slot
    assert following.result(SECONDS) == 1


def test_cancelling_a_job_whose_answer_is_still_unread_does_not_kill_the_next_job(tmp_path):
    go = tmp_path / "go"
    with ProcessPool(1) as pool:
        assert pool.submit(one).result(SECONDS) == 1
        port = pool._ports.of_threads
        with port.lock:
            answered = pool.submit(one)
            eventually(port.queue.count)
            running = pool.submit(wait_for, str(go))
            eventually(lambda: pool._crew._running)
            assert answered.cancel()
            go.touch()
        assert running.result(SECONDS) == 1


def test_a_process_that_was_killed_right_after_its_answer_is_not_given_another_job(monkeypatch):
    call = Child.call

    with ProcessPool(1) as pool:

        def call_and_cancel(child, job):
            outcome = call(child, job)
            pool._crew.cancel(job)
            child.process.wait()
            return outcome

        with monkeypatch.context() as patch:
            patch.setattr(Child, "call", call_and_cancel)
            assert pool.submit(one).result(SECONDS) == 1
        assert pool.submit(one).result(SECONDS) == 1


def test_a_process_that_died_without_a_job_costs_no_job():
    with ProcessPool(1) as pool:
        assert pool.submit(one).result(SECONDS) == 1
        (child,) = pool._crew._children.values()
        child.process.kill()
        os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
        assert pool.submit(one).result(SECONDS) == 1


def test_cancelling_does_not_wait_for_the_pools_lock(make_pool, tmp_path):
    """An abandoned `map` cancels wherever it is collected, maybe while this thread holds what the other waits for."""
    pool = make_pool(1)
    go = tmp_path / "go"
    running, waiting = pool.submit(wait_for, str(go)), pool.submit(one)
    held, release = threading.Event(), threading.Event()

    def hold():
        with pool._lock:
            held.set()
            release.wait(SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(SECONDS)
    cancelling = threading.Thread(target=waiting.cancel, daemon=True)
    cancelling.start()
    cancelling.join(5)
    is_through = not cancelling.is_alive()
    release.set()
    holder.join()
    go.touch()
    assert running.result(SECONDS) == 1
    assert is_through


# A job is answered once, and its slot comes back once.


def test_of_two_threads_one_takes_a_job_off_the_list(make_pool, tmp_path):
    pool = make_pool(1)
    job = job_of(pool.submit(wait_for, str(tmp_path / "go")))
    free = len(pool.slots._free)
    taken = [pool._release(job), pool._release(job)]
    (tmp_path / "go").touch()
    assert taken == [True, False]
    assert len(pool.slots._free) == free + 1


@pytest.mark.parametrize("fails", ["_make_crew", "_make_replies"])
def test_a_call_that_cannot_be_sent_takes_no_place(make_pool, monkeypatch, fails):
    pool = make_pool(1, max_queue=0)

    def refuse(*_):
        raise OSError("too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(pool, fails, refuse)
        pool.reset()
        for _ in range(3):
            with pytest.raises(OSError, match="too many open files"):
                pool.submit(one)
        assert not pool._pending
    pool.reset()
    assert pool.submit(one).result(SECONDS) == 1


def test_a_worker_whose_thread_cannot_be_started_is_no_worker(make_pool, monkeypatch):
    pool = make_pool(1, max_queue=0)
    start = threading.Thread.start

    def refuse(thread):
        if "replies" not in thread.name:
            raise RuntimeError("can't start new thread")
        start(thread)

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="can't start"):
                pool.submit(one)
    assert pool.submit(one).result(SECONDS) == 1


@needs_interpreters
def test_a_lost_worker_gives_its_slot_back_though_all_others_are_in_use(monkeypatch, tmp_path, pipe):
    from fasterapi_concurrency import foreman

    monkeypatch.setattr(foreman, "INTERRUPT_GRACE_SECONDS", 0.01)
    with SubInterpreterPool(1, max_queue=0) as pool:
        for round_ in range(3):
            stuck = pool.submit(open_pipe, pipe.path)
            eventually(stuck.running)
            worker = next(worker for worker in pool._crew.workers.values() if not worker.is_lost)
            stuck.cancel()
            eventually(lambda: worker.is_lost)  # noqa: B023
            go = tmp_path / f"go{round_}"
            running = pool.submit(wait_for, str(go))  # takes the only slot that is left
            pipe.release()
            worker.thread.join()
            go.touch()
            assert running.result(SECONDS) == 1
        assert len(pool._spare_slots) == 1


# Users' code in callbacks.


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_callback_that_exits_keeps_nobody_from_their_answers(make_pool, tmp_path):
    pool = make_pool(1)
    go = tmp_path / "go"
    first = pool.submit(wait_for, str(go))
    first.add_done_callback(lambda _: sys.exit("from a callback"))
    others = [pool.submit(one) for _ in range(5)]
    with pool._ports.of_threads.lock:  # several answers are read together
        go.touch()
        eventually(lambda: pool._ports.of_threads.queue.count() >= 3)
    assert [future.result(SECONDS) for future in others] == [1] * 5
    assert pool.submit(one).result(SECONDS) == 1


def test_callbacks_of_cancelled_jobs_run_without_the_pools_lock(make_pool, tmp_path):
    pool = make_pool(1)
    go, seen = tmp_path / "go", []
    running = pool.submit(wait_for, str(go))
    eventually(running.running)
    waiting = pool.submit(one)

    def ask_in_another_thread(_):
        def ask():
            try:
                pool.submit(one)
            except PoolClosedError as error:
                seen.append(error)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(5)

    waiting.add_done_callback(ask_in_another_thread)
    pool.shutdown(wait=False, cancel_futures=True)
    assert len(seen) == 1
    go.touch()
    running.result(SECONDS)


@needs_interpreters
def test_a_callback_may_submit_what_must_be_tried_in_a_worker_first(refusing_package):
    __import__(refusing_package)
    module = sys.modules[refusing_package]
    done = threading.Event()
    errors = []
    with SubInterpreterPool(1) as pool:

        def submit_more(_):
            try:
                pool.submit(lambda: module.answer())
            except Exception as error:
                errors.append(error)
            done.set()

        pool.submit(one).add_done_callback(submit_more)
        assert done.wait(SECONDS)
    assert "does not load there" in str(errors[0])


# Loops that are closed while jobs run.


def leave_running(pool, path):
    """A job whose loop is closed before it ends."""
    loop = asyncio.new_event_loop()

    async def start():
        task = asyncio.ensure_future(pool.run(wait_for, path))
        while not pool._pending:
            await asyncio.sleep(0.001)
        return task

    task = loop.run_until_complete(start())
    task._log_destroy_pending = False
    loop.close()


def test_a_job_of_a_closed_loop_frees_its_slot_when_it_ends(make_pool, run, tmp_path):
    pool = make_pool(1, max_queue=0)
    go = tmp_path / "go"

    async def main():
        waiting = asyncio.ensure_future(pool.run(one))
        await asyncio.sleep(0)
        go.touch()
        return await asyncio.wait_for(waiting, SECONDS)

    leave_running(pool, str(go))
    assert run(main()) == 1


@needs_interpreters
def test_jobs_of_a_closed_loop_do_not_keep_others_from_being_sent(monkeypatch, tmp_path):
    """Only so many jobs are sent at a time; those that nobody reads would take all of these places."""
    from fasterapi_concurrency import interpreter_crew

    monkeypatch.setattr(interpreter_crew, "WINDOW", 1)
    go = tmp_path / "go"
    with SubInterpreterPool(1) as pool:
        leave_running(pool, str(go))
        waiting = pool.submit(one)
        go.touch()
        assert waiting.result(SECONDS) == 1


@needs_interpreters
def test_a_died_jobs_place_goes_to_the_next_that_waits_to_be_sent(monkeypatch):
    from fasterapi_concurrency import interpreter_crew

    monkeypatch.setattr(interpreter_crew, "WINDOW", 1)
    with SubInterpreterPool(1) as pool:
        pool._lock.acquire()  # both are sent before the worker can report
        stuck = pool.submit(time.sleep, 0.2)
        waiting = pool.submit(one)
        pool._lock.release()
        pool._fail([job_of(stuck)], WorkerDiedError("x"))
        assert waiting.result(SECONDS) == 1


def test_the_bell_of_a_closed_loop_stays_open_for_late_rings_and_serves_the_next_loop(make_pool, run):
    pool = make_pool(1)
    used = []

    async def use():
        assert await pool.run(one) == 1
        used.append(pool._ports.of(asyncio.get_running_loop()).ring_fd)

    for _ in range(3):
        run(use())
        os.fstat(used[-1])
        if pool.backend.name == "interpreters":
            os.write(used[-1], (1).to_bytes(8, sys.byteorder))  # a worker was late
    assert len(set(used)) == 1


def test_a_slot_that_was_granted_to_a_loop_which_then_closed_comes_back():
    slots = Slots(1)
    held = slots.try_take()
    loop = asyncio.new_event_loop()

    async def start():
        task = asyncio.ensure_future(slots.take())
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(start())
    task._log_destroy_pending = False
    slots.give(held)
    loop.close()
    assert slots.try_take() is None  # notices it
    assert slots.try_take() == 0
    del task
    gc.collect()
    assert slots.try_take() is None


# Shutdown, fork and the rest.


def test_shutdown_finishes_a_job_that_must_be_sent_twice():
    """The process that knew the function was killed, and the next one asks for it."""
    with ProcessPool(1) as pool:
        assert pool.submit(one).result(SECONDS) == 1
        killed = pool.submit(wait_for, "/nowhere")
        eventually(lambda: pool._crew._running)
        assert killed.cancel()
        eventually(lambda: not pool._pending)
        future = pool.submit(one)
        pool.shutdown()
        assert future.result(0) == 1


def test_jobs_that_come_while_the_process_forks_are_sent_afterwards(make_pool):
    pool = make_pool(2)
    assert pool.submit(one).result(SECONDS) == 1
    pool.park()
    futures = [pool.submit(one) for _ in range(4)]
    pool.resume()
    assert [future.result(SECONDS) for future in futures] == [1] * 4


def test_of_two_forks_at_the_same_time_the_later_one_lets_workers_start(make_pool):
    pool = make_pool(1)
    assert pool.submit(one).result(SECONDS) == 1
    pool.park()
    pool.park()
    future = pool.submit(one)
    pool.resume()
    assert pool.backend.name == "processes" or pool._crew is None
    pool.resume()
    assert future.result(SECONDS) == 1


@needs_interpreters
def test_a_shutdown_during_a_fork_finishes_what_waits():
    pool = SubInterpreterPool(1)
    assert pool.submit(one).result(SECONDS) == 1
    pool.park()
    future = pool.submit(one)
    pool.shutdown()
    pool.resume()
    assert future.result(SECONDS) == 1
    pool.shutdown()


@needs_interpreters
def test_a_job_that_could_not_be_interrupted_for_a_fork_does_not_run_twice(monkeypatch, tmp_path, pipe):
    monkeypatch.setattr(lifecycle, "FORK_GRACE_SECONDS", 0.02)
    monkeypatch.setattr(lifecycle, "INTERRUPTED_GRACE_SECONDS", 0.02)
    log = tmp_path / "log"

    def note_and_wait(path, pipe):
        with open(path, "a") as file:
            file.write("x")
        os.close(os.open(pipe, os.O_RDONLY))

    pool = SubInterpreterPool(1)
    running = pool.submit(note_and_wait, str(log), pipe.path)
    eventually(lambda: log.exists() and log.read_text())
    old = pool._crew
    (worker,) = old.workers.values()
    with pytest.warns(RuntimeWarning, match="CPython will kill the child"):
        pool.park()
    pool.resume()
    with pytest.raises(WorkerDiedError, match="could not be interrupted"):
        running.result(SECONDS)
    futures = [pool.submit(one) for _ in range(3)]
    assert [future.result(SECONDS) for future in futures] == [1] * 3
    pipe.release()
    worker.thread.join()
    pool.shutdown()
    assert log.read_text() == "x"
    assert len(pool._spare_slots) == 1


@needs_interpreters
def test_replies_that_are_read_after_a_crew_was_closed_send_nothing():
    from fasterapi_concurrency.interpreter_crew import InterpreterCrew

    class WaitingJob:
        is_answered = False
        slot = 0

    crew = InterpreterCrew(1, 1, None, "closed")
    crew._backlog.append(WaitingJob())
    crew.close()
    crew.refill()
    assert not crew._sent


def test_what_people_put_into_sys_path_beside_text_is_ignored(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path, Path("/nowhere")])
    for kind in (ProcessPool, SubInterpreterPool):
        with kind(1) as pool:
            assert pool.submit(one).result(SECONDS) == 1


def test_a_worker_thread_that_fails_answers_its_jobs(monkeypatch):
    def fail(crew, index, job):
        raise MemoryError

    with ProcessPool(1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(ProcessCrew, "_run", fail)
            with pytest.raises(WorkerDiedError, match="MemoryError"):
                pool.submit(one).result(SECONDS)
        assert pool.submit(one).result(SECONDS) == 1


def test_where_the_last_worker_dies_and_no_other_can_be_started_the_jobs_fail(monkeypatch):
    start = threading.Thread.start
    died = []

    def fail(crew, index, job):
        died.append(job)
        raise MemoryError

    def refuse(thread):
        if died:
            raise RuntimeError("can't start new thread")
        start(thread)

    with ProcessPool(1) as pool:
        assert pool.submit(one).result(SECONDS) == 1
        with monkeypatch.context() as patch:
            patch.setattr(ProcessCrew, "_run", fail)
            patch.setattr(threading.Thread, "start", refuse)
            with pool._ports.of_threads.lock:  # nothing is settled before both are sent
                futures = [pool.submit(one) for _ in range(2)]
            for future in futures:
                with pytest.raises(WorkerDiedError):
                    future.result(SECONDS)
        assert pool.submit(one).result(SECONDS) == 1


def test_two_threads_that_ask_for_a_new_class_get_the_same_token(monkeypatch):
    class New:
        pass

    counter, tokens = definitions._counter, []

    class Slow:
        def __next__(self):
            if not tokens:
                tokens.append(None)
                other = threading.Thread(target=lambda: tokens.append(definitions.token_of(New)))
                other.start()
                other.join()
            return next(counter)

    monkeypatch.setattr(definitions, "_counter", Slow())
    tokens.append(definitions.token_of(New))
    assert tokens[1] == tokens[2]
    assert definitions._originals[tokens[1]] is New


def test_two_threads_that_ask_for_a_default_pool_get_the_same_one(monkeypatch):
    made, found = [], []

    class Slow:
        def __init__(self, name):
            if not made:
                made.append(self)
                other = threading.Thread(target=lambda: found.append(pools.default_processes()))
                other.start()
                other.join(0.2)

    monkeypatch.setattr(pools, "ProcessPool", Slow)
    pools._default_processes.cache_clear()
    try:
        found.append(pools.default_processes())
        eventually(lambda: len(found) == 2)
    finally:
        pools._default_processes.cache_clear()
    assert found[0] is found[1]
