"""The text of single steps: a call with its arguments, its guard, its limit; a visit to a worker thread.

Knows: how one step is written, and under which name each value is kept. Does not know: exits, order, hooks.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from fasterapi_di import runtime
from fasterapi_di.callables import is_plain_coroutine, is_plain_generator, name_of
from fasterapi_di.code import CodeBuilder
from fasterapi_di.markers import INVALID, MISSING
from fasterapi_di.plan import Call, Fetch, Group, Plan, Slot, Step
from fasterapi_di.signature import KEYWORD_ONLY, POSITIONAL_ONLY
from fasterapi_di.threads import RunInThread


class CallWriter:
    """Write steps into `code`; `names` tells under which local a slot is kept."""

    def __init__(self, plan: Plan, code: CodeBuilder, failed: str, run_in_thread: RunInThread[Any]) -> None:
        self._plan = plan
        self._code = code
        self._failed = failed
        self._run_in_thread = run_in_thread
        self._used = {slot for step in (*plan.calls, plan.target) for slot in step.uses}
        self.names: dict[Slot, str] = {slot: parameter.name for parameter, slot in plan.caller}
        for slot in (step.slot for step in (*plan.reads, *plan.calls) if step.slot in self._used):
            self.local(slot)  # values come first, so that they get the names their parameters have

    def local(self, slot: Slot) -> str:
        """Return the local of `slot`, a new one at the first question."""
        if slot not in self.names:
            self.names[slot] = self._code.local(slot.hint)
        return self.names[slot]

    def function(self, call: Call) -> str:
        """Return the name of the callable of a step."""
        return self._code.global_(
            call.node.call, name_of(call.node.call).partition("(")[0].rpartition(".")[2]
        )

    def runtime(self, function: Callable[..., Any]) -> str:
        """Return the name of a function of `runtime`."""
        return self._code.global_(function, function.__name__)

    def hop(self, function: str) -> str:
        """Return the expression that runs `function`, an expression too, in a worker thread."""
        return f"await {self._code.global_(self._run_in_thread, 'run_in_thread')}({function})"

    def expression(self, call: Call) -> str:
        """Return the call itself: positional arguments where that is legal, since they are faster."""
        arguments: list[str] = []
        by_keyword = False
        for given in call.given:
            parameter = given.parameter
            if given.slot is not None:
                value = self.names[given.slot]
            elif parameter.kind is POSITIONAL_ONLY:
                value = self._code.global_(parameter.default, f"default_{parameter.name}")
            else:
                by_keyword = True
                continue
            by_keyword = by_keyword or parameter.kind is KEYWORD_ONLY
            arguments.append(f"{parameter.name}={value}" if by_keyword else value)
        return f"{self.function(call)}({', '.join(arguments)})"

    def step(self, step: Step, *, in_hop: bool = False, target: str | None = None) -> None:
        """Write a step that opens nothing; `target` is the beginning of the line, usually an assignment."""
        if isinstance(step, Fetch):
            self._fetch(step, in_hop=in_hop)
            return
        target = self.target(step) if target is None else target
        awaits = "await " if step.is_async else ""
        with self._guarded(step, target), self._limited(step):
            self._code.line(f"{target}{awaits}{self.expression(step)}")

    def target(self, step: Step) -> str:
        """Return the beginning of an assignment; nothing if nobody uses the value."""
        if step.slot not in self._used and step is not self._plan.target:
            return ""
        return f"{self.local(step.slot)} = "

    def open(self, call: Call, generator: str) -> None:
        """Write the line that makes the generator object, which runs nothing of it yet."""
        opened = self.expression(call)
        is_async = call.node.kind == "async_generator"
        if not is_plain_generator(call.node.call):
            adapt = runtime.as_async_generator if is_async else runtime.as_generator
            opened = f"{self.runtime(adapt)}({opened})"
        placeholder = runtime.skipped_async if is_async else runtime.skipped
        with self._guarded(call, f"{generator} = ", lambda: f"{self.runtime(placeholder)}()"):
            self._code.line(f"{generator} = {opened}")

    def hold(self, call: Call, place: str) -> None:
        """Write the line that makes the generator which holds a place of `call.limit`."""
        assert call.limit is not None
        is_async = self._plan.is_async
        hold = call.limit.hold_in_loop if is_async else call.limit.hold_in_thread
        placeholder = runtime.skipped_async if is_async else runtime.skipped
        with self._guarded(call, f"{place} = ", lambda: f"{self.runtime(placeholder)}()"):
            limit = self._code.global_(call.limit, f"{call.slot.hint}_limit")
            self._code.line(f"{place} = {limit}.{hold.__name__}()")

    def enter(self, call: Call, generator: str, *, checked: bool = False) -> None:
        """Write the line that runs a generator up to its `yield`.

        Unless `checked`, a missing `yield` is found by the exit, which costs nothing here.
        """
        target = self.target(call)
        if call.node.kind == "async_generator":
            start = f"{self.runtime(runtime.start_async)}({generator})"
            self._code.line(f"{target}await {start if checked else f'{generator}.__anext__()'}")
        elif checked:
            self._code.line(f"{target}{self.runtime(runtime.start)}({generator})")
        else:
            self._code.line(f"{target}{self._code.global_(next, 'next')}({generator})")

    def single_hop(self, call: Step) -> None:
        """Write a visit to a worker thread for one call that opens nothing."""
        assert isinstance(call, Call)  # a Fetch alone asks for no thread
        expression = self.expression(call)
        function = expression[:-2] if expression.endswith("()") else f"lambda: {expression}"
        with self._guarded(call, self.target(call)), self._limited(call):
            self._code.line(f"{self.target(call)}{self.hop(function)}")

    def group(self, group: Group, used_later: set[Slot]) -> None:
        """Write tasks for the coroutines of a group; a task awaits the tasks whose values it needs."""
        tasks: dict[Slot, str] = {}
        name = self._code.local("tasks")
        with self._code.block(f"async with {self.runtime(runtime.Parallel)}() as {name}:"):
            for call in group.steps:
                if call.is_async or not tasks.keys().isdisjoint(call.uses):
                    tasks[call.slot] = self._task(call, name, tasks)
                else:
                    self.step(call)
        for call in group.steps:
            if call.slot in tasks and call.slot in used_later:
                self._code.line(f"{self.local(call.slot)} = {tasks[call.slot]}.result()")

    def _task(self, call: Call, group: str, tasks: dict[Slot, str]) -> str:
        task = self._code.local(f"{call.slot.hint}_task")
        if is_plain_coroutine(call.node.call) and tasks.keys().isdisjoint(call.uses) and not call.guard:
            self._code.line(f"{task} = {group}.create_task({self.expression(call)})")
            return task
        function = self._code.local(f"make_{call.slot.hint}")
        with self._code.block(f"async def {function}():"):
            for slot in dict.fromkeys(call.uses):
                if slot in tasks:
                    self._code.line(f"{self.local(slot)} = await {tasks[slot]}")
            with self._guarded(call, "return "):
                self._code.line(f"return {'await ' if call.is_async else ''}{self.expression(call)}")
        self._code.line(f"{task} = {group}.create_task({function}())")
        return task

    def _fetch(self, step: Fetch, *, in_hop: bool) -> None:
        assert self._plan.app_scope is not None
        name = self.local(step.slot)
        cell = self._code.global_(self._plan.app_scope.cell(step.node), f"app_{step.slot.hint}")
        missing = self._code.global_(MISSING, "MISSING")
        self._code.line(f"{name} = {cell}.value")
        with self._code.block(f"if {name} is {missing}:"):
            if step.is_async:
                runner = (
                    self._code.global_(self._run_in_thread, "run_in_thread") if self._plan.threads else ""
                )
                self._code.line(f"{name} = await {cell}.make_async({runner})")
            elif self._plan.threads and not in_hop:
                self._code.line(f"{name} = {self.hop(f'{cell}.make')}")
            else:
                self._code.line(f"{name} = {cell}.make()")

    @contextmanager
    def _guarded(self, call: Call, target: str, otherwise: Callable[[], str] | None = None) -> Iterator[None]:
        """Skip the lines inside where an argument is invalid; `target` then gets `otherwise` or INVALID."""
        if not self._failed or not call.guard or call is self._plan.target:
            yield
            return
        invalid = self._code.global_(INVALID, "INVALID")
        valid = " and ".join(f"{self.names[slot]} is not {invalid}" for slot in call.guard)
        condition = valid if len(call.guard) == 1 else f"not ({self._failed}) or ({valid})"
        with self._code.block(f"if {condition}:"):
            yield
        if target:
            with self._code.block("else:"):
                self._code.line(f"{target}{otherwise() if otherwise else invalid}")

    def _limited(self, call: Call) -> Any:
        if call.limit is None:
            return nullcontext()
        limit = self._code.global_(call.limit, f"{call.slot.hint}_limit")
        if self._plan.is_async:
            return self._code.block(f"async with {limit}.in_loop():")
        return self._code.block(f"with {limit}.in_thread():")
