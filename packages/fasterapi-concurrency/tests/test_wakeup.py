"""Bells count, on every system."""

import threading

import pytest

from fasterapi_concurrency.wakeup import HAS_EVENTFD, Bell

WAYS = [False, True] if HAS_EVENTFD else [False]


@pytest.mark.parametrize("eventfd", WAYS)
def test_rings_are_counted(eventfd):
    bell = Bell(eventfd=eventfd)
    assert bell.drain() == 0
    bell.ring()
    bell.ring(2)
    assert bell.drain() == 3
    assert bell.drain() == 0
    assert bell.fileno() == bell.token[0]
    bell.close()
    bell.close()
    assert bell.drain() == 0


@pytest.mark.parametrize("eventfd", WAYS)
def test_a_shared_bell_wakes_as_many_threads_as_it_rings(eventfd):
    bell = Bell(is_shared=True, eventfd=eventfd)
    awake = []
    threads = [threading.Thread(target=lambda: awake.append(bell.wait()), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    bell.ring(3)
    for thread in threads:
        thread.join()
    assert len(awake) == 3


@pytest.mark.parametrize("eventfd", WAYS)
def test_a_blocking_bell_waits_for_the_first_ring(eventfd):
    bell = Bell(blocks=True, eventfd=eventfd)
    threading.Timer(0.02, bell.ring).start()
    assert bell.drain() == 1
