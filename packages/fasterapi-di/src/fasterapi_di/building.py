"""A callable → the graph of everything it needs.

Knows: who asks for whom, what is shared, which lifetimes fit together. Does not know: order of execution,
code. A graph is a tree of questions folded into nodes: two parameters that ask for the same thing meet in
one `Node`.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType, MethodType
from typing import Any

from fasterapi_di.callables import Kind, kind_of, location, name_of
from fasterapi_di.errors import (
    DependencyCycle,
    DependencyError,
    ScopeError,
    SignatureError,
    UnsuppliedParameterError,
)
from fasterapi_di.graph import Argument, Graph, Node, Origin
from fasterapi_di.markers import MISSING, Depends, Scope
from fasterapi_di.readers import Reader
from fasterapi_di.signature import POSITIONAL_OR_KEYWORD, VARIADIC, Parameter, read_signature

Bind = Callable[[Parameter, Node], Reader | None]
Overrides = Mapping[Callable[..., Any], Callable[..., Any]]
NO_OVERRIDES: Overrides = MappingProxyType({})


def build_graph(
    target: Callable[..., Any],
    *,
    bind: Bind,
    extra: Sequence[Depends] = (),
    last: Sequence[Depends] = (),
    overrides: Overrides | None = None,
) -> Graph:
    """Read `target` and everything it depends on.

    `bind(parameter, node)` is asked for every parameter that carries no `Depends`. None means: the caller of
    the finished function passes it (parameters of the target), or its default stays (parameters of a
    dependency). `extra` dependencies come before the target's own, `last` ones after them. `overrides`
    replaces dependencies anywhere; a replacement is read in its place, with its own dependencies, and is not
    itself replaced.

    Raises a subclass of `DependencyError`: for cycles, unreadable signatures, unsupplied parameters and
    lifetimes that don't fit. Each names the chain with file and line.

    >>> def get_name(): ...
    >>> def greet(name=Depends(get_name)): ...
    >>> build_graph(greet, bind=lambda parameter, node: None).root.children
    (Node(get_name),)
    """
    builder = _Builder(bind, overrides or NO_OVERRIDES)
    return builder.build(target, extra, last)


def identity(call: Callable[..., Any]) -> Hashable:
    """Return what stands for `call` in keys: itself, or its address if it can't be hashed."""
    try:
        hash(call)
    except TypeError:
        return ("unhashable", id(call))
    return call


def replacement(declared: Callable[..., Any], overrides: Overrides) -> Callable[..., Any]:
    """Return what is called where `declared` was asked for."""
    try:
        return overrides.get(declared, declared)
    except TypeError:  # not hashable, so it can't be a key of the mapping
        return declared


class _Builder:
    def __init__(self, bind: Bind, overrides: Overrides) -> None:
        self._bind = bind
        self._overrides = overrides
        self._shared: dict[Hashable, Node] = {}
        self._path: list[tuple[str, Callable[..., Any]]] = []

    def build(self, target: Callable[..., Any], extra: Sequence[Depends], last: Sequence[Depends]) -> Graph:
        self._path.append(("", target))
        try:
            kind = kind_of(target)
            root = Node(target, target, None, (), kind=kind, scope=None, parameters=read_signature(target))
            extra_nodes = self._extras(extra, root) if extra else ()
            self._fill(root)
            last_nodes = self._extras(last, root) if last else ()
        except DependencyError as error:
            error.add_chain(
                [_question(asker, asked, name) for (_, asker), (name, asked) in pairwise(self._path)]
            )
            raise
        return Graph(root, extra_nodes, last_nodes)

    def _extras(self, markers: Sequence[Depends], root: Node) -> tuple[Node, ...]:
        return tuple([self._extra(depends, root) for depends in markers])

    def _extra(self, depends: Depends, root: Node) -> Node:
        if depends.dependency is None:
            raise SignatureError(
                "an extra dependency was declared as `Depends()` without a callable",
                where=[f"for {root.name} ({root.location})"],
                fix="name the callable: Depends(check_token)",
            )
        return self._visit(depends, depends.dependency, root, "")

    def _visit(
        self, depends: Depends, declared: Callable[..., Any], parent: Node, parameter_name: str
    ) -> Node:
        context = parent.context
        if depends.context:
            context = tuple(dict.fromkeys((*context, *depends.context)))
        kind = kind_of(declared)
        scope = _scope(depends, kind, parent)
        key: Hashable = (identity(declared), scope)
        if depends.shared and self._shared:
            for known in ((key, frozenset(context)), (key, None)):
                if known in self._shared and (known[1] is not None or not depends.context):
                    return self._shared[known]
        call = replacement(declared, self._overrides) if self._overrides else declared
        self._refuse_cycle(call, parameter_name)
        self._path.append((parameter_name, call))  # an error leaves the path as it is: it tells where
        if call is not declared:
            kind = kind_of(call)
            scope = _scope(depends, kind, parent)
        node = Node(call, declared, depends, context, kind=kind, scope=scope, parameters=read_signature(call))
        self._fill(node)
        self._path.pop()
        if depends.context or (node.arguments and _uses_context(node)):
            node.uses_context = True
        if scope == "app" and not depends.shared:
            return node
        # As in FastAPI, a value made for one asker alone serves a later asker that accepts a shared one.
        shared = self._shared.setdefault((key, frozenset(context) if node.uses_context else None), node)
        return shared if depends.shared else node

    def _fill(self, node: Node) -> None:
        arguments = []
        for parameter in node.parameters:
            if parameter.kind is not POSITIONAL_OR_KEYWORD and parameter.kind in VARIADIC:
                raise _variadic(parameter, node)
            depends = parameter.depends
            origin = (
                self._bound(parameter, node) if depends is None else self._asked(depends, parameter, node)
            )
            arguments.append(Argument(parameter, origin))
        node.arguments = tuple(arguments)

    def _asked(self, depends: Depends, parameter: Parameter, node: Node) -> Node:
        if depends.dependency is None:
            depends = _with_dependency(depends, parameter, node)
        assert depends.dependency is not None
        child = self._visit(depends, depends.dependency, node, parameter.name)
        _refuse_leak(node, child, depends, parameter)
        return child

    def _bound(self, parameter: Parameter, node: Node) -> Reader | Origin:
        reader = self._bind(parameter, node)
        if reader is not None:
            if node.scope == "app":
                raise _leak(
                    node, parameter, f"parameter `{parameter.name}`, which is read anew in every call"
                )
            return reader
        if node.depends is None:
            return Origin.CALLER
        if parameter.default is not MISSING:
            return Origin.DEFAULT
        raise UnsuppliedParameterError(
            f"nobody supplies parameter `{parameter.name}` of the dependency {node.name}",
            where=[f"{node.name} is at {node.location}"],
            fix=f"give `{parameter.name}` a default, or declare it with `Depends(...)`",
        )

    def _refuse_cycle(self, call: Callable[..., Any], parameter_name: str) -> None:
        for number, (_, step) in enumerate(self._path):
            if _is_same(step, call):
                raise self._cycle(number, call, parameter_name)

    def _cycle(self, begin: int, call: Callable[..., Any], parameter_name: str) -> DependencyCycle:
        circle = [*self._path[begin:], (parameter_name, call)]
        return DependencyCycle(
            " → ".join(name_of(step) for _, step in circle),
            where=[_question(asker, asked, name) for (_, asker), (name, asked) in pairwise(circle)],
            fix="remove one `Depends`, or pass the value as an argument",
        )


