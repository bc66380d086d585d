"""Values of app lifetime are made once and closed in reverse order."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from fasterapi_di import AppScope, ClosedScopeError, DependencyCycle, Depends, ScopeError, inject, interpret
from fasterapi_di import appscope, build_graph, build_plan

THREADS = 8


def in_threads(function: Any, count: int = THREADS) -> list[Any]:
    results: list[Any] = []
    barrier = threading.Barrier(count)

    def run() -> None:
        barrier.wait()
        try:
            results.append(function())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_made_once_by_many_threads() -> None:
    made: list[int] = []
    pause = threading.Event()

    def get_pool() -> object:
        made.append(1)
        pause.wait(0.01)
        return object()

    @inject(scope=AppScope())
    def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    assert len(set(in_threads(target))) == 1
    assert made == [1]


@pytest.mark.parametrize("threads", [None, True])
def test_made_once_by_many_tasks(threads: Any) -> None:
    made: list[int] = []

    async def get_pool() -> object:
        made.append(1)
        await asyncio.sleep(0.001)
        return object()

    @inject(scope=AppScope(), threads=threads)
    async def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    async def run() -> set[Any]:
        return set(await asyncio.gather(*(target() for _ in range(20))))

    assert len(asyncio.run(run())) == 1
    assert made == [1]


def test_made_once_by_tasks_of_several_loops() -> None:
    made: list[int] = []

    async def get_pool() -> object:
        made.append(1)
        await asyncio.sleep(0.005)
        return object()

    @inject(scope=AppScope())
    async def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    async def several() -> list[Any]:
        return await asyncio.gather(*(target() for _ in range(4)))

    results = in_threads(lambda: asyncio.run(several()))
    assert len({value for values in results for value in values}) == 1
    assert made == [1]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_failure_is_raised_to_its_maker_and_the_next_one_tries_again(is_async: bool) -> None:
    answers = iter([LookupError("not yet"), "pool"])

    def answer() -> Any:
        value = next(answers)
        if isinstance(value, Exception):
            raise value
        return value

    async def answer_async() -> Any:
        await asyncio.sleep(0)
        return answer()

    @inject(scope=AppScope())
    async def target(pool: Any = Depends(answer_async if is_async else answer, scope="app")) -> Any:
        return pool

    async def run() -> list[Any]:
        return await asyncio.gather(target(), target(), return_exceptions=True)

    first, second = asyncio.run(run())
    assert (repr(first), second) == ("LookupError('not yet')", "pool")


def test_a_cancelled_maker_leaves_the_making_to_the_next_one() -> None:
    async def get_pool() -> str:
        await asyncio.sleep(0.001)
        return "pool"

    @inject(scope=AppScope())
    async def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    async def run() -> Any:
        maker, waiter = asyncio.create_task(target()), asyncio.create_task(target())
        await asyncio.sleep(0)
        maker.cancel()
        return await waiter

    assert asyncio.run(run()) == "pool"


def test_a_plain_caller_on_the_loop_may_wait_for_a_value_that_a_task_is_having_made() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def get_pool() -> str:
        begun.set()
        go_on.wait(10)
        return "pool"

    async def get_client(pool: Any = Depends(get_pool, scope="app")) -> str:
        return f"client of {pool}"

    scope = AppScope()

    @inject(scope=scope, threads=True)
    async def target(client: Any = Depends(get_client, scope="app")) -> Any:
        return client

    @inject(scope=scope)
    def plain_target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    async def run() -> Any:
        task = asyncio.create_task(target())
        await asyncio.to_thread(begun.wait, 10)
        threading.Timer(0.01, go_on.set).start()
        return plain_target(), await task

    assert asyncio.run(run()) == ("pool", "client of pool")


def test_a_waiter_whose_loop_is_gone_disturbs_nobody() -> None:
    begun, go_on = threading.Event(), threading.Event()

    async def get_pool() -> str:
        begun.set()
        await asyncio.to_thread(go_on.wait, 10)
        return "pool"

    @inject(scope=AppScope())
    async def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    async def wait_briefly() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(target(), 0.001)

    made: list[str] = []
    maker = threading.Thread(target=lambda: made.append(asyncio.run(target())))
    maker.start()
    begun.wait(10)
    asyncio.run(wait_briefly())
    go_on.set()
    maker.join()
    assert made == ["pool"]


def test_making_that_asks_for_itself_is_an_error_not_a_deadlock() -> None:
    scope = AppScope()

    def get_pool() -> Any:
        return target()

    @inject(scope=scope)
    def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    with pytest.raises(DependencyCycle, match="making get_pool asks for get_pool"):
        target()


def test_async_making_that_asks_for_itself_is_an_error_not_a_deadlock() -> None:
    async def get_pool() -> Any:
        return await target()

    @inject(scope=AppScope())
    async def target(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    with pytest.raises(DependencyCycle):
        asyncio.run(target())


# Dependencies among values of app lifetime.


def recording(log: list[str]) -> Any:
    def open_settings(size: int = 3, /) -> Iterator[str]:
        log.append("open settings")
        yield f"settings {size}"
        log.append("close settings")

    def open_own() -> Iterator[str]:
        log.append("open own")
        yield "own"
        log.append("close own")

    def open_pool(
        settings: Any = Depends(open_settings, scope="app"),
        own: Any = Depends(open_own, scope="transient"),
        *,
        name: str = "pool",
    ) -> Iterator[str]:
        log.append("open pool")
        yield f"{name} with {settings}, {own}"
        log.append("close pool")

    return open_settings, open_pool


ORDER = ["open settings", "open own", "open pool", "close pool", "close own", "close settings"]


def test_values_are_closed_in_reverse_order() -> None:
    log: list[str] = []
    _, open_pool = recording(log)
    scope = AppScope()

    @inject(scope=scope)
    def target(pool: Any = Depends(open_pool, scope="app")) -> Any:
        return pool

    with scope:
        assert target() == target() == "pool with settings 3, own"
    assert log == ORDER


@pytest.mark.parametrize("threads", [False, True])
def test_plain_and_async_values_live_together(threads: bool) -> None:
    log: list[str] = []
    _, open_pool = recording(log)

    async def open_client(pool: Any = Depends(open_pool, scope="app")) -> Any:
        log.append("open client")
        yield f"client of {pool}"
        log.append("close client")

    @inject(scope=(scope := AppScope()), threads=threads)
    async def target(
        client: Any = Depends(open_client, scope="app"), pool: Any = Depends(open_pool, scope="app")
    ) -> Any:
        return client, pool

    async def run() -> None:
        async with scope:
            client, pool = await target()
            assert client == f"client of {pool}"

    asyncio.run(run())
    assert log == [*ORDER[:3], "open client", "close client", *ORDER[3:]]


def test_two_functions_share_a_scope() -> None:
    scope = AppScope()

    def get_pool() -> object:
        return object()

    @inject(scope=scope)
    def first(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    @inject(scope=scope)
    async def second(pool: Any = Depends(get_pool, scope="app")) -> Any:
        return pool

    assert first() is asyncio.run(second())


def test_overridden_values_are_values_of_their_own() -> None:
    overrides: dict[Any, Any] = {}
    log: list[str] = []
    open_settings, open_pool = recording(log)
    scope = AppScope()

    @inject(scope=scope, overrides=overrides)
    def target(pool: Any = Depends(open_pool, scope="app")) -> Any:
        return pool

    assert target() == "pool with settings 3, own"
    overrides[open_settings] = lambda: "fake"
    assert target() == "pool with fake, own"
    overrides.clear()
    assert target() == "pool with settings 3, own"
    assert log.count("open pool") == 2


# Closing.


def test_after_closing_nothing_is_made_until_the_scope_is_opened_again() -> None:
    made: list[int] = []
    scope = AppScope()

    @inject(scope=scope)
    def target(pool: Any = Depends(lambda: made.append(1), scope="app")) -> None: ...

    with scope:
        target()
    with pytest.raises(ClosedScopeError, match="<lambda>"):
        target()
    with scope:
        target()
    assert made == [1, 1]


def test_async_values_need_aclose() -> None:
    log: list[str] = []

    async def open_client() -> Any:
        yield "client"
        log.append("closed")

    scope = AppScope()

    @inject(scope=scope)
    async def target(client: Any = Depends(open_client, scope="app")) -> Any:
        return client

    async def run() -> None:
        await target()
        with pytest.raises(ScopeError, match="aclose"):
            scope.close()
        assert await target() == "client"
        await scope.aclose()

    asyncio.run(run())
    assert log == ["closed"]


def failing(name: str, count: int) -> Any:
    def open_value() -> Iterator[None]:
        yield
        if count:
            raise LookupError(name)

    return open_value


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("failures", "expected"),
    [((0, 0), None), ((1, 0), LookupError), ((0, 1), LookupError), ((1, 1), BaseExceptionGroup)],
    ids=repr,
)
def test_every_exit_runs_and_all_failures_are_reported(failures: Any, expected: Any, is_async: bool) -> None:
    scope = AppScope()
    first, second = (failing(name, count) for name, count in zip("ab", failures, strict=True))

    @inject(scope=scope)
    def target(a: Any = Depends(first, scope="app"), b: Any = Depends(second, scope="app")) -> None: ...

    target()
    close = (lambda: asyncio.run(scope.aclose())) if is_async else scope.close
    if expected is None:
        close()
        return
    with pytest.raises(expected) as raised:
        close()
    if expected is BaseExceptionGroup:
        assert [str(error) for error in raised.value.exceptions] == ["b", "a"]


@pytest.mark.parametrize("is_async", [False, True])
def test_a_value_that_is_made_while_the_scope_closes_is_left_at_once(is_async: bool) -> None:
    log: list[str] = []
    scope = AppScope()

    def open_value() -> Iterator[str]:
        scope.close()
        yield "value"
        log.append("left")

    async def open_value_async() -> Any:
        scope.close()
        yield "value"
        log.append("left")

    @inject(scope=scope)
    async def target(
        value: Any = Depends(open_value_async if is_async else open_value, scope="app"),
    ) -> None: ...

    with pytest.raises(ClosedScopeError):
        asyncio.run(target())
    assert log == ["left"]


def test_a_plain_value_that_is_made_while_the_scope_closes_is_not_kept() -> None:
    scope = AppScope()

    def get_value() -> str:
        scope.close()
        return "value"

    @inject(scope=scope)
    def target(value: Any = Depends(get_value, scope="app")) -> Any:
        return value

    assert target() == "value"
    with pytest.raises(ClosedScopeError):
        target()


def test_the_interpreter_uses_the_same_values() -> None:
    scope = AppScope()

    async def get_client() -> object:
        return object()

    async def target(
        client: Any = Depends(get_client, scope="app"), pool: Any = Depends(object, scope="app")
    ) -> Any:
        return client, pool

    plan = build_plan(build_graph(target, bind=lambda parameter, node: None), app_scope=scope)
    assert asyncio.run(interpret(plan)) == asyncio.run(inject(target, scope=scope)())


def test_values_nobody_can_ask_for_are_not_kept_by_name() -> None:
    scope = AppScope()

    def build() -> Any:
        def get_value() -> int:
            return 1

        @inject(scope=scope)
        def target(value: int = Depends(get_value, scope="app")) -> int:
            return value

        return target, weakref.ref(get_value)

    target, reference = build()
    del target
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("is_async", [False, True])
def test_a_value_that_is_forgotten_between_being_found_and_being_taken_is_an_error(
    monkeypatch: Any, is_async: bool
) -> None:
    scope = AppScope()
    enter = appscope.Cell._enter

    def enter_and_close(cell: appscope.Cell, owner: object) -> Any:
        found = enter(cell, owner)
        if found[0] is None:
            scope.close()
        return found

    def get_value() -> str:
        return "value"

    @inject(scope=scope)
    def call(value: str = Depends(get_value, scope="app")) -> str:
        return value

    assert call() == "value"
    (cell,) = scope._made
    monkeypatch.setattr(appscope.Cell, "_enter", enter_and_close)
    with pytest.raises(ClosedScopeError):
        asyncio.run(cell.make_async()) if is_async else cell.make()
