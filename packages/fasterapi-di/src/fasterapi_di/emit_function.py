"""Plan → the text of a whole function that stands on its own.

Knows: parameters of the caller, `return`, `yield`, overrides. Does not know: the text of single steps.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fasterapi_di.callables import name_of
from fasterapi_di.code import CodeBuilder, Source, clean_name
from fasterapi_di.emit_plan import Hooks, Runners, StepWriter, TargetHook
from fasterapi_di.markers import MISSING
from fasterapi_di.plan import Hop, Plan
from fasterapi_di.signature import KEYWORD_ONLY, POSITIONAL_ONLY, Parameter


@dataclass(frozen=True, slots=True)
class Overridable:
    """Overrides in force are in `mapping`; `variant(mapping)` is then called instead."""

    mapping: Mapping[Any, Any]
    variant: Callable[[Mapping[Any, Any]], Callable[..., Any]]


def emit(
    plan: Plan,
    name: str = "",
    filename: str = "",
    *,
    is_async: bool | None = None,
    overridable: Overridable | None = None,
) -> Source:
    """Return the text of a function that takes `plan.caller_parameters` and returns the target's result.

    It is an `async def` if the plan needs an event loop (or if `is_async` says so), and a generator if the
    target is one. Where a generator dependency swallows an exception it returns None, as a function does
    whose `with` block swallows. With `overridable` it looks for overrides at the beginning of every call.

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
    is_async = plan.is_async if is_async is None else is_async
    with code.function(function, declared(plan.caller_parameters), is_async=is_async):
        delivery = _Delivery(plan, code, is_async)
        if overridable is not None:
            mapping = code.global_(overridable.mapping, "overrides")
            variant = code.global_(overridable.variant, "variant")
            with code.block(f"if {mapping}:"):
                delivery.of_variant(f"{variant}({mapping})({forwarded(plan.caller_parameters)})")
        delivery.of_steps()
    return code.source(function, filename or f"<dependencies of {name_of(target)}>")


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


def forwarded(parameters: Sequence[Parameter]) -> str:
    """Return the arguments with which a function calls another one of the same parameters."""
    return ", ".join(
        f"{parameter.name}={parameter.name}" if parameter.kind is KEYWORD_ONLY else parameter.name
        for parameter in parameters
    )


class _Delivery:
    """Write how the result reaches the caller: returned, awaited, or yielded item by item."""

    def __init__(self, plan: Plan, code: CodeBuilder, is_async: bool) -> None:
        self._plan = plan
        self._code = code
        self._is_async = is_async
        self._kind = plan.target.node.kind

    def of_variant(self, call: str) -> None:
        """Write the call of another function of this kind and return its result."""
        if self._is_async and self._kind in ("generator", "async_generator"):
            self._items(call)
            self._code.line("return")
        elif self._kind == "generator":
            self._code.line(f"return (yield from {call})")
        else:
            self._code.line(f"return {'await ' if self._is_async else ''}{call}")

    def of_steps(self) -> None:
        """Write the steps and what returns their result."""
        yields = self._kind in ("generator", "async_generator")
        in_hop = isinstance(self._plan.stages[-1], Hop)
        returns_at_once = not self._plan.generators and not in_hop
        hook: TargetHook | None = None
        if self._is_async and yields:
            hook = self._items if self._kind == "async_generator" else self._plain_items
        elif returns_at_once:
            hook = self._return
        elif yields:
            hook = self._keep
        writer = StepWriter(self._plan, self._code, Hooks(target=hook, unset=None), Runners())
        writer.write()
        if not returns_at_once and not (self._is_async and yields):
            self._code.line(f"return {writer.result}")

    def _return(self, call: str, _result: str) -> None:
        if self._kind == "generator":
            self._code.line(f"return (yield from {call})")
        else:
            self._code.line(f"return {'await ' if self._kind == 'async' else ''}{call}")

    def _keep(self, call: str, result: str) -> None:
        self._code.line(f"{result} = yield from {call}")

    def _plain_items(self, call: str, _result: str) -> None:
        with self._code.block(f"for {(item := self._code.local('item'))} in {call}:"):
            self._code.line(f"yield {item}")

    def _items(self, call: str, _result: str = "") -> None:
        """Do for an async generator what `yield from` does for a plain one."""
        items, item = self._code.local("items"), self._code.local("item")
        error, sent = self._code.local("thrown"), self._code.local("sent")
        stop = self._code.global_(StopAsyncIteration, "StopAsyncIteration")
        leaving = self._code.global_(GeneratorExit, "GeneratorExit")
        base = self._code.global_(BaseException, "BaseException")
        self._code.line(f"{items} = {call}")
        with self._code.block("try:"):
            self._code.line(f"{item} = await {items}.__anext__()")
            with self._code.block("while True:"):
                with self._code.block("try:"):
                    self._code.line(f"{sent} = yield {item}")
                with self._code.block(f"except {leaving}:"):
                    self._code.line(f"await {items}.aclose()")
                    self._code.line("raise")
                with self._code.block(f"except {base} as {error}:"):
                    self._code.line(f"{item} = await {items}.athrow({error})")
                with self._code.block("else:"):
                    self._code.line(f"{item} = await {items}.asend({sent})")
        with self._code.block(f"except {stop}:"):
            self._code.line("pass")