def _variadic(parameter: Parameter, node: Node) -> SignatureError:
    stars = "*" if parameter.kind is VARIADIC[0] else "**"
    return SignatureError(
        f"{node.name} takes `{stars}{parameter.name}`, for which no values can be chosen",
        where=[f"{node.name} is at {node.location}"],
        fix="name its parameters, or wrap it in a function that does (a lambda will do)",
    )


def _is_same(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    # `service.load` is a new object each time it is written; other callables may have an odd `__eq__`.
    return one is other or (isinstance(one, MethodType) and one == other)


def _question(asker: Callable[..., Any], asked: Callable[..., Any], parameter_name: str) -> str:
    asks = f"{name_of(asker)} ({location(asker)}) asks for {name_of(asked)}"
    return f"{asks} through parameter `{parameter_name}`" if parameter_name else asks


def _scope(depends: Depends, kind: Kind, parent: Node) -> Scope | None:
    if depends.scope in ("function", "request", "app"):
        return depends.scope
    if parent.scope == "app" and depends.scope == "transient":
        return "app"  # made for its holder alone, it lives as long as the holder
    return "request" if kind in ("generator", "async_generator") else None


def _uses_context(node: Node) -> bool:
    for argument in node.arguments:
        origin = argument.origin
        if not isinstance(origin, Origin) and origin.uses_context:
            return True
    return False


def _with_dependency(depends: Depends, parameter: Parameter, node: Node) -> Depends:
    call = parameter.annotation
    if call is MISSING or not callable(call):
        raise SignatureError(
            f"parameter `{parameter.name}` of {node.name} says `Depends()` without a type to call",
            where=[f"{node.name} ({node.location})"],
            fix=f"annotate it with a class, or name a callable: Depends(make_{parameter.name})",
        )
    return depends.with_dependency(call)


def _refuse_leak(node: Node, child: Node, depends: Depends, parameter: Parameter) -> None:
    if node.scope == "app" and depends.scope not in ("app", "transient"):
        raise _leak(node, parameter, f"{child.name} ({child.location}), which ends with the request")
    if node.scope == "request" and node.is_generator and depends.scope == "function":
        raise ScopeError(
            f'{node.name} has the scope "request", {child.name} ends before it with the scope "function"',
            where=[f"{node.name} ({node.location}) asks for it through parameter `{parameter.name}`"],
            fix=f'give {child.name} the scope "request", or {node.name} the scope "function"',
        )


def _leak(node: Node, parameter: Parameter, what: str) -> ScopeError:
    return ScopeError(
        f"{node.name} lives as long as the application but would hold {what}",
        where=[f"{node.name} ({node.location}) asks for it through parameter `{parameter.name}`"],
        fix=f'declare that parameter with Depends(..., scope="app"), or {node.name} without scope="app"',
    )
