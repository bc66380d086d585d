"""The collector of cycles is as it was after what was made without it."""

import gc

import pytest

from fasterapi import Faster
from fasterapi._collector import collector_paused
from fasterapi.testclient import TestClient


@pytest.fixture(params=[True, False], ids=["enabled", "disabled"])
def was_enabled(request):
    before = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if before else gc.disable)()


def test_the_collector_is_paused_inside_and_as_it_was_afterwards(was_enabled):
    with collector_paused():
        assert not gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled() is was_enabled


def test_an_error_inside_leaves_the_collector_as_it_was(was_enabled):
    with pytest.raises(ZeroDivisionError), collector_paused():
        1 / 0
    assert gc.isenabled() is was_enabled


def test_a_table_and_a_document_leave_the_collector_as_it_was(was_enabled):
    with TestClient(Faster()) as client:
        assert client.get("/openapi.json").status_code == 200
    assert gc.isenabled() is was_enabled
