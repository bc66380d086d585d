"""Run a plan step by step, without generated code: slow, and obviously right.

Knows: plans, and `contextlib`, whose meaning of leaving generators is the specification here. Does not know:
text, `runtime`. Tests compare every compiled function with this module.
"""

from collections.abc import AsyncGenerator, Coroutine, Generator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any

from fasterapi_di.markers import INVALID, MISSING
from fasterapi_di.plan import Call, Fetch, Plan, Slot

Values = dict[Slot, Any]


def interpret(plan: Plan, context: Mapping[str, Any] | None = None, /, **caller_arguments: Any) -> Any:
    """Run `plan` and return what its compiled function would return: a result, a coroutine or a generator.

    `context` maps names to values for readers, as described in `Reader`. Caller parameters are given by name.
    The result is `INVALID`, and the target is not called, if a reader gives `INVALID`. Plain code runs in the
    present thread, one thing after another, whatever the plan says about threads and parallel steps.

    >>> from fasterapi_di import Depends, build_graph, build_plan
    >>> def get_greeting():
    ...     return "Hello"
    >>> def greet(name, greeting=Depends(get_greeting)):
    ...     return f"{greeting} {name}"
    >>> interpret(build_plan(build_graph(greet, bind=lambda parameter, node: None)), name="Ada")
    'Hello Ada'
    """
    run = _Run(plan, context or {}, caller_arguments)
    if plan.target.node.kind == "generator" and not plan.is_async:
        return run.generator()
    if plan.target.node.kind in ("generator", "async_generator"):
        return run.async_generator()
    return run.call() if plan.is_async else _drive(run.call())


class _Run:
    def __init__(self, plan: Plan, context: Mapping[str, Any], caller_arguments: Mapping[str, Any]) -> None:
        self._plan = plan
        self._context = context
        self._values: Values = {}
        for parameter, slot in plan.caller:
            value = caller_arguments.get(parameter.name, parameter.default)
            if value is MISSING:
                raise TypeError(f"interpret() misses the argument {parameter.name!r}")
            self._values[slot] = value
        self._request = AsyncExitStack()
        self._function = AsyncExitStack()

    async def call(self) -> Any:
        result = None  # what remains if a generator swallows an exception before the target has returned
        async with self._request, self._function:
            if not await self._prepare():
                return INVALID
            called = self._call(self._plan.target)
            result = await called if self._plan.target.node.kind == "async" else called
        return result  # noqa: RET504 - a `return` inside would be lost when an exit fails and is swallowed

    def generator(self) -> Generator[Any, Any, Any]:
        result = None
        with _Driven(self._request), _Driven(self._function):
            _drive(self._prepare())
            result = yield from self._call(self._plan.target)
        return result

    async def async_generator(self) -> AsyncGenerator[Any, Any]:
        async with self._request, self._function:
            await self._prepare()
            target = self._call(self._plan.target)
            if self._plan.target.node.kind == "generator":
                for item in target:
                    yield item
                return
            async for item in target:
                yield item

    async def _prepare(self) -> bool:
        """Read and call everything before the target; whether all reads were valid."""
        for read in self._plan.reads:
            value = read.reader.read(self._context)
            self._values[read.slot] = await value if read.reader.is_async else value
        for step in self._plan.calls:
            self._values[step.slot] = await (
                self._fetch(step) if isinstance(step, Fetch) else self._step(step)
            )
        return not any(self._values[read.slot] is INVALID for read in self._plan.reads)

    async def _fetch(self, step: Fetch) -> Any:
        assert self._plan.app_scope is not None
        cell = self._plan.app_scope.cell(step.node)
        return await cell.make_async() if step.is_async else cell.make()

    async def _step(self, call: Call) -> Any:
        if any(self._values[slot] is INVALID for slot in call.guard):
            return INVALID
        if not call.opens:
            async with AsyncExitStack() as stack:
                await self._hold(call, stack)
                result = self._call(call)
                return await result if call.is_async else result
        stack = self._function if call.ending == "function" else self._request
        await self._hold(call, stack)
        opened = self._call(call)
        if call.node.kind == "async_generator":
            is_manager = hasattr(opened, "__aenter__")
            return await stack.enter_async_context(
                opened if is_manager else asynccontextmanager(lambda: opened)()
            )
        return stack.enter_context(
            opened if hasattr(opened, "__enter__") else contextmanager(lambda: opened)()
        )

    async def _hold(self, call: Call, stack: AsyncExitStack) -> None:
        if call.limit is not None and self._plan.is_async:
            await stack.enter_async_context(call.limit.in_loop())
        elif call.limit is not None:
            stack.enter_context(call.limit.in_thread())

    def _call(self, call: Call) -> Any:
        positional: list[Any] = []
        by_name: dict[str, Any] = {}
        for given in call.given:
            parameter = given.parameter
            value = parameter.default if given.slot is None else self._values[given.slot]
            if parameter.kind is parameter.kind.POSITIONAL_ONLY:
                positional.append(value)
            else:
                by_name[parameter.name] = value
        return call.node.call(*positional, **by_name)


class _Driven:
    """Use an async exit stack that holds nothing async as a plain context manager."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack

    def __enter__(self) -> None:
        _drive(self._stack.__aenter__())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        swallowed: bool | None = _drive(self._stack.__aexit__(kind, error, traceback))
        return swallowed


def _drive(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise RuntimeError("a plan without async steps waited for something")
