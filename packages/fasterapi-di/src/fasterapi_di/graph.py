"""The graph of everything that a callable needs: nodes, and what supplies their arguments.

Knows: what can be asked of a finished graph. Does not know: how it is built (`building`), order of execution, code.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any

from fasterapi_di import render
from fasterapi_di.callables import Kind, is_class, location, name_of
from fasterapi_di.markers import Depends, Scope, is_inline
from fasterapi_di.readers import Reader
from fasterapi_di.signature import Parameter


class Origin(Enum):
    """Where an argument comes from if neither a dependency nor a reader gives it."""

    CALLER = "caller"
    DEFAULT = "default"


class Argument:
    """A parameter together with what supplies it. Read-only."""

    __slots__ = ("origin", "parameter")

    def __init__(self, parameter: Parameter, origin: "Node | Reader | Origin") -> None:
        self.parameter = parameter
        self.origin = origin

    def __repr__(self) -> str:
        return f"Argument({self.parameter!r}, {self.origin!r})"


class Node:
    """One thing that is called: the target or a dependency. Complete, and read-only, once the graph is built.

    `call`: what is called, after overrides. `declared`: what was asked for, before overrides. `depends`: the
    marker that asked first, None for the target. `scope`: the lifetime, None for "no end to speak of".
    `context`: the contexts of all markers from the target down to here, without repetitions.
    `uses_context`: the value may differ between contexts.
    """

    __slots__ = (
        "__weakref__",
        "arguments",
        "call",
        "context",
        "declared",
        "depends",
        "kind",
        "parameters",
        "scope",
        "uses_context",
    )

    def __init__(
        self,
        call: Callable[..., Any],
        declared: Callable[..., Any],
        depends: Depends | None,
        context: tuple[str, ...],
        *,
        kind: Kind,
        scope: Scope | None,
        parameters: tuple[Parameter, ...],
    ) -> None:
        self.call = call
        self.declared = declared
        self.depends = depends
        self.context = context
        self.kind = kind
        self.scope = scope
        self.parameters = parameters
        self.arguments: tuple[Argument, ...] = ()
        self.uses_context = False

    @property
    def name(self) -> str:
        """The name a person would use."""
        return name_of(self.call)

    @property
    def location(self) -> str:
        """`file:line` of the callable."""
        return location(self.call)

    @property
    def children(self) -> "tuple[Node, ...]":
        """The dependencies of this node, in parameter order."""
        return tuple([argument.origin for argument in self.arguments if isinstance(argument.origin, Node)])

    @property
    def is_generator(self) -> bool:
        """Whether the value has to be left after use."""
        return self.depends is not None and self.kind in ("generator", "async_generator")

    @property
    def can_block(self) -> bool:
        """Whether the call may stop the thread it runs in: plain code that is neither inline nor a class."""
        if self.kind == "generator" and self.depends is None:
            return False  # to call a generator function runs nothing of it
        is_marked = is_inline(self.call) or (self.depends is not None and self.depends.inline)
        return self.kind in ("sync", "generator") and not is_marked and not is_class(self.call)

    @property
    def needs_loop(self) -> bool:
        """Whether this node or anything below it is async."""
        return self.kind in ("async", "async_generator") or any(child.needs_loop for child in self.children)

    def __repr__(self) -> str:
        return f"Node({self.name})"


class Graph:
    """The target (`root`) and, through it, every node; `extra` and `last` nodes give no value.

    `extra` nodes run before everything that the target needs, `last` ones after it, just before the target.

    `str(graph)` draws it as a tree, `graph.mermaid()` as a Mermaid flowchart.
    """

    __slots__ = ("_nodes", "extra", "last", "root")

    def __init__(self, root: Node, extra: tuple[Node, ...] = (), last: tuple[Node, ...] = ()) -> None:
        self._nodes: tuple[Node, ...] | None = None
        self.root = root
        self.extra = extra
        self.last = last

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node once, dependencies before their dependants, the root last."""
        if self._nodes is None:
            seen: dict[Node, None] = {}
            for start in (*self.extra, *self.root.children, *self.last, self.root):
                _collect(start, seen)
            self._nodes = tuple(seen)
        return self._nodes

    @property
    def readers(self) -> tuple[Reader, ...]:
        """Every reader object once, those of dependencies before those of the dependant."""
        found = (argument.origin for node in self.nodes for argument in node.arguments)
        return tuple(dict.fromkeys(origin for origin in found if isinstance(origin, Reader)))

    def mermaid(self) -> str:
        """Return a Mermaid flowchart, dependants above their dependencies."""
        return render.mermaid(self.root, (*self.extra, *self.last))

    def __str__(self) -> str:
        return render.tree(self.root, self.extra, self.last)


def _collect(node: Node, seen: dict[Node, None]) -> None:
    if node not in seen:
        for argument in node.arguments:
            if isinstance(argument.origin, Node):
                _collect(argument.origin, seen)
        seen[node] = None
