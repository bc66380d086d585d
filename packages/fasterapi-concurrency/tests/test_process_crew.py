"""Processes are started, ended, killed and forgotten."""

import os
import subprocess
import sys

import pytest

from fasterapi_concurrency import ProcessPool, WorkerDiedError, process_crew
from fasterapi_concurrency.process_crew import Child, ReplyList


def test_a_child_that_does_not_end_is_killed(monkeypatch):
    monkeypatch.setattr(process_crew, "_END_SECONDS", 0.01)
    child = Child()
    child.process.send_signal(19)  # stopped: it reads nothing
    assert child.end() == -9


def test_an_idle_child_ends_by_itself():
    assert Child().end() == 0


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_forgotten_child_lives_on_without_us():
    child = Child()
    pid = child.process.pid
    other = os.dup(child._fds[0])
    child.forget()
    assert child.process.poll() == 0
    os.kill(pid, 0)
    os.close(other)
    assert os.waitpid(pid, 0)[0] == pid


def test_a_python_that_cannot_be_started_fails_the_job(monkeypatch):
    with ProcessPool(1) as pool:
        monkeypatch.setattr(sys, "executable", "/no/such/python")
        with pytest.raises(WorkerDiedError, match="cannot be started"):
            pool.submit(abs, -1).result(10)
        monkeypatch.undo()
        assert pool.submit(abs, -1).result(10) == 1


def test_replies_are_a_queue():
    replies = ReplyList()
    replies.put((1, 2, 3, None))
    assert replies.count() == 1
    assert replies.get() == (1, 2, 3, None)
    replies.put((1, 2, 3, None))
    replies.close()
    assert replies.count() == 0


def test_jobs_print_to_our_standard_output():
    program = "from fasterapi_concurrency import ProcessPool\nwith ProcessPool(1) as p: p.submit(print, 'hello').result()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.returncode) == ("hello\n", 0), done.stderr
