"""`inject`: the package without a framework.

Knows: how a user's callable becomes a function that looks the same from outside. Does not know: text.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, ParamSpec, Protocol, TypeVar, overload

from fasterapi_di.appscope import AppScope
from fasterapi_di.building import Overrides, build_graph
from fasterapi_di.compile import compile_source
from fasterapi_di.emit_function import Overridable, emit
from fasterapi_di.errors import AsyncDependencyError
from fasterapi_di.graph import Graph, Node
from fasterapi_di.plan import Plan, build_plan
from fasterapi_di.plan_cache import PlanCache
from fasterapi_di.signature import Parameter, read_signature

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Callable[..., Any])


@overload
def inject(
    function: Callable[P, Awaitable[R]],
    /,
    *,
    threads: bool,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> Callable[P, Awaitable[R]]: ...
@overload
def inject(
    function: Callable[P, R],
    /,
    *,
    threads: bool,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> Callable[P, Awaitable[R]]: ...
@overload
def inject(
    function: C,
    /,
    *,
    threads: None = None,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> C: ...
@overload
def inject(
    *,
    threads: bool,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> "_AsyncDecorator": ...
@overload
def inject(
    *,
    threads: None = None,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> Callable[[C], C]: ...
def inject(
    function: Any = None,
    /,
    *,
    threads: bool | None = None,
    overrides: Overrides | None = None,
    parallel: bool = False,
    scope: AppScope | None = None,
) -> Any:
    """Return `function` with its dependencies supplied; also a decorator, with and without options.

    Parameters without `Depends` stay parameters of the result, in their order. Functions, coroutine
    functions, generators, async generators, methods, classes, static and class methods keep their kind. What
    needs no dependency is returned unchanged.

    `overrides`: a mapping from dependencies to what is called instead. It may change at any moment; each set
    is compiled once. `scope`: keeps values of the lifetime "app". `parallel`: coroutine functions that don't
    need each other run at the same time. `threads`: makes an async function of a plain one too; True runs
    plain functions in worker threads, False runs them where they are called. Without it a plain function
    stays plain and may have no async dependency.

    Raises a subclass of `DependencyError`, at once and not when the function is called.

    >>> from fasterapi_di import Depends
    >>> def get_greeting() -> str:
    ...     return "Hello"
    >>> @inject
    ... def greet(name: str, greeting: str = Depends(get_greeting)) -> str:
    ...     return f"{greeting} {name}"
    >>> greet("Ada")
    'Hello Ada'
    """
    options = _Options(threads, overrides, parallel, scope)
    if function is None:
        return functools.partial(_inject, options=options)
    return _inject(function, options)


class _AsyncDecorator(Protocol):
    @overload
    def __call__(self, function: Callable[P, Awaitable[R]], /) -> Callable[P, Awaitable[R]]: ...
    @overload
    def __call__(self, function: Callable[P, R], /) -> Callable[P, Awaitable[R]]: ...


@dataclass(frozen=True, slots=True)
class _Options:
    threads: bool | None
    overrides: Overrides | None
    parallel: bool
    scope: AppScope | None


def _inject(function: Any, options: _Options) -> Any:
    if isinstance(function, staticmethod | classmethod):
        return type(function)(_inject(function.__func__, options))
    if not any(parameter.depends for parameter in read_signature(function)):
        return function
    if options.overrides is None:
        return _dressed(_compile(function, options, None)[1], function)
    inner = replace(options, overrides=None)
    cache = PlanCache(lambda overrides: _compile(function, inner, overrides))
    outer = Overridable(options.overrides, cache.variant)
    return _dressed(_compile(function, options, None, outer)[1], function)


def _compile(
    function: Callable[..., Any],
    options: _Options,
    overrides: Overrides | None,
    overridable: Overridable | None = None,
) -> tuple[Graph, Callable[..., Any]]:
    graph = build_graph(function, bind=_leave_to_caller, overrides=overrides)
    plan = build_plan(
        graph, threads=bool(options.threads), parallel=options.parallel, app_scope=options.scope
    )
    is_async = options.threads is not None or graph.root.kind in ("async", "async_generator")
    if plan.is_async and not is_async:
        raise _async_dependency(plan)
    return graph, compile_source(emit(plan, is_async=is_async, overridable=overridable))


def _leave_to_caller(_parameter: Parameter, _node: Node) -> None:
    return None


def _dressed(compiled: Callable[..., Any], function: Callable[..., Any]) -> Callable[..., Any]:
    """Give `compiled` the name, the documentation and the visible signature of `function`."""
    source = vars(compiled)["__source__"]
    # Of classes and objects only the names are taken: what is in their `__dict__` is their own.
    updated = functools.WRAPPER_UPDATES if inspect.isroutine(function) else ()
    functools.update_wrapper(compiled, function, updated=updated)
    left = {parameter.name for parameter in read_signature(function) if parameter.depends is None}
    signature = inspect.signature(function)
    visible = [parameter for name, parameter in signature.parameters.items() if name in left]
    dressed: Any = compiled
    dressed.__signature__ = signature.replace(parameters=visible)
    dressed.__source__ = source  # a function that was injected before brings its own
    return compiled


def _async_dependency(plan: Plan) -> AsyncDependencyError:
    root = plan.graph.root
    culprit = next((step.node for step in plan.calls if step.is_async), root)
    return AsyncDependencyError(
        f"{root.name} is a plain function, but its dependency {culprit.name} is async",
        where=[f"{root.name} ({root.location})", f"{culprit.name} ({culprit.location})"],
        fix=f"make {root.name} an `async def`, or use inject(..., threads=True) and await the result",
    )
