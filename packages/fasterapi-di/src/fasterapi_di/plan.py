"""Graph → the ordered steps of one call.

Knows: what comes before what, what runs in a worker thread together, what has to be left. Does not know:
text, names of locals, event loops. A plan is frozen; `repr` is readable; `emit` and `interpret` are its two
readers.

Order: all reads first (sub-dependencies before their dependant, in parameter order), then the calls (extra
dependencies, then depth-first in parameter order, then last ones), then the target. A shared value is made once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from fasterapi_di.appscope import AppScope
from fasterapi_di.errors import ScopeError
from fasterapi_di.graph import Argument, Graph, Node, Origin
from fasterapi_di.limits import Limit
from fasterapi_di.readers import Reader
from fasterapi_di.signature import Parameter

Ending = Literal["function", "request"]


@dataclass(frozen=True, eq=False, slots=True)
class Slot:
    """The place of one value; `hint` is the name that a person would give it."""

    hint: str

    def __repr__(self) -> str:
        return self.hint


@dataclass(frozen=True, slots=True)
class Read:
    """Let `reader` supply `slot`."""

    slot: Slot
    reader: Reader


@dataclass(frozen=True, slots=True)
class Given:
    """An argument of a call: the value in `slot`, or the parameter's own default."""

    parameter: Parameter = field(repr=False)
    slot: Slot | None


@dataclass(frozen=True, slots=True)
class Call:
    """Call `node.call`, await or enter the result as its kind demands, and keep the value in `slot`.

    `guard`: slots that may hold `INVALID`; then the call is left out and its own value is `INVALID`.
    `limit`: held around the call, and around the whole life of a generator.
    """

    slot: Slot
    node: Node
    given: tuple[Given, ...]
    in_thread: bool = False
    guard: tuple[Slot, ...] = ()
    limit: Limit | None = field(default=None, repr=False)

    @property
    def is_async(self) -> bool:
        """Whether the step needs an event loop even if nothing runs in a thread."""
        return self.node.kind == "async" or (self.node.is_generator and self.node.kind == "async_generator")

    @property
    def opens(self) -> bool:
        """Whether something has to be left after this step."""
        return self.node.is_generator

    @property
    def ending(self) -> Ending:
        """When a generator is left."""
        return "function" if self.node.scope == "function" else "request"

    @property
    def uses(self) -> tuple[Slot, ...]:
        """The slots whose values the step needs."""
        return tuple(given.slot for given in self.given if given.slot is not None)


@dataclass(frozen=True, slots=True)
class Fetch:
    """Take a value of app lifetime out of the plan's `AppScope`, which makes it when first asked."""

    slot: Slot
    node: Node
    is_async: bool

    in_thread = False
    opens = False
    limit = None
    uses: tuple[Slot, ...] = ()


Step = Call | Fetch


@dataclass(frozen=True, slots=True)
class Hop:
    """Steps that run one after another in one visit to a worker thread."""

    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that run at the same time where their arguments allow it."""

    steps: tuple[Call, ...]


Stage = Call | Fetch | Hop | Group


@dataclass(frozen=True)
class Plan:
    """All steps of one call. `reads`, then `calls`, then `target`; `stages` is calls and target as they are
    run.

    `caller`: parameters that the caller of the compiled function passes, with their slots.
    """

    graph: Graph = field(repr=False)
    reads: tuple[Read, ...]
    calls: tuple[Step, ...]
    target: Call
    caller: tuple[tuple[Parameter, Slot], ...] = ()
    stages: tuple[Stage, ...] = field(default=(), repr=False)
    threads: bool = False
    app_scope: AppScope | None = field(default=None, repr=False)

    @property
    def steps(self) -> tuple[Read | Step, ...]:
        """Every step in order."""
        return (*self.reads, *self.calls, self.target)

    @property
    def caller_parameters(self) -> tuple[Parameter, ...]:
        """The parameters that are left for the caller, in the target's order."""
        return tuple(parameter for parameter, _ in self.caller)

    @cached_property
    def generators(self) -> tuple[Call, ...]:
        """The calls that have to be left, in order of entry."""
        return tuple(call for call in self.calls if isinstance(call, Call) and call.opens)

    @property
    def target_shares_hop(self) -> bool:
        """Whether others visit the target's worker thread with it: nothing can be awaited right before it."""
        return any(
            isinstance(stage, Hop) and len(stage.steps) > 1 and self.target in stage.steps
            for stage in self.stages
        )

    @cached_property
    def is_async(self) -> bool:
        """Whether the compiled function needs an event loop."""
        steps = (*self.calls, self.target)
        return (
            self.target.node.kind == "async_generator"
            or any(read.reader.is_async for read in self.reads)
            or any(step.is_async or step.in_thread for step in steps)
        )


def build_plan(
    graph: Graph, *, threads: bool = False, parallel: bool = False, app_scope: AppScope | None = None
) -> Plan:
    """Put the steps of `graph` in order.

    `threads`: plain functions and generators run in a worker thread (classes and inline functions don't);
    neighbours share one visit. `parallel`: coroutine functions that don't need each other run
    at the same time.
    `app_scope`: where values of app lifetime live. Raises `ScopeError` if it is needed and absent.

    >>> from fasterapi_di import Depends, build_graph
    >>> def get_name(): ...
    >>> def greet(name=Depends(get_name)): ...
    >>> [step.slot for step in build_plan(build_graph(greet, bind=lambda parameter, node: None)).steps]
    [name, result]
    """
    planner = _Planner(threads, app_scope)
    for node in graph.extra:
        planner.prepare(node, node.name)
    planner.arguments(graph.root)
    for node in graph.last:
        planner.prepare(node, node.name)
    target = planner.call(graph.root, Slot("result"))
    calls = tuple(planner.calls)
    return Plan(
        graph=graph,
        reads=tuple(planner.reads.values()),
        calls=calls,
        target=target,
        caller=tuple(planner.caller),
        stages=tuple(_stages((*calls, target), parallel=parallel)),
        threads=threads,
        app_scope=app_scope,
    )


