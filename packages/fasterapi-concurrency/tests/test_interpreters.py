"""What this Python offers is found out in one place, and said in one sentence when it is not what we expect."""

import subprocess
import sys

import pytest

from fasterapi_concurrency import BackendUnavailableError, ProcessPool, SubInterpreterPool, interpreters

needs_interpreters = pytest.mark.skipif(sys.version_info < (3, 13), reason="no interpreters")


@pytest.fixture(autouse=True)
def check_anew():
    interpreters.check.cache_clear()
    interpreters._put_extra.cache_clear()
    yield
    interpreters.check.cache_clear()
    interpreters._put_extra.cache_clear()


def test_a_pool_says_what_runs_its_work_and_why():
    backend = SubInterpreterPool().backend
    assert backend.name == ("interpreters" if sys.version_info >= (3, 13) else "processes")
    assert "sub-interpreters" in backend.reason
    assert str(ProcessPool().backend) == "processes: asked for by ProcessPool"


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="has interpreters")
def test_older_pythons_are_refused_here():
    with pytest.raises(BackendUnavailableError, match="came with CPython 3.13"):
        interpreters.check()


@needs_interpreters
def test_the_work_runs_in_other_interpreters_with_their_own_gil():
    def where():
        import threading

        import _interpreters

        number = _interpreters.get_current()[0]
        return number, _interpreters.get_config(number).gil, threading.get_native_id()

    with SubInterpreterPool(1) as pool:
        number, gil, thread = pool.submit(where).result()
        (worker,) = pool._crew.workers.values()
        assert (number != 0, gil, thread) == (True, "own", worker.thread.native_id)


@needs_interpreters
def test_values_pass_through_a_queue_in_order():
    queue = interpreters.CrossQueue()
    try:
        for item in (1, "a", (None, b"x", 1.5)):
            queue.put(item)
        assert queue.count() == 3
        assert [queue.get() for _ in range(3)] == [1, "a", (None, b"x", 1.5)]
    finally:
        queue.close()


@needs_interpreters
def test_an_interpreter_runs_source_and_returns_the_text_of_its_error():
    interpreter = interpreters.Interpreter()
    try:
        assert interpreter.run("assert number == 3", {"number": 3}) is None
        assert "ZeroDivisionError" in interpreter.run("1 / 0", {})
    finally:
        interpreter.close()


class Changed:
    """A release whose queues behave otherwise."""

    def __init__(self, received):
        self.received = received

    def put(self, item):
        if isinstance(self.received, Exception):
            raise self.received

    def get(self):
        return self.received

    def count(self):
        return 1

    def close(self):
        pass


@needs_interpreters
@pytest.mark.parametrize(
    ("received", "found"),
    [((2, 3), "a queue that returned (2, 3)"), (TypeError("put() takes 7 arguments"), "takes 7 arguments")],
)
def test_a_changed_release_is_one_clear_message(monkeypatch, received, found):
    monkeypatch.setattr(interpreters, "CrossQueue", lambda: Changed(received))
    pool = SubInterpreterPool(1)
    with pytest.raises(BackendUnavailableError) as caught:
        pool._make_crew(1)
    text = str(caught.value)
    assert found in text
    assert "fix: update fasterapi-concurrency, or use ProcessPool" in text


@pytest.mark.skipif(sys.version_info[:2] != (3, 13), reason="the private API of 3.13")
def test_the_signature_of_the_private_put_is_found_out(monkeypatch):
    import _interpqueues

    assert interpreters._put_extra() == (0, 1)
    interpreters._put_extra.cache_clear()

    def refuse(*args):
        raise TypeError

    monkeypatch.setattr(_interpqueues, "put", refuse)
    with pytest.raises(TypeError, match="none of the known signatures"):
        interpreters._put_extra()


@needs_interpreters
def test_ctypes_is_loaded_here_before_any_interpreter_can_load_it():
    """Two interpreters that load it first at the same time crash the process (a table of `_ctypes` is shared)."""
    program = """
import subprocess
import sys
import fasterapi_concurrency.interpreters as interpreters
before = "ctypes" in sys.modules
interpreter = interpreters.Interpreter()
print(before, "ctypes" in sys.modules)
interpreter.close()
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout) == (0, "False True\n"), done.stderr
