"""Jobs become outcomes, whatever they do."""

import ctypes
import pickle
import threading

import pytest

from fasterapi_concurrency import remote
from fasterapi_concurrency.transfer import unpack


@pytest.fixture(autouse=True)
def forget():
    yield
    remote.functions.clear()


def call(function, *args, **kwargs):
    remote.functions[1] = function
    return remote.serve([0], 5, (1, None, pickle.dumps((args, kwargs)), None))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, remote.VALUE),
        (True, remote.VALUE),
        (2**63 - 1, remote.VALUE),
        (-(2**63), remote.VALUE),
        (2**63, remote.PICKLED),
        (1.5, remote.VALUE),
        ("x", remote.VALUE),
        (b"x", remote.VALUE),
        (bytearray(b"x"), remote.PICKLED),
        (bytearray(100_000), remote.BYTEARRAY),
        ([1, {"a": (2,)}], remote.PICKLED),
    ],
)
def test_results_take_the_cheapest_way_and_arrive_equal(value, kind):
    outcome = call(lambda: value)
    assert outcome[0] == kind
    result, error = unpack(*outcome)
    assert error is None
    assert result == value
    assert type(result) is type(value)


def test_a_function_that_the_worker_has_not_is_missing():
    assert remote.run_job(99, None, b"", None) == (remote.MISSING, None)
    assert remote.run_job(99, pickle.dumps(abs), pickle.dumps(((-1,), {})), None) == (remote.VALUE, 1)
    assert remote.run_job(99, None, pickle.dumps(((-2,), {})), None) == (remote.VALUE, 2)


def test_the_oldest_function_is_dropped_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(remote, "MAX_FUNCTIONS", 2)
    for key in (1, 2, 3):
        remote.run_job(key, pickle.dumps(abs), pickle.dumps(((-1,), {})), None)
    assert list(remote.functions) == [2, 3]


def test_failures_are_described_even_if_they_cannot_be_pickled_or_shown():
    class Local(Exception):
        def __str__(self):
            raise ValueError("no text")

    def fail():
        raise Local

    kind, data = call(fail)
    pickled, summary, text = pickle.loads(data)
    assert (kind, pickled) == (remote.FAILED, None)
    assert "Local" in summary
    assert text


def test_a_result_that_cannot_be_pickled_is_refused_with_its_type():
    kind, text = call(threading.Lock)
    assert kind == remote.REFUSED
    assert "_thread.lock" in text


def test_an_interruption_is_an_outcome_even_if_it_comes_late(monkeypatch):
    def interrupt_self():
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(threading.get_ident()), ctypes.py_object(remote.JobCancelled)
        )

    def interrupted():
        interrupt_self()
        while True:
            pass

    def fails_just_then():
        raise ValueError

    current = [0]
    remote.functions[1] = interrupted
    assert remote.serve(current, 5, (1, None, pickle.dumps(((), {})), None)) == (remote.CANCELLED, None)
    monkeypatch.setattr(remote, "run_job", lambda *call: interrupt_self() or (remote.VALUE, 1))
    assert remote.serve(current, 5, (1, None, None, None)) == (remote.CANCELLED, None)
    assert current == [0]


@pytest.mark.parametrize(
    ("name", "expected"), [("json", None), ("no_such_module", "No module named 'no_such_module'")]
)
def test_probing_a_module_tells_why_it_does_not_load(name, expected):
    found = remote.probe(name)
    assert found is None if expected is None else expected in found


def test_classes_travel_back_by_their_token():
    class Sent:
        pass

    remote.register(12345, Sent)
    try:
        assert remote.known_class(12345) is Sent
        assert pickle.loads(remote.dump([1])) == [1]
        remote.originals[12345] = Sent
        assert type(pickle.loads(remote.dump(Sent()))) is Sent
    finally:
        del remote.tokens[Sent], remote.classes[12345]
    with pytest.raises(remote.DefinitionMissing):
        remote.known_class(12345)
    with pytest.raises(KeyError):
        remote.original_class(-1)
