"""What callers of a pool may rely on, whatever its workers are."""

import asyncio
import dataclasses
import enum
import functools
import importlib
import json
import os
import sys
import threading
import time
from collections import namedtuple

import pytest

from fasterapi_concurrency import (
    InvalidLimitError,
    JobTimeoutError,
    NotTransferableError,
    PoolClosedError,
    ProcessPool,
    QueueFullError,
    RemoteError,
    SubInterpreterPool,
    WorkerDiedError,
)

FACTOR = 3
Point = namedtuple("Point", "x y")


def triple(n):
    return n * FACTOR


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def is_even(n):
    return n == 0 or is_odd(n - 1)


def is_odd(n):
    return n != 0 and is_even(n - 1)


@functools.lru_cache(maxsize=None)
def cached_fib(n):
    return n if n < 2 else cached_fib(n - 1) + cached_fib(n - 2)


@dataclasses.dataclass
class Account:
    owner: str
    lines: list = dataclasses.field(default_factory=list)

    @property
    def total(self):
        return sum(self.lines)

    def plus(self, amount):
        return Account(self.owner, [*self.lines, amount])


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2

    def opposite(self):
        return Level.LOW if self is Level.HIGH else Level.HIGH


class Broke(Exception):
    def __init__(self, owner, missing):
        super().__init__(owner, missing)
        self.missing = missing


class Picky(Exception):
    def __init__(self, *, only_by_name):
        super().__init__("picky")


def overdraw(account):
    raise Broke(account.owner, 5)


def raise_picky():
    raise Picky(only_by_name=1)


def add(a, b=10, *, c=100):
    return a + b + c


def spin():
    while True:
        pass


def stubborn():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def die():
    os._exit(3)


def nap(seconds):
    time.sleep(seconds)
    return seconds


def use_helpers(n):
    return helpers.grow(n) + helpers.BASE


def use_helpers_as_a_value():
    return vars(helpers)


def use_refused():
    return refused.answer()


def make_counter():
    count = 0

    def increase():
        nonlocal count
        count += 1

    def work(times):
        for _ in range(times):
            increase()
        return count

    return work


def describe_account(account):
    return type(account).__name__, isinstance(account, Account), account.total


@pytest.mark.parametrize(
    ("fn", "args", "expected"),
    [
        (triple, (2,), 6),  # a global constant
        (fib, (10,), 55),  # recursion
        (is_even, (11,), False),  # two functions that use each other
        (cached_fib, (60,), 1548008755920),  # a function under lru_cache
        (lambda n: n + FACTOR, (1,), 4),
        (make_counter(), (4,), 4),  # two closures over one variable
        (json.dumps, ([1],), "[1]"),  # by name
        (len, ("abc",), 3),
        (functools.partial(triple, 5), (), 15),
        (Account("ada", [1]).plus, (2,), Account("ada", [1, 2])),  # a bound method
        (Account, ("ada",), Account("ada")),  # a class
        (describe_account, (Account("ada", [2]),), ("Account", True, 2)),
        (Level.opposite, (Level.LOW,), Level.HIGH),
        (lambda: Point(1, y=2)._replace(x=3), (), Point(3, 2)),
        (int, ("12" * 20,), int("12" * 20)),  # more than 64 bits
        (list, ("ab",), ["a", "b"]),
    ],
)
def test_functions_and_values_arrive_as_they_are(shared_pool, fn, args, expected):
    result = shared_pool.submit(fn, *args).result()
    assert result == expected
    assert type(result) is type(expected)


def test_defaults_and_keywords_arrive(shared_pool, run):
    assert run(shared_pool.run(add, 1)) == 111
    assert run(shared_pool.run(add, 1, 2, c=3)) == 6


@pytest.mark.parametrize("size", [10, 200_000])
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes_keep_their_type_at_any_size(shared_pool, kind, size):
    sent = kind(b"x" * size)
    received = shared_pool.submit(lambda data: data + b"y", sent).result()
    assert type(received) is kind
    assert received == sent + b"y"
    assert shared_pool.submit(lambda data=b"": type(data).__name__, data=sent).result() == kind.__name__


def test_a_memoryview_arrives_as_a_memoryview(shared_pool):
    assert shared_pool.submit(
        lambda view: (type(view).__name__, sum(view)), memoryview(b"\1\2")
    ).result() == (
        "memoryview",
        3,
    )


