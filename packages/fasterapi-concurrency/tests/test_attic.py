"""Idle interpreters are kept only where destroying them leaks, and never across a fork."""

import sys

import pytest

from fasterapi_concurrency import attic as module
from fasterapi_concurrency.attic import Attic

pytestmark = pytest.mark.skipif(sys.version_info < (3, 13), reason="no interpreters")


class Fake:
    closed = 0

    def close(self):
        self.closed += 1


def test_no_more_are_kept_than_allowed_and_they_are_used_again(monkeypatch):
    monkeypatch.setattr(module, "MAX_KEPT", 1)
    attic, first, second = Attic(), Fake(), Fake()
    attic.store(first)
    attic.store(second)
    assert (first.closed, second.closed) == (0, 1)
    assert attic.fetch() is first


def test_an_empty_attic_makes_new_ones():
    interpreter = Attic().fetch()
    assert interpreter.number > 0
    interpreter.close()


@pytest.mark.parametrize("end", [Attic.park, lambda attic: attic.close_at_exit(0.0)])
def test_all_are_destroyed_before_a_fork_and_at_exit_and_so_are_late_ones(monkeypatch, end):
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    attic, early, late, after = Attic(), Fake(), Fake(), Fake()
    attic.store(early)
    end(attic)
    attic.store(late)
    assert (early.closed, late.closed) == (1, 1)
    attic.resume()
    attic.store(after)
    assert after.closed == 0
    attic.reset()
