"""Plan → text. Pure: the same plan gives the same text, nothing is executed.

Knows: the shape of good Python code for a whole call. Does not know: `exec`, event loops, what readers read.
The text looks as a careful person would write it: one line per step, one `try` per generator.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fasterapi_di import runtime
from fasterapi_di.callables import is_plain_generator
from fasterapi_di.code import CodeBuilder
from fasterapi_di.emit_calls import CallWriter
from fasterapi_di.emit_exits import Exit, ExitWriter, Way, nests
from fasterapi_di.markers import INVALID
from fasterapi_di.plan import Call, Group, Hop, Plan, Slot, Stage, Step, steps_of
from fasterapi_di.threads import RunInThread, run_exit_in_thread, run_in_thread

Hook = Callable[[CodeBuilder], None]
ResultHook = Callable[[CodeBuilder, str], None]
TargetHook = Callable[[str, str], None]

# CPython refuses more than 20 nested blocks; a framework's own code around and inside needs some of them.
MOST_NESTED_BLOCKS = 12


def emit_steps(
    plan: Plan,
    code: CodeBuilder,
    *,
    before_target: Hook | None = None,
    after_target: ResultHook | None = None,
    failed: str = "",
    run_in_thread: RunInThread[Any] = run_in_thread,
    run_exit_in_thread: RunInThread[Any] = run_exit_in_thread,
) -> None:
    """Write the steps of `plan` into a function that the caller has opened in `code`.

    In this order: reads; calls, where each generator opens a block; `before_target(code)`; the target; exits
    of generators with the scope "function"; `after_target(code, result)` with the name of the local that
    holds the target's result; exits of the other generators. Exits happen in reverse order of entry. No
    statement returns.

    `before_target` may only raise: it stands inside the hop of a target that shares a worker thread with
    others.

    If a generator swallows an exception, what follows its block is executed. In plans with generators the
    result is set to `INVALID` beforehand, so `after_target` can see that the target has not returned.

    `failed` is an expression for "some read has given INVALID". With it, calls whose arguments may be
    invalid are guarded: dependencies with valid arguments run whether others fail or not.

    `run_in_thread(function)` gives an awaitable of the function's result. If it is cancelled it has to wait
    for a function that has begun, because what that has entered is left next. Exits use a runner of their
    own, which always calls its function: if both shared a limited number of threads, calls that wait for
    what an exit gives back could keep it from running.
    """
    hooks = Hooks(before_target, after_target, failed=failed)
    StepWriter(plan, code, hooks, Runners(run_in_thread, run_exit_in_thread)).write()


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the owner of the function adds to the steps; `target(call, result)` writes its call."""

    before_target: Hook | None = None
    after_target: ResultHook | None = None
    target: TargetHook | None = None
    failed: str = ""
    unset: object = INVALID


@dataclass(frozen=True, slots=True)
class Runners:
    """What runs plain code in threads: `enter` calls and starts, `leave` runs exits."""

    enter: RunInThread[Any] = run_in_thread
    leave: RunInThread[Any] = run_exit_in_thread


@dataclass(frozen=True, slots=True)
class _Opening:
    """Something to be left later: `create` writes the line before its block, `enter` the first inside."""

    exit: Exit
    create: Callable[[], None]
    enter: Callable[[], None]


def _nothing() -> None: ...


