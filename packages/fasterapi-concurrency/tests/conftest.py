"""Pools of both kinds for the rules that hold for both, and a module that refuses to load in workers."""

import asyncio
import os
import threading
from pathlib import Path

import pytest
from hypothesis import settings

from fasterapi_concurrency import ProcessPool, SubInterpreterPool

# Whatever the profile: a slow machine is no failure. Time is measured in `benchmarks/`, never in tests.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")

KINDS = {"interpreters": SubInterpreterPool, "processes": ProcessPool}


@pytest.fixture(scope="session", params=KINDS)
def shared_pool(request):
    """One pool of each kind for all tests that leave nothing behind in it."""
    with KINDS[request.param](2, name=f"shared-{request.param}") as pool:
        yield pool


@pytest.fixture(params=KINDS)
def make_pool(request):
    """Pools of each kind that a test may break; they are shut down at its end."""
    made = []

    def make(*args, **kwargs):
        pool = KINDS[request.param](*args, **kwargs)
        made.append(pool)
        return pool

    yield make
    for pool in made:
        # In a thread: after a failed test nobody else watches the clock (pytest-timeout has stopped by then).
        ending = threading.Thread(target=pool.shutdown, kwargs={"cancel_futures": True}, daemon=True)
        ending.start()
        ending.join(60)
        assert not ending.is_alive(), f"{pool!r} does not end"


class Pipe:
    """A named pipe; whoever opens it to read is held up, in C, until `release`."""

    def __init__(self, path):
        self.path = str(path)
        os.mkfifo(path)

    def release(self):
        """Wait for somebody to be held up, and let them go on."""
        os.close(os.open(self.path, os.O_WRONLY))


@pytest.fixture
def pipe(tmp_path):
    return Pipe(tmp_path / "pipe")


@pytest.fixture
def run():
    """Run a coroutine to its end in an event loop of its own."""
    return asyncio.run


@pytest.fixture
def check_golden():
    """Compare a text with a file under `golden/`; refresh the files with UPDATE_GOLDEN=1."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert text == path.read_text(), f"{name} changed; run with UPDATE_GOLDEN=1 and read the diff"

    return check


@pytest.fixture
def refusing_package(tmp_path, monkeypatch):
    """An installed package that only the main interpreter of this process can import."""
    package = tmp_path / "site-packages" / "refusing_package"
    package.mkdir(parents=True)
    guard = f"import os, threading\nif os.environ.get('REFUSE') != '0' and os.getpid() == {os.getpid()}:\n"
    package.joinpath("__init__.py").write_text(
        "import sys\n"
        "main = 'pytest' in sys.modules\n"
        "if not main:\n"
        "    raise ImportError('this package does not support loading in subinterpreters')\n"
        "def answer():\n"
        "    return 42\n"
        "class Thing:\n"
        "    pass\n"
    )
    del guard
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    return "refusing_package"
