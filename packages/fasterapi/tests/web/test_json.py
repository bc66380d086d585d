"""JSON bodies, and the one exception for those that are none."""

import json
import pickle

import msgspec
import pytest

from fasterapi.requests import MalformedJSON
from fasterapi.requests._json import decode_json


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a": [1, 2.5, null, true]}', {"a": [1, 2.5, None, True]}),
        ('"ü"', "ü"),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b" 1 ", 1),
        (b"1" * 30, 10**30 // 9),
    ],
)
def test_json(data, expected):
    assert decode_json(data) == expected


HOSTILE = [
    (b"", 0),
    (b"{", 1),
    (b'{"a": 1,}', 8),
    (b"[1 2]", 3),
    (b"{'a': 1}", 1),
    (b"NaN", 0),
    (b"[Infinity]", 0),
    (b'"\xff"', 0),
    (b'"\\ud800"', 0),
    (b"\xef\xbb\xbf{}", 0),
    (b"[" * 100_000, 0),
    (b"1e999x", 0),
    (b"[NaN," + b"[" * 100_000, 0),
]


@pytest.mark.parametrize("data", [data for data, _ in HOSTILE], ids=[str(data[:10]) for data, _ in HOSTILE])
def test_what_is_no_json_is_one_error(data):
    with pytest.raises(MalformedJSON) as caught:
        decode_json(data)
    assert isinstance(caught.value, json.JSONDecodeError)
    assert isinstance(caught.value, msgspec.DecodeError)


@pytest.mark.parametrize(("data", "position"), [(b"{", 1), (b"[1 2]", 3)])
def test_the_error_knows_the_place(data, position):
    with pytest.raises(MalformedJSON) as caught:
        decode_json(data)
    assert (caught.value.pos, caught.value.doc) == (position, data.decode())


def test_the_error_can_be_pickled():
    error = pickle.loads(pickle.dumps(MalformedJSON("bad", "{", 1)))
    assert (error.msg, error.pos) == ("bad", 1)