class StepWriter:
    """Write all steps of a plan, blocks and exits included."""

    def __init__(self, plan: Plan, code: CodeBuilder, hooks: Hooks, runners: Runners) -> None:
        self._plan = plan
        self._code = code
        self._hooks = hooks
        self._calls = CallWriter(plan, code, hooks.failed, runners.enter)
        self._exits = ExitWriter(code, runners.leave)
        self._function_exit_open = False
        self._lists: dict[str, str] = {}  # ending → the local that lists the generators to be left then
        self._generators: dict[Step, str] = {}

    @property
    def result(self) -> str:
        """The local that holds the target's result."""
        return self._calls.local(self._plan.target.slot)

    def write(self) -> None:
        """Write the steps; nothing is returned unless a hook does so."""
        for read in self._plan.reads:
            read.reader.emit(self._code, self._calls.local(read.slot))
        if self._plan.generators:
            unset = "None" if self._hooks.unset is None else self._code.global_(self._hooks.unset, "INVALID")
            self._code.line(f"{self.result} = {unset}")
        if nests(self._plan.generators, MOST_NESTED_BLOCKS):
            self._nested(0)
        else:
            self._listed()

    def _nested(self, number: int) -> None:
        """Write the stages from `number` on. What follows a generator stands inside its block."""
        for current in range(number, len(self._plan.stages)):
            stage = self._plan.stages[current]
            openings = self._openings(stage)
            if openings:
                self._around(openings, stage, current)
                return
            self._stage(stage, current)
        if not any(call.ending == "function" for call in self._plan.generators):
            self._after_target()

    def _around(self, openings: Sequence[_Opening], stage: Stage, current: int) -> None:
        if not openings:
            if isinstance(stage, Hop):
                self._hop(stage, current)
            self._nested(current + 1)
            return
        opening, *others = openings
        opening.create()
        is_outermost = opening.exit.ending == "function" and not self._function_exit_open
        self._function_exit_open = self._function_exit_open or is_outermost
        with self._code.block("try:"):
            opening.enter()
            self._around(others, stage, current)
        self._exits.close(opening.exit)
        if is_outermost:
            self._after_target()

    def _listed(self) -> None:
        """Write all stages with lists of what has to be left, where blocks can't express the order."""
        endings = {call.ending for call in self._plan.generators}
        for ending in sorted(endings):
            self._lists[ending] = self._code.local(f"{ending}_exits")
            self._code.line(f"{self._lists[ending]} = []")
        self._list_blocks([ending for ending in ("request", "function") if ending in endings])

    def _list_blocks(self, endings: Sequence[str]) -> None:
        if endings:
            with self._code.block("try:"):
                self._list_blocks(endings[1:])
            exits = self._lists[endings[0]]
            self._exits.close_list(exits, is_async=self._plan.is_async, threads=self._plan.threads)
        else:
            for current, stage in enumerate(self._plan.stages):
                for opening in self._openings(stage):
                    opening.create()
                    self._code.line(f"{self._lists[opening.exit.ending]}.append({opening.exit.generator})")
                    opening.enter()
                self._stage(stage, current)
        if list(endings[:1]) == (["function"] if "function" in self._lists else []):
            self._after_target()

    def _openings(self, stage: Stage) -> list[_Opening]:
        steps: Sequence[Step] = (
            stage.steps if isinstance(stage, Hop) else () if isinstance(stage, Group) else (stage,)
        )
        calls = [step for step in steps if isinstance(step, Call) and step.opens]
        return [opening for call in calls for opening in self._opening(call, stage)]

    def _opening(self, call: Call, stage: Stage) -> Iterator[_Opening]:
        if call.limit is not None:
            yield self._hold(call)
        generator = self._generators[call] = self._code.local(f"{call.slot.hint}_generator")
        way: Way = "async" if call.node.kind == "async_generator" else "thread" if call.in_thread else "plain"
        exit_ = Exit(generator, call.ending, way)
        if not isinstance(stage, Hop):
            yield _Opening(
                exit_,
                create=lambda: self._calls.open(call, generator),
                enter=lambda: self._calls.enter(call, generator, checked=bool(self._lists)),
            )
        elif self._opens_before(call, stage):
            yield _Opening(exit_, create=lambda: self._calls.open(call, generator), enter=_nothing)
        elif not self._lists:  # a list is filled inside the hop, in the order in which generators start
            unopened = self._calls.runtime(runtime.unopened)
            yield _Opening(
                exit_, create=lambda: self._code.line(f"{generator} = {unopened}()"), enter=_nothing
            )

    def _hold(self, call: Call) -> _Opening:
        place = self._code.local(f"{call.slot.hint}_place")
        is_async = self._plan.is_async
        return _Opening(
            Exit(place, call.ending, "async" if is_async else "plain"),
            create=lambda: self._calls.hold(call, place),
            enter=lambda: self._code.line(
                f"await {place}.__anext__()" if is_async else f"{self._calls.runtime(next)}({place})"
            ),
        )

    def _stage(self, stage: Stage, current: int) -> None:
        if isinstance(stage, Hop):
            self._hop(stage, current)
        elif stage is self._plan.target:
            self._target()
        elif isinstance(stage, Group):
            self._calls.group(stage, self._used_after(current))
        elif not stage.opens:
            self._calls.step(stage)

    def _target(self) -> None:
        self._before_target()
        if self._hooks.target is None:
            self._calls.step(self._plan.target)
        else:
            self._hooks.target(self._calls.expression(self._plan.target), self.result)

    def _hop(self, hop: Hop, current: int) -> None:
        first, *others = hop.steps
        if not others and not first.opens:
            if first is self._plan.target:
                self._before_target()
            self._calls.single_hop(first)
            return
        if not others and self._opens_before(first, hop):
            start = self._calls.runtime(runtime.start)
            self._code.line(
                f"{self._calls.target(first)}{self._calls.hop(f'lambda: {start}({self._generators[first]})')}"
            )
            return
        used = self._used_after(current)
        outputs = [
            self._calls.local(step.slot)
            for step in hop.steps
            if step.slot in used or step is self._plan.target
        ]
        function = self._code.local("in_thread")
        with self._code.block(f"def {function}():"):
            late = [
                self._generators[step]
                for step in hop.steps
                if step.opens and not self._opens_before(step, hop)
            ]
            if late and not self._lists:
                self._code.line(f"nonlocal {', '.join(late)}")
            returns_last = self._is_only_output(hop.steps[-1], outputs)
            for step in hop.steps:
                self._step_in_hop(step, hop, "return " if returns_last and step is hop.steps[-1] else None)
            if outputs and not returns_last:
                self._code.line(f"return {', '.join(outputs)}")
        self._code.line(f"{', '.join(outputs)}{' = ' if outputs else ''}{self._calls.hop(function)}")

    def _is_only_output(self, step: Step, outputs: list[str]) -> bool:
        return isinstance(step, Call) and not step.opens and outputs == [self._calls.local(step.slot)]

    def _step_in_hop(self, step: Step, hop: Hop, target: str | None) -> None:
        if isinstance(step, Call) and step.opens:
            generator = self._generators[step]
            if not self._opens_before(step, hop):
                self._calls.open(step, generator)
                if self._lists:
                    self._code.line(f"{self._lists[step.ending]}.append({generator})")
            self._calls.enter(step, generator, checked=True)
            return
        if step is self._plan.target:
            self._before_target()
        self._calls.step(step, in_hop=True, target=target)

    def _used_after(self, current: int) -> set[Slot]:
        later = (step for stage in self._plan.stages[current + 1 :] for step in steps_of(stage))
        return {slot for step in later for slot in step.uses}

    def _before_target(self) -> None:
        if self._hooks.before_target is not None:
            self._hooks.before_target(self._code)

    def _after_target(self) -> None:
        if self._hooks.after_target is not None:
            self._hooks.after_target(self._code, self.result)

    def _opens_before(self, call: Step, hop: Hop) -> bool:
        """Whether the generator object can be made before the hop: nothing made inside is needed for it."""
        made_inside = {step.slot for step in hop.steps}
        is_free = not self._lists and made_inside.isdisjoint(call.uses)
        return is_free and is_plain_generator(call.node.call)
