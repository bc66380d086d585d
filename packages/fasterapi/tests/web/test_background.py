"""Work after the response: in order, each failure logged, nothing lost."""

import asyncio
import functools
import logging
import threading

import pytest

from fasterapi.background import BackgroundTask, BackgroundTasks


class Recorder:
    def __init__(self):
        self.calls = []

    def note(self, *args, **kwargs):
        self.calls.append((args, kwargs, threading.current_thread() is threading.main_thread()))

    async def note_async(self, *args, **kwargs):
        self.note(*args, **kwargs)

    async def __call__(self, *args, **kwargs):
        self.note(*args, **kwargs)


@pytest.mark.parametrize(
    ("pick", "on_loop"),
    [
        (lambda r: r.note, False),
        (lambda r: r.note_async, True),
        (lambda r: r, True),
        (lambda r: functools.partial(r.note_async), True),
    ],
)
def test_a_task_runs_where_its_kind_belongs(pick, on_loop):
    recorder = Recorder()
    asyncio.run(BackgroundTask(pick(recorder), 1, a=2)())
    assert recorder.calls == [((1,), {"a": 2}, on_loop)]


def test_tasks_run_in_order_and_those_added_meanwhile_too():
    order = []
    tasks = BackgroundTasks([BackgroundTask(order.append, 1)])

    async def add_another():
        order.append(2)
        tasks.add_task(order.append, 3)

    tasks.add_task(add_another)
    asyncio.run(tasks())
    assert order == [1, 2, 3]
    assert len(tasks.tasks) == 3


def test_run_is_another_name_for_calling():
    order = []
    asyncio.run(BackgroundTask(order.append, 1).run())
    tasks = BackgroundTasks()
    tasks.add_task(order.append, 2)
    asyncio.run(tasks.run())
    assert order == [1, 2]


def test_a_failure_is_logged_and_the_next_task_runs(caplog):
    order = []

    def broken():
        raise ValueError("secret detail")

    tasks = BackgroundTasks()
    tasks.add_task(broken)
    tasks.add_task(order.append, 1)
    with caplog.at_level(logging.ERROR, logger="fasterapi"):
        asyncio.run(tasks())
    assert order == [1]
    (record,) = caplog.records
    assert record.name == "fasterapi"
    assert "broken failed" in record.getMessage()
    assert record.exc_info[0] is ValueError


def test_cancellation_is_no_failure():
    async def main():
        tasks = BackgroundTasks()
        tasks.add_task(asyncio.sleep, 60)
        running = asyncio.create_task(tasks())
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())


def test_tasks_that_are_cut_off_are_named(caplog):
    """A server that waits no longer cancels what is left; nobody else would know of it."""

    async def send_mail():
        await asyncio.Event().wait()

    def count(): ...

    tasks = BackgroundTasks()
    tasks.add_task(send_mail)
    tasks.add_task(count)
    tasks.tasks.append(BackgroundTasks([BackgroundTask(count)]))

    async def main():
        running = asyncio.ensure_future(tasks())
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())
    name = "test_tasks_that_are_cut_off_are_named.<locals>"
    assert [record.getMessage() for record in caplog.records] == [
        f"background task {name}.send_mail was cancelled",
        f"background task {name}.count was not begun",
        f"background task ['{name}.count'] was not begun",
    ]