class _Planner:
    def __init__(self, threads: bool, app_scope: AppScope | None) -> None:
        self.reads: dict[object, Read] = {}
        self.calls: list[Step] = []
        self.caller: list[tuple[Parameter, Slot]] = []
        self._threads = threads
        self._app_scope = app_scope
        self._slots: dict[object, Slot] = {}
        self._fallible: set[Slot] = set()

    def prepare(self, node: Node, hint: str) -> None:
        """Plan everything that `node` needs, and `node` itself, unless that was done before."""
        if node in self._slots:
            return
        slot = Slot(hint)
        if node.scope == "app":
            self._require_app_scope(node)
            self.calls.append(Fetch(slot, node, is_async=node.needs_loop))
        else:
            self.arguments(node)
            self.calls.append(self.call(node, slot))
        self._slots[node] = slot

    def arguments(self, node: Node) -> None:
        for argument in node.arguments:
            name, origin = argument.parameter.name, argument.origin
            if isinstance(origin, Node):
                self.prepare(origin, name)
        for argument in node.arguments:
            name, origin = argument.parameter.name, argument.origin
            if isinstance(origin, Reader):
                self._read(origin, name)
            elif origin is Origin.CALLER:
                slot = self._slots[argument.parameter] = Slot(name)
                self.caller.append((argument.parameter, slot))

    def call(self, node: Node, slot: Slot) -> Call:
        given = tuple(Given(argument.parameter, self._slot(argument)) for argument in node.arguments)
        guard = tuple(dict.fromkeys(item.slot for item in given if item.slot in self._fallible))
        if guard:
            self._fallible.add(slot)
        limit = node.depends.limit if node.depends else None
        return Call(slot, node, given, self._threads and node.can_block, guard, limit)

    def _read(self, reader: Reader, hint: str) -> None:
        key = _key(reader)
        if key in self.reads:
            return
        slot = self._slots[key] = Slot(reader.name or hint)
        self.reads[key] = Read(slot, reader)
        if reader.can_fail:
            self._fallible.add(slot)

    def _slot(self, argument: Argument) -> Slot | None:
        origin = argument.origin
        if origin is Origin.DEFAULT:
            return None
        if origin is Origin.CALLER:
            return self._slots[argument.parameter]
        return self._slots[_key(origin) if isinstance(origin, Reader) else origin]

    def _require_app_scope(self, node: Node) -> None:
        if self._app_scope is None:
            raise ScopeError(
                f'{node.name} has the scope "app", but there is no AppScope to keep it in',
                where=[f"{node.name} ({node.location})"],
                fix="pass one: inject(function, scope=AppScope()), build_plan(graph, app_scope=AppScope())",
            )


def steps_of(stage: Stage) -> tuple[Step, ...]:
    """Return the steps of a stage, in order."""
    return stage.steps if isinstance(stage, Hop | Group) else (stage,)


def _key(reader: Reader) -> object:
    return reader if reader.key is None else ("key", reader.key)


def _stages(steps: Iterable[Step], *, parallel: bool) -> Iterator[Stage]:
    waiting: list[Step] = []  # steps of a hop, or of a group, that is still growing
    for step in steps:
        joins = _joins_group(step) if parallel else step.limit is None and not step.is_async
        if joins and (waiting or parallel or step.in_thread):
            waiting.append(step)
            continue
        yield from _group(waiting) if parallel else _hop(waiting)
        waiting = []
        yield Hop((step,)) if step.in_thread else step
    yield from _group(waiting) if parallel else _hop(waiting)


def _hop(steps: list[Step]) -> Iterator[Stage]:
    last = max((number for number, step in enumerate(steps, 1) if step.in_thread), default=0)
    if last:
        yield Hop(tuple(steps[:last]))
    yield from steps[last:]


def _joins_group(step: Step) -> bool:
    is_call = isinstance(step, Call) and step.node.depends is not None
    return is_call and not (step.opens or step.limit or step.in_thread)


def _group(steps: list[Step]) -> Iterator[Stage]:
    """Group the steps from the first async one on, if at least two of them can overlap."""
    calls = [step for step in steps if isinstance(step, Call)]
    needs = _needs(calls)
    coroutines = [call for call in calls if call.is_async]
    overlap = any(
        first.slot not in needs[second.slot]
        for number, second in enumerate(coroutines)
        for first in coroutines[:number]
    )
    if overlap:
        yield Group(tuple(calls))
    else:
        yield from calls


def _needs(calls: list[Call]) -> dict[Slot, set[Slot]]:
    """For the slot of each call: all slots of `calls` that it needs, directly or not."""
    needs: dict[Slot, set[Slot]] = {}
    for call in calls:
        direct = [slot for slot in call.uses if slot in needs]
        needs[call.slot] = set(direct).union(*(needs[slot] for slot in direct))
    return needs
