"""Plan → text. Pure: the same plan gives the same text, nothing is executed.

Knows: the shape of good Python code for a whole call. Does not know: `exec`, event loops, what readers read.
The text looks as a careful person would write it: one line per step, one `try` per generator.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fasterapi_di import runtime
from fasterapi_di.callables import is_plain_generator, name_of
from fasterapi_di.code import CodeBuilder, Source, clean_name
from fasterapi_di.emit_calls import CallWriter
from fasterapi_di.emit_exits import Exit, ExitWriter, Way, nests
from fasterapi_di.markers import INVALID, MISSING
from fasterapi_di.plan import Call, Group, Hop, Plan, Stage, Step, steps_of
from fasterapi_di.signature import KEYWORD_ONLY, POSITIONAL_ONLY, Parameter

Hook = Callable[[CodeBuilder], None]
ResultHook = Callable[[CodeBuilder, str], None]

# CPython refuses more than 20 nested blocks; a framework's own code around and inside needs some of them.
MOST_NESTED_BLOCKS = 12


def emit_steps(
    plan: Plan,
    code: CodeBuilder,
    *,
    before_target: Hook | None = None,
    after_target: ResultHook | None = None,
    failed: str = "",
    run_in_thread: runtime.RunInThread[Any] | None = None,
) -> None:
    """Write the steps of `plan` into a function that the caller has opened in `code`.

    In this order: reads; calls, where each generator opens a block; `before_target(code)`; the target; exits of
    generators with the scope "function"; `after_target(code, result)` with the name of the local that holds the
    target's result; exits of the other generators. Exits happen in reverse order of entry. No statement returns.

    `before_target` may only raise: it stands inside the hop of a target that shares a worker thread with others.
    If a generator swallows an exception, what follows its block is executed; the result is then `INVALID`, to
    which it is set beforehand in plans with generators.
    `failed` is an expression for "some read has given INVALID"; with it, calls whose arguments may be invalid are
    guarded, and dependencies with valid arguments run whether others fail or not. `run_in_thread(function)`
    gives an awaitable of the function's result.
    """
    hooks = _Hooks(before_target, after_target)
    _StepWriter(plan, code, hooks, failed, run_in_thread or runtime.run_in_thread).write()


def emit(plan: Plan, name: str = "", filename: str = "") -> Source:
    """Return the text of a function of its own that takes `plan.caller_parameters` and returns the result.

    It is an `async def` if the plan needs an event loop. Where a generator swallows an exception it returns None,
    as a function does whose `with` block swallows.

    >>> from fasterapi_di import Depends, build_graph, build_plan
    >>> def get_greeting():
    ...     return "Hello"
    >>> def greet(name, greeting=Depends(get_greeting)):
    ...     return f"{greeting} {name}"
    >>> print(emit(build_plan(build_graph(greet, bind=lambda parameter, node: None))).text)
    def call_greet(name):
        greeting = get_greeting()
        return greet(name, greeting)
    <BLANKLINE>
    """
    code = CodeBuilder()
    target = plan.graph.root.call
    function = name or f"call_{clean_name(name_of(target))}"
    with code.function(function, declared(plan.caller_parameters), is_async=plan.is_async):
        emit_body(plan, code)
    return code.source(function, filename or f"<dependencies of {name_of(target)}>")


def emit_body(plan: Plan, code: CodeBuilder, run_in_thread: runtime.RunInThread[Any] | None = None) -> None:
    """Write the steps of `plan` and a `return` into a function that takes the caller's parameters."""
    _StepWriter(plan, code, None, "", run_in_thread or runtime.run_in_thread).write()


def declared(parameters: Sequence[Parameter]) -> list[str | tuple[str, object]]:
    """Return `parameters` as `CodeBuilder.function` takes them, with `/` and `*` where they are needed."""
    texts: list[str | tuple[str, object]] = []
    for number, parameter in enumerate(parameters):
        if parameter.kind is KEYWORD_ONLY and "*" not in texts:
            texts.append("*")
        texts.append(parameter.name if parameter.default is MISSING else (parameter.name, parameter.default))
        following = parameters[number + 1].kind if number + 1 < len(parameters) else None
        if parameter.kind is POSITIONAL_ONLY and following is not POSITIONAL_ONLY:
            texts.append("/")
    return texts


