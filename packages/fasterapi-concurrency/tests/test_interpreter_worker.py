"""The worker's loop, run in a thread of this interpreter."""

import ctypes
import pickle
import sys
import threading

import pytest

from fasterapi_concurrency import interpreter_worker as worker
from fasterapi_concurrency import remote
from fasterapi_concurrency.wakeup import HAS_EVENTFD, Bell

SLOTS, INDICES = 4, 2


class Queues:
    """Queues by number, as between interpreters."""

    def __init__(self):
        self.items = {}

    def put(self, number, item):
        if item == (5, 7, remote.VALUE, "refused"):
            raise ValueError("not shareable")
        self.items.setdefault(number, []).append(item)

    def get(self, number):
        return self.items[number].pop(0)


@pytest.fixture(params=[False, True] if HAS_EVENTFD else [False])
def started(request, monkeypatch):
    """A worker with the index 0 and the uid 7, and what it shares with its pool."""
    monkeypatch.setattr(worker, "THREADS_GRACE_SECONDS", 0.01)
    queues, table = Queues(), memoryview(bytearray(2 * (INDICES + 2 * SLOTS))).cast("H")
    jobs, orders, replies = [Bell(is_shared=True, eventfd=request.param) for _ in range(3)]
    setup = worker.Setup(
        0, 7, SLOTS, INDICES, INDICES + SLOTS, 1, *jobs.token, 2, *orders.token, int(request.param)
    )
    queues.put(2, table[:])
    orders.ring()
    interval = sys.getswitchinterval()
    thread = threading.Thread(target=worker.main, args=(setup, queues.put, queues.get), daemon=True)
    thread.start()

    def send(job, function, *args):
        payload = pickle.dumps((args, {}))
        queues.put(1, (job, 3, replies.token[1], job, pickle.dumps(function), payload, None))
        jobs.ring()

    def answer():
        replies.wait()
        return queues.get(3)

    yield queues, table, jobs, orders, send, answer
    queues.put(1, None)
    jobs.ring()
    thread.join(10)
    sys.setswitchinterval(interval)
    remote.functions.clear()
    assert not thread.is_alive()


def test_jobs_are_answered_with_their_number_and_the_workers_uid(started):
    _, table, _, _, send, answer = started
    send(5, abs, -3)
    assert answer() == (5, 7, remote.VALUE, 3)
    assert table[INDICES + 5 % SLOTS] == 1  # taken by the worker with the index 0


def test_a_job_that_nobody_wants_is_skipped(started):
    _, table, _, _, send, answer = started
    table[INDICES + SLOTS + 6 % SLOTS] = worker.turn_of(6, SLOTS)
    send(6, abs, -3)
    assert answer() == (6, 7, remote.CANCELLED, None)


def test_a_job_is_not_skipped_for_an_earlier_one_that_had_its_slot(started):
    _, table, _, _, send, answer = started
    table[INDICES + SLOTS + 6 % SLOTS] = worker.turn_of(6, SLOTS)
    send(6 + SLOTS, abs, -3)
    assert answer() == (6 + SLOTS, 7, remote.VALUE, 3)


def test_turns_of_a_slot_fit_into_a_cell_and_are_never_nothing():
    assert worker.turn_of(2**63, 1) < 2**16
    assert worker.turn_of(65535 * 4, 4) == worker.turn_of(0, 4) == 1


def test_an_answer_that_cannot_cross_becomes_a_failure(started):
    _, _, _, _, send, answer = started
    send(5, str, "refused")
    job, uid, kind, data = answer()
    assert (job, uid, kind) == (5, 7, remote.FAILED)
    assert "not shareable" in pickle.loads(data)[1]


def run_until_interrupted(begun):
    BEGUN[begun].set()
    while True:
        pass


BEGUN = {}


def test_only_the_ordered_job_is_interrupted(started):
    queues, _, _, orders, send, answer = started
    BEGUN[1] = threading.Event()
    send(9, run_until_interrupted, 1)
    assert BEGUN[1].wait(10)
    for order in (0, 8, 9):
        queues.put(2, order)
        orders.ring()
    assert answer() == (9, 7, remote.CANCELLED, None)
    send(10, abs, -1)
    assert answer()[3] == 1


def test_a_worker_that_shall_stop_gives_the_ring_back(started):
    queues, table, jobs, _, send, answer = started
    table[0] = worker.STOPPING
    jobs.ring()
    jobs.wait()  # what the worker took and gave back; blocks otherwise


def test_threads_that_stay_are_told_of(started):
    release = threading.Event()
    other = threading.Thread(target=release.wait, args=(30,), daemon=True)
    queues, table, jobs, _, _, _ = started
    assert ctypes is not None
    other.start()
    queues.put(1, None)
    jobs.ring()
    try:
        for _ in range(1000):
            if table[0] in (worker.ENDING, worker.THREADS_LEFT):
                break
            threading.Event().wait(0.01)
        assert table[0] in (worker.ENDING, worker.THREADS_LEFT)
    finally:
        release.set()
        other.join()
