"""Mailboxes belong to loops."""

import asyncio
import gc
import threading

from fasterapi_concurrency import mailbox, run_in_threadpool
from fasterapi_concurrency.mailbox import Mailbox


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    def add_reader(self, *args):
        raise NotImplementedError


def test_a_loop_keeps_its_mailbox_and_takes_it_along(run):
    async def main():
        loop = asyncio.get_running_loop()
        assert Mailbox.of(loop) is Mailbox.of(loop)
        assert len(mailbox._mailboxes) >= 1

    gc.collect()
    before = len(mailbox._mailboxes)
    for _ in range(3):
        run(main())
    gc.collect()
    assert len(mailbox._mailboxes) == before


def test_posts_settle_futures_from_any_thread_and_leave_done_ones_alone(run):
    async def main():
        loop = asyncio.get_running_loop()
        box = Mailbox.of(loop)
        value, error, cancelled = [loop.create_future() for _ in range(3)]
        cancelled.cancel()

        def post():
            box.post(value, 1, None)
            box.post(error, None, ValueError("x"))
            box.post(cancelled, 2, None)

        threading.Thread(target=post).start()
        return await asyncio.gather(value, error, cancelled, return_exceptions=True)

    value, error, cancelled = run(main())
    assert value == 1
    assert isinstance(error, ValueError)
    assert isinstance(cancelled, asyncio.CancelledError)


def test_loops_that_watch_no_descriptors_are_called_instead():
    kept = []

    async def main():
        kept.append(Mailbox.of(asyncio.get_running_loop()))
        return [await run_in_threadpool(lambda: n) for n in range(3)]

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        assert runner.run(main()) == [0, 1, 2]
        future = runner.get_loop().create_future()
    kept[0].post(future, 1, None)  # the loop is closed: nobody waits
    assert not future.done()
