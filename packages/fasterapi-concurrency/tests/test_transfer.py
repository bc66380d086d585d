"""Refusals name the culprit, the place and the way out; definitions are kept as long as they are true."""

import asyncio
import functools
import threading

import pytest

from fasterapi_concurrency import NotTransferableError, RemoteError, WorkerDiedError, remote
from fasterapi_concurrency.transfer import Shipper, describe, unpack

LOCK = threading.Lock()
CONSTANT = 1


class Thing:
    def method(self):
        return CONSTANT


def uses_lock():
    return LOCK


def uses_it_through_a_helper():
    return uses_lock()


def takes_anything(value=None, **options):
    return value


def make_closure(value):
    def inner():
        return value

    return inner


@pytest.fixture
def shipper():
    return Shipper("a sub-interpreter", by_name=False)


@pytest.fixture
def readable():
    """A refusal's text without paths and line numbers."""

    def readable(error, function):
        import re

        return re.sub(r"\(\S*\.py:\d+\)", "(app.py:12)", str(error))

    return readable


@pytest.mark.parametrize(
    ("function", "golden"),
    [
        (uses_lock, "global_refused.txt"),
        (uses_it_through_a_helper, "global_of_helper_refused.txt"),
        (make_closure(LOCK), "closure_refused.txt"),
        (functools.partial(takes_anything, LOCK), "partial_refused.txt"),
    ],
)
def test_a_refused_function_names_who_uses_what(shipper, function, golden, check_golden, readable):
    with pytest.raises(NotTransferableError) as caught:
        shipper.define(function)
    text = readable(caught.value, function)
    check_golden(golden, "\n".join(line.split(" object at ")[0] for line in text.splitlines()))


@pytest.mark.parametrize(
    ("args", "kwargs", "golden"),
    [
        ((LOCK,), {}, "argument_refused.txt"),
        ((), {"option": LOCK}, "keyword_refused.txt"),
        ((memoryview(bytes(10))[::2],), {}, "buffer_refused.txt"),
    ],
)
def test_a_refused_argument_is_named(shipper, args, kwargs, golden, check_golden, readable):
    with pytest.raises(NotTransferableError) as caught:
        shipper.pack(takes_anything, args, kwargs, None)
    check_golden(golden, readable(caught.value, takes_anything))


def test_a_definition_is_made_once(shipper):
    first = shipper.define(takes_anything)
    assert shipper.define(takes_anything) is first
    part = functools.partial(takes_anything, 1)
    assert shipper.define(part) is shipper.define(part)
    assert shipper.define("x".upper).key != shipper.define("x".upper).key  # made anew for every bound method


def test_a_definition_is_made_again_when_a_variable_is_bound_anew(shipper, monkeypatch):
    method = Thing.method
    first = shipper.define(method)
    monkeypatch.setitem(globals(), "CONSTANT", 2)
    second = shipper.define(method)
    assert second is not first
    assert shipper.define(method) is second
    monkeypatch.delitem(globals(), "CONSTANT")
    assert shipper.define(method) is not second


def test_kept_definitions_do_not_keep_functions_alive(shipper):
    import gc
    import weakref

    def recursive():
        return recursive

    part = functools.partial(takes_anything, 1)
    references = [weakref.ref(recursive), weakref.ref(part)]
    shipper.define(recursive)
    shipper.define(part)
    del recursive, part
    gc.collect()
    assert [reference() for reference in references] == [None, None]
    assert shipper._definitions == {}


def test_classes_go_by_token_once_all_live_workers_have_seen_them(shipper):
    from fasterapi_concurrency.transfer import note_holders

    thing = Thing()
    first = shipper.pack(takes_anything, (thing,), {}, {901, 902})
    assert first.tokens
    note_holders(first.tokens, 901)
    assert shipper.pack(takes_anything, (thing,), {}, {901, 902}).tokens
    note_holders(first.tokens, 902)
    second = shipper.pack(takes_anything, (thing,), {}, {901, 902})
    assert not second.tokens
    assert len(second.payload) < len(first.payload)
    assert shipper.pack(takes_anything, (thing,), {}, None).tokens


def test_large_buffers_go_beside_the_pickle(shipper):
    big = bytes(remote.LARGE_BYTES)
    packed = shipper.pack(takes_anything, (big, bytearray(big)), {"view": memoryview(b"abc")}, None)
    assert [kind for kind, _ in packed.buffers] == ["bytes", "bytearray", "memoryview"]
    assert len(packed.payload) < 200
    args, kwargs = remote.loads(
        packed.payload, buffers=[remote.receive(*buffer) for buffer in packed.buffers]
    )
    assert (type(args[0]), type(args[1]), type(kwargs["view"])) == (bytes, bytearray, memoryview)
    assert args[0] == big


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (len, "len()"),
        (Thing().method, "Thing.method() ("),
        (Thing, "Thing()"),
        (functools.partial(len), "len()"),
    ],
)
def test_functions_are_described_with_their_place(function, expected):
    assert describe(function).startswith(expected)


@pytest.mark.parametrize(
    ("kind", "data", "error"),
    [
        (remote.PICKLED, b"not a pickle", NotTransferableError),
        (remote.REFUSED, "too odd", NotTransferableError),
        (remote.CANCELLED, None, WorkerDiedError),
        (remote.DIED, "code 3", WorkerDiedError),
        (remote.FAILED, remote.dumps((b"not a pickle", "Odd: text", "traceback"), 5), RemoteError),
        (remote.FAILED, remote.dumps((remote.dumps(1, 5), "Odd: text", "traceback"), 5), RemoteError),
    ],
)
def test_bad_outcomes_are_errors(kind, data, error):
    value, found = unpack(kind, data)
    assert value is None
    assert isinstance(found, error)
