"""Slots are bounded and fair."""

import asyncio

import pytest

from fasterapi_concurrency.slots import Slots


def test_a_slot_is_held_by_one_at_a_time(run):
    slots = Slots(2)
    assert {slots.try_take(), slots.try_take()} == {0, 1}
    assert slots.try_take() is None
    slots.give(1)
    assert slots.try_take() == 1


def test_those_who_wait_go_first_and_in_order(run):
    slots = Slots(1)
    order = []

    async def wait(name):
        slot = await slots.take()
        order.append(name)
        await asyncio.sleep(0)
        slots.give(slot)

    async def main():
        held = slots.try_take()
        tasks = [asyncio.create_task(wait(n)) for n in range(4)]
        await asyncio.sleep(0.01)
        assert slots.waiting == 4
        assert slots.try_take() is None
        slots.give(held)
        assert slots.try_take() is None
        await asyncio.gather(*tasks)

    run(main())
    assert order == [0, 1, 2, 3]


def test_a_waiter_that_leaves_gives_its_slot_on(run):
    slots = Slots(1)

    async def main():
        held = slots.try_take()
        leaving, staying = asyncio.create_task(slots.take()), asyncio.create_task(slots.take())
        await asyncio.sleep(0.01)
        slots.give(held)  # granted to the first, which has not heard of it
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert await asyncio.wait_for(staying, 5) == 0
        granted = asyncio.create_task(slots.take())
        await asyncio.sleep(0)
        slots.give(0)
        await asyncio.sleep(0)
        granted.cancel()  # it has its slot, but has not run since
        with pytest.raises(asyncio.CancelledError):
            await granted
        await asyncio.sleep(0)

    run(main())
    assert slots.try_take() == 0


def test_waiters_of_a_closed_loop_are_passed_over(run):
    slots = Slots(1)
    held = slots.try_take()
    loop = asyncio.new_event_loop()
    coroutine = slots.take()

    async def start():
        task = asyncio.ensure_future(coroutine)
        await asyncio.sleep(0)
        return task

    task = loop.run_until_complete(start())
    loop.close()
    slots.give(held)
    assert slots.try_take() == 0
    task._log_destroy_pending = False
    del task
    slots.fail_waiters(ValueError("x"))


def test_waiters_can_be_failed(run):
    slots = Slots(0)

    async def main():
        task = asyncio.create_task(slots.take())
        gone = asyncio.create_task(slots.take())
        await asyncio.sleep(0.01)
        slots.fail_waiters(ValueError("closed"))
        gone.cancel()
        return await asyncio.gather(task, gone, return_exceptions=True)

    failed, gone = run(main())
    assert isinstance(failed, ValueError)
    assert isinstance(gone, asyncio.CancelledError)