def test_interpreters_share_the_memory_of_a_memoryview():
    with SubInterpreterPool(1) as pool:
        if pool.backend.name != "interpreters":
            pytest.skip("processes share no memory")
        data = bytearray(4)

        def write(view):
            view[1] = 7

        pool.submit(write, memoryview(data)).result()
        assert data == b"\0\7\0\0"


def test_a_rebound_global_is_noticed(shared_pool, monkeypatch):
    assert shared_pool.submit(triple, 2).result() == 6
    monkeypatch.setitem(globals(), "FACTOR", 10)
    assert shared_pool.submit(triple, 2).result() == 20


def test_a_rebound_closure_variable_is_noticed(shared_pool):
    factor = 2
    double = lambda n: n * factor
    assert shared_pool.submit(double, 4).result() == 8
    factor = 5
    assert shared_pool.submit(double, 4).result() == 20


def test_the_users_module_is_not_imported_in_a_worker(shared_pool):
    assert not shared_pool.submit(lambda name: name in sys.modules, __name__).result()
    assert shared_pool.submit(triple, 1).result() == 3


def test_exceptions_keep_their_type_and_attributes_and_bring_the_traceback(shared_pool, run):
    with pytest.raises(Broke) as caught:
        run(shared_pool.run(overdraw, Account("ada")))
    assert caught.value.missing == 5
    assert "in overdraw" in str(caught.value.__cause__)
    assert os.path.basename(__file__) in str(caught.value.__cause__)


def test_an_exception_that_cannot_be_unpickled_becomes_a_remote_error_with_its_text(shared_pool):
    with pytest.raises(RemoteError, match="Picky: picky"):
        shared_pool.submit(raise_picky).result()


def test_system_exit_in_a_job_is_an_exception_of_the_job(shared_pool):
    with pytest.raises(SystemExit):
        shared_pool.submit(sys.exit, 3).result()
    assert shared_pool.submit(triple, 1).result() == 3


def test_stop_iteration_does_not_hang_the_caller(shared_pool, run):
    with pytest.raises(RuntimeError, match="StopIteration"):
        run(shared_pool.run(next, iter(())))
    with pytest.raises(StopIteration):
        shared_pool.submit(next, iter(())).result()


@pytest.mark.parametrize("result", [lambda: lambda: 1, lambda: threading.Lock(), lambda: (i for i in ())])
def test_a_result_that_cannot_travel_is_refused_with_its_type(shared_pool, result):
    with pytest.raises(NotTransferableError, match="the result, of type"):
        shared_pool.submit(result).result()


def test_text_that_cannot_be_encoded_is_an_error_or_arrives(shared_pool):
    """Lone surrogates are legal in `str`."""
    assert shared_pool.submit(chr, 0xD800).result() == chr(0xD800)


@pytest.mark.parametrize(
    ("args", "kwargs", "culprit"),
    [
        ((1, threading.Lock()), {}, "argument 2 of add"),
        ((), {"a": threading.Lock()}, "a of add"),
    ],
)
def test_an_argument_that_cannot_cross_is_named_before_anything_is_queued(shared_pool, args, kwargs, culprit):
    with pytest.raises(NotTransferableError, match=culprit):
        shared_pool.submit(add, *args, **kwargs)


def test_many_callers_on_one_loop(shared_pool, run):
    async def main():
        return await asyncio.gather(*[shared_pool.run(triple, n) for n in range(200)])

    assert run(main()) == [3 * n for n in range(200)]


