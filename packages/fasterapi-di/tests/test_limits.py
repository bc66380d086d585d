"""A declaration admits so many calls at a time: per event loop, or among all threads."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from fasterapi_di import Depends, inject


class Gauge:
    """Count who is inside, and remember the most."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        with self.lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def __exit__(self, *_: Any) -> None:
        with self.lock:
            self.inside -= 1


async def several(function: Any, count: int = 6) -> list[Any]:
    return await asyncio.gather(*(function() for _ in range(count)), return_exceptions=True)


@pytest.mark.parametrize("most", [1, 2])
def test_coroutine_functions(most: int) -> None:
    gauge = Gauge()

    async def get_slow() -> None:
        with gauge:
            await asyncio.sleep(0.001)

    @inject
    async def target(slow: None = Depends(get_slow, max_concurrency=most)) -> None: ...

    asyncio.run(several(target))
    assert gauge.most == most
    asyncio.run(several(target))  # another loop has a semaphore of its own
    assert gauge.most == most


def test_generators_hold_their_place_until_the_exit() -> None:
    gauge = Gauge()

    async def open_slow() -> Any:
        with gauge:
            yield

    @inject
    async def target(slow: None = Depends(open_slow, max_concurrency=2)) -> None:
        await asyncio.sleep(0.001)

    asyncio.run(several(target))
    assert gauge.most == 2


def test_a_failed_generator_gives_its_place_back() -> None:
    def open_broken() -> Iterator[None]:
        raise LookupError
        yield

    @inject
    async def target(broken: None = Depends(open_broken, max_concurrency=1)) -> None: ...

    assert [type(error) for error in asyncio.run(several(target))] == [LookupError] * 6


def test_places_are_taken_before_the_thread() -> None:
    gauge = Gauge()
    pause = threading.Event()

    def get_slow() -> None:
        with gauge:
            pause.wait(0.002)

    @inject(threads=True)
    async def target(slow: None = Depends(get_slow, max_concurrency=1)) -> None: ...

    asyncio.run(several(target))
    assert gauge.most == 1


def test_without_a_loop_the_threads_share_one_limit() -> None:
    gauge = Gauge()
    pause = threading.Event()

    def open_slow() -> Iterator[None]:
        with gauge:
            yield

    @inject
    def target(slow: None = Depends(open_slow, max_concurrency=2)) -> None:
        pause.wait(0.002)

    threads = [threading.Thread(target=target) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert gauge.most <= 2


def test_each_declaration_counts_for_itself() -> None:
    gauge = Gauge()

    async def get_slow() -> None:
        with gauge:
            await asyncio.sleep(0.001)

    @inject
    async def first(slow: None = Depends(get_slow, max_concurrency=1)) -> None: ...

    @inject
    async def second(slow: None = Depends(get_slow, max_concurrency=1)) -> None: ...

    async def both() -> None:
        await asyncio.gather(several(first), several(second))

    asyncio.run(both())
    assert gauge.most == 2


def test_an_overridden_dependency_keeps_the_declared_limit() -> None:
    gauge = Gauge()

    async def get_slow() -> None: ...

    async def get_other() -> None:
        with gauge:
            await asyncio.sleep(0.001)

    @inject(overrides={get_slow: get_other})
    async def target(slow: None = Depends(get_slow, max_concurrency=1)) -> None: ...

    asyncio.run(several(target))
    assert gauge.most == 1