@dataclass(frozen=True, slots=True)
class _Hooks:
    before_target: Hook | None
    after_target: ResultHook | None


@dataclass(frozen=True, slots=True)
class _Opening:
    """Something that a stage opens: `create` writes the line before its block, `enter` the first line inside."""

    exit: Exit
    create: Callable[[], None]
    enter: Callable[[], None]


def _nothing() -> None: ...


class _StepWriter:
    """Without hooks the result is returned, otherwise it is handed to them."""

    def __init__(
        self,
        plan: Plan,
        code: CodeBuilder,
        hooks: _Hooks | None,
        failed: str,
        run_in_thread: runtime.RunInThread[Any],
    ) -> None:
        self._plan = plan
        self._code = code
        self._hooks = hooks or _Hooks(None, None)
        self._returns = hooks is None
        self._calls = CallWriter(plan, code, failed, run_in_thread)
        self._exits = ExitWriter(code, self._calls.hop)
        self._runner = code.global_(run_in_thread, "run_in_thread") if plan.threads else ""
        self._function_exit_open = False
        self._lists: dict[str, str] = {}  # ending → the local that lists the generators to be left then
        self._generators: dict[Call, str] = {}

    def write(self) -> None:
        for read in self._plan.reads:
            read.reader.emit(self._code, self._calls.local(read.slot))
        generators = self._plan.generators
        if generators:
            result = self._calls.local(self._plan.target.slot)
            self._code.line(
                f"{result} = {'None' if self._returns else self._code.global_(INVALID, 'INVALID')}"
            )
        if nests(generators, MOST_NESTED_BLOCKS):
            self._nested(0)
        else:
            self._listed()
        if generators and self._returns:
            self._code.line(f"return {self._calls.local(self._plan.target.slot)}")

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
            self._exits.close_list(exits, is_async=self._plan.is_async, runner=self._runner)
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
                enter=lambda: self._calls.enter(call, generator),
            )
        elif _opens_before(call, stage):
            yield _Opening(exit_, create=lambda: self._calls.open(call, generator), enter=_nothing)
        else:
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
            raise NotImplementedError
        elif not stage.opens:
            self._calls.step(stage)

    def _target(self) -> None:
        self._before_target()
        self._calls.step(self._plan.target)

    def _hop(self, hop: Hop, current: int) -> None:
        first, *others = hop.steps
        if not others and not first.opens:
            if first is self._plan.target:
                self._before_target()
            self._calls.single_hop(first)
            return
        later = [step for stage in self._plan.stages[current + 1 :] for step in steps_of(stage)]
        outputs = ", ".join(self._calls.outputs(hop, later))
        function = self._code.local("in_thread")
        with self._code.block(f"def {function}():"):
            late = [
                self._generators[step] for step in hop.steps if step.opens and not _opens_before(step, hop)
            ]
            if late:
                self._code.line(f"nonlocal {', '.join(late)}")
            for step in hop.steps:
                self._step_in_hop(step, hop)
            if outputs:
                self._code.line(f"return {outputs}")
        self._code.line(f"{f'{outputs} = ' if outputs else ''}{self._calls.hop(function)}")

    def _step_in_hop(self, step: Step, hop: Hop) -> None:
        if isinstance(step, Call) and step.opens:
            generator = self._generators[step]
            if not _opens_before(step, hop):
                self._calls.open(step, generator)
                if self._lists:
                    self._code.line(f"{self._lists[step.ending]}.append({generator})")
            self._calls.enter(step, generator, in_hop=True)
            return
        if step is self._plan.target:
            self._before_target()
        self._calls.step(step, in_hop=True)

    def _before_target(self) -> None:
        if self._hooks.before_target is not None:
            self._hooks.before_target(self._code)

    def _after_target(self) -> None:
        if self._hooks.after_target is not None:
            self._hooks.after_target(self._code, self._calls.local(self._plan.target.slot))


def _opens_before(call: Call, hop: Hop) -> bool:
    """Whether the generator object can be made before the hop, since nothing made inside is needed for it."""
    made_inside = {step.slot for step in hop.steps}
    return is_plain_generator(call.node.call) and made_inside.isdisjoint(call.uses)
