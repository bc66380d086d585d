"""What several threads do at once: nothing is lost between somebody's look and their grasp.

Each test stops one thread between the two, lets another do its whole work there if it can, and goes on.
"""

import os
import sys
import threading
import time
from collections import deque

import pytest

from fasterapi_concurrency.slots import Slots

LOOK_SECONDS = 0.1  # how long the others get; a thread that is rightly locked out uses it up


def meanwhile(work):
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(LOOK_SECONDS)
    return thread


class Watched(deque):
    """A deque that lets somebody else go ahead right after it was looked at for the last item."""

    then = None

    def __bool__(self):
        is_full = len(self) > 0
        if len(self) == 1 and self.then is not None:
            work, self.then = self.then, None
            self.thread = meanwhile(work)
        return is_full


class Counted(set):
    """A set that lets somebody else go ahead right after its size was read."""

    then = None

    def __len__(self):
        size = super().__len__()
        if self.then is not None:
            work, self.then = self.then, None
            self.thread = meanwhile(work)
        return size


def test_the_last_free_slot_goes_to_one(run):
    slots = Slots(1)
    taken = []
    slots._free = Watched(slots._free)
    slots._free.then = lambda: taken.append(slots.try_take())
    taken.append(slots.try_take())
    slots._free.thread.join(10)
    assert sorted(taken, key=str) == [0, None]


def wait_for(path):
    while not os.path.exists(path):
        time.sleep(0.005)
    return 1


def test_replies_that_are_read_while_shutdown_looks_through_the_jobs_do_not_stop_it(make_pool, tmp_path):
    """It once ended with `dictionary changed size during iteration`, and no worker was told to stop."""
    pool = make_pool(1)
    futures = [pool.submit(wait_for, str(tmp_path / "go")) for _ in range(3)]
    worker_of = pool._crew.worker_of

    def answer_all_and_look(job):
        (tmp_path / "go").touch()
        assert [future.result(30) for future in futures] == [1] * 3
        return worker_of(job)

    pool._crew.worker_of = answer_all_and_look
    pool.shutdown(cancel_futures=True)  # which looks for those that no worker has taken
    assert pool._crew is None


class Crew:
    """An `InterpreterCrew` without workers, whose queue can be read."""

    def __init__(self):
        from fasterapi_concurrency.interpreter_crew import InterpreterCrew

        self.crew = InterpreterCrew(1, 8, None, "raced")
        self.crew.workers[0] = None
        self.sent = []
        self.crew._put = self._put
        self.crew._jobs.close()
        self.crew._jobs = self
        self.rings = 0
        self.crew._jobs_bell.close()
        self.crew._jobs_bell = self

    def _put(self, job):
        self.crew._sent.add(job.slot)
        self.sent.append(job.slot)
        return True

    def put(self, item):
        self.sent.append(item)

    def ring(self, times=1):
        self.rings += times


class WaitingJob:
    is_answered = False

    def __init__(self, slot):
        self.slot = slot


@pytest.fixture
def raced(monkeypatch):
    if sys.version_info < (3, 13):
        pytest.skip("no interpreters")
    from fasterapi_concurrency import interpreter_crew

    monkeypatch.setattr(interpreter_crew, "WINDOW", 2)
    return Crew()


def test_stopping_a_crew_while_replies_make_room_sends_every_job_once_and_before_the_end(raced):
    """Both empty the backlog: the slower one finds it empty, which once ended `shutdown` with an IndexError."""
    crew = raced.crew
    crew._backlog = Watched([WaitingJob(1), WaitingJob(2), WaitingJob(3)])

    def answer():
        crew.release(WaitingJob(1))
        crew.refill()

    crew._backlog.then = answer
    crew.stop(at_once=False)
    crew._backlog.thread.join(10)
    assert raced.sent == [1, 2, 3, None]
    assert raced.rings == 4


def test_a_job_that_found_the_window_full_is_sent_though_the_last_reply_came_meanwhile(raced):
    """Nobody would have looked into the backlog again."""
    crew = raced.crew
    crew._sent = Counted([1, 2])

    def answer():
        crew.release(WaitingJob(1))
        crew.release(WaitingJob(2))
        crew.refill()

    crew._sent.then = answer
    if crew.send(WaitingJob(3)):
        crew.ring(1)
    crew._sent.thread.join(10)
    assert raced.sent == [3]
    assert raced.rings == 1