def test_several_loops_one_after_another_and_at_the_same_time(shared_pool):
    results = {}

    def one_loop(name):
        async def main():
            return await asyncio.gather(*[shared_pool.run(triple, n) for n in range(20)])

        results[name] = [asyncio.run(main()) for _ in range(3)]

    threads = [threading.Thread(target=one_loop, args=(name,)) for name in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(results.values()) == [[[3 * n for n in range(20)]] * 3] * 3


def test_a_loop_closed_with_jobs_under_way_leaves_the_pool_usable(make_pool):
    pool = make_pool(1, max_queue=2)

    async def leave():
        asyncio.create_task(pool.run(nap, 0.05))
        await asyncio.sleep(0.01)

    for _ in range(5):
        asyncio.run(leave())
    time.sleep(0.2)
    assert pool.submit(triple, 1).result() == 3


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    def add_reader(self, *args):
        raise NotImplementedError


def test_loops_that_watch_no_descriptors(shared_pool):
    async def main():
        with pytest.raises(RuntimeError, match="StopIteration"):
            await shared_pool.run(next, iter(()))
        return await asyncio.gather(shared_pool.run(triple, 1), shared_pool.run(triple, 2))

    with asyncio.Runner(loop_factory=LoopWithoutReaders) as runner:
        assert runner.run(main()) == [3, 6]


def test_a_timeout_drops_the_job_and_frees_the_worker(make_pool, run):
    pool = make_pool(1)

    async def main():
        with pytest.raises(JobTimeoutError, match=r"spin\(\) .* did not finish within 0.1 s"):
            await pool.run(spin, timeout=0.1)
        return await pool.run(triple, 1, timeout=20)

    assert run(main()) == 3


def test_a_timeout_error_of_the_job_itself_is_the_jobs(shared_pool, run):
    def raise_timeout():
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine") as caught:
        run(shared_pool.run(raise_timeout, timeout=20))
    assert not isinstance(caught.value, JobTimeoutError)


def test_cancelling_the_task_interrupts_the_job(make_pool, run):
    pool = make_pool(1)

    async def main():
        task = asyncio.create_task(pool.run(spin))
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await pool.run(triple, 1)

    assert run(main()) == 3


def test_a_queued_job_that_is_cancelled_never_runs(make_pool, tmp_path):
    pool = make_pool(1)
    running = pool.submit(nap, 0.2)
    mark = tmp_path / "ran"
    queued = pool.submit(lambda path: open(path, "w").close(), str(mark))
    assert queued.cancel()
    assert queued.cancelled()
    assert running.result() == 0.2
    assert pool.submit(triple, 1).result() == 3
    assert not mark.exists()


def test_a_running_job_can_be_cancelled(make_pool):
    pool = make_pool(1)
    future = pool.submit(spin)
    while not future.running():
        time.sleep(0.001)
    assert future.cancel()
    assert not future.running()
    assert pool.submit(triple, 1).result() == 3
    done = pool.submit(triple, 1)
    assert done.result() == 3
    assert not done.cancel()


def test_a_job_that_resists_interruption_loses_its_worker_not_the_pool(make_pool):
    """Only interpreters can resist: a process is killed."""
    if sys.version_info < (3, 13):
        pytest.skip("processes do not resist")
    pool = make_pool(1, max_queue=0)
    futures = []

    def resist(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                while time.monotonic() < end:
                    pass
            except BaseException:
                pass

    future = pool.submit(resist, 1.5)
    while not future.running():
        time.sleep(0.001)
    assert future.cancel()
    for _ in range(200):
        try:
            futures.append(pool.submit(triple, 1))
            break
        except QueueFullError:
            time.sleep(0.01)
    assert futures[0].result() == 3
    time.sleep(1.2)
    assert pool.submit(triple, 2).result() == 6


def test_submit_refuses_when_the_queue_is_full_and_run_waits(make_pool, run):
    pool = make_pool(1, max_queue=1)
    first, second = pool.submit(nap, 0.1), pool.submit(triple, 1)
    with pytest.raises(QueueFullError, match="1 jobs wait already"):
        pool.submit(triple, 2)

    async def main():
        waiting = asyncio.create_task(pool.run(triple, 3))
        given_up = asyncio.create_task(pool.run(triple, 4, timeout=0.01))
        with pytest.raises(JobTimeoutError):
            await given_up
        return await waiting

    assert run(main()) == 9
    assert (first.result(), second.result()) == (0.1, 3)


def test_map_yields_in_order_and_holds_no_more_than_the_pool_may(make_pool):
    pool = make_pool(2, max_queue=1)
    assert list(pool.map(triple, range(20))) == [3 * n for n in range(20)]
    taken = []

    def endless():
        n = 0
        while True:
            taken.append(n)
            yield n
            n += 1

    results = pool.map(triple, endless(), buffersize=2)
    assert [next(results), next(results)] == [0, 3]
    results.close()
    assert len(taken) <= 5


def test_map_waits_for_its_own_jobs_when_the_queue_is_full(make_pool):
    pool = make_pool(1, max_queue=1)
    other = pool.submit(nap, 0.05)
    assert list(pool.map(add, range(5), range(5))) == [100, 102, 104, 106, 108]
    assert other.result() == 0.05
    blocking = [pool.submit(nap, 0.1), pool.submit(nap, 0.01)]
    with pytest.raises(QueueFullError):
        pool.map(triple, [1])
    assert [future.result() for future in blocking] == [0.1, 0.01]


def test_map_gives_up_after_its_timeout(make_pool):
    with pytest.raises(TimeoutError):
        list(make_pool(1).map(nap, [0.3], timeout=0.05))


@pytest.mark.parametrize("options", [{"max_workers": 0}, {"max_workers": 5000}, {"max_queue": -1}])
def test_impossible_limits_are_refused(make_pool, options):
    with pytest.raises(InvalidLimitError):
        make_pool(**options)


def test_an_eager_pool_has_its_workers_at_once(make_pool):
    make_pool(2, start="eager", name="eager")
    assert len([thread for thread in threading.enumerate() if thread.name.startswith("eager")]) == 2


def test_a_lazy_pool_starts_nothing(make_pool):
    pool = make_pool(name="lazy")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lazy")]
    assert pool.max_workers >= 1


def test_a_process_that_dies_fails_its_job_and_no_other():
    with ProcessPool(1) as pool:
        dead, alive = pool.submit(die), pool.submit(triple, 1)
        with pytest.raises(WorkerDiedError, match="code 3"):
            dead.result()
        assert alive.result() == 3


def test_an_interpreter_whose_descriptors_are_closed_is_replaced():
    if sys.version_info < (3, 13):
        pytest.skip("no interpreters")
    with SubInterpreterPool(1) as pool:
        assert pool.submit(triple, 1).result() == 3

        def break_worker():
            sys.modules["fasterapi_concurrency.interpreter_worker"].serve = None

        pool.submit(break_worker).result()
        with pytest.raises(WorkerDiedError, match="TypeError"):
            pool.submit(triple, 1).result()
        assert pool.submit(triple, 2).result() == 6


def test_a_closed_pool_takes_no_jobs(make_pool, run):
    pool = make_pool(1)
    pool.submit(triple, 1).result()
    pool.shutdown()
    with pytest.raises(PoolClosedError, match="was shut down"):
        pool.submit(triple, 1)
    with pytest.raises(PoolClosedError):
        run(pool.run(triple, 1))
    pool.shutdown()


def test_async_with_closes_the_pool(make_pool, run):
    async def main():
        async with make_pool(1) as pool:
            assert await pool.run(triple, 1) == 3
        with pytest.raises(ZeroDivisionError):
            async with make_pool(1) as other:
                await other.run(triple, 1)
                raise ZeroDivisionError
        return pool, other

    assert [pool.is_closed for pool in run(main())] == [True, True]


def test_a_worker_forgets_old_functions_and_asks_for_them_again(make_pool):
    pool = make_pool(1)

    def keep():
        return "kept"

    assert pool.submit(keep).result() == "kept"
    for n in range(260):
        assert pool.submit(lambda: n).result() == n
    assert pool.submit(keep).result() == "kept"


def test_modules_of_the_user_go_by_the_attributes_that_are_used(shared_pool, tmp_path, monkeypatch):
    tmp_path.joinpath("user_helpers.py").write_text(
        "import threading\nlock = threading.Lock()\nBASE = 5\ndef grow(n):\n    return n + BASE\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(globals(), "helpers", importlib.import_module("user_helpers"))
    assert shared_pool.submit(use_helpers, 1).result() == 11
    with pytest.raises(NotTransferableError, match="only its attributes can be sent"):
        shared_pool.submit(use_helpers_as_a_value)


def test_a_package_that_does_not_load_in_interpreters_is_refused_before_the_job_is_queued(
    refusing_package, check_golden, run, monkeypatch
):
    refused = importlib.import_module("refusing_package")
    monkeypatch.setitem(globals(), "refused", refused)

    with SubInterpreterPool(1) as pool:
        if pool.backend.name != "interpreters":
            pytest.skip("processes load every package")
        with pytest.raises(NotTransferableError) as caught:
            pool.submit(use_refused)
        with pytest.raises(NotTransferableError):
            run(pool.run(use_refused))
        with pytest.raises(NotTransferableError):
            pool.submit(id, refused.Thing())
        text = str(caught.value).replace(__file__, "app.py")
        check_golden("package_refused.txt", text.replace(f":{use_refused.__code__.co_firstlineno}", ":12"))


def test_an_import_inside_a_function_fails_with_the_way_out(refusing_package):
    def use():
        import refusing_package

        return refusing_package.answer()

    with SubInterpreterPool(1) as pool, pytest.raises(ImportError) as caught:
        if pool.backend.name != "interpreters":
            pytest.skip("processes load every package")
        pool.submit(use).result()
    assert "run_in_process" in caught.value.__notes__[0]
