"""The same question to Starlette and to this framework, answered by both; skipped where Starlette is absent."""

import importlib
import importlib.util
import re
from types import SimpleNamespace

import pytest

# Without Starlette there is nothing to compare with.
collect_ignore_glob = [] if importlib.util.find_spec("starlette") else ["test_*.py"]

MODULES = ["datastructures", "endpoints", "formparsers", "requests", "responses", "staticfiles", "websockets"]


def load(package):
    return SimpleNamespace(**{name: importlib.import_module(f"{package}.{name}") for name in MODULES})


@pytest.fixture(scope="session")
def libraries():
    """(Starlette, this framework), each with its modules as attributes."""
    return load("starlette"), load("fasterapi")


def outcome(function, *args, **kwargs):
    """What a function gives: its value, or the kind of error."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return f"error {error.status_code}" if type(error).__name__ == "HTTPException" else "error"


@pytest.fixture(name="outcome")
def _outcome():
    return outcome


def seen(answer):
    """What a client sees of an answer; without what differs from run to run or is free to choose."""
    boundary = re.search(rb"boundary=(\w+)", dict(answer.raw_headers).get(b"content-type", b""))
    body, headers = answer.body, []
    for name, value in answer.raw_headers:
        if boundary:
            value = value.replace(boundary[1], b"BOUNDARY")
        headers.append((name, b"ETAG" if name == b"etag" else value))
    if boundary:
        body = body.replace(boundary[1], b"BOUNDARY")
    return answer.status, sorted(headers), body


@pytest.fixture(name="seen")
def _seen():
    return seen


@pytest.fixture
def agree(libraries, outcome):
    """Ask both libraries; the answers must be equal."""

    def check(function, *args):
        theirs, ours = (outcome(function, library, *args) for library in libraries)
        assert ours == theirs

    return check
