"""Compiled functions per set of overrides.

Knows: when two sets of overrides mean the same for one target. Does not know: how a function is compiled.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from fasterapi_di.building import Overrides, replacement
from fasterapi_di.graph import Graph

F = TypeVar("F")

# Test suites override with a new lambda per test; older variants are compiled again if they come back.
_MOST_VARIANTS = 64


class PlanCache(Generic[F]):
    """Find, or build once, the function for the overrides that are in force.

    `build(overrides)` gives the graph and the function for one set. It is called under a lock, once per set
    that makes a difference: overrides of dependencies that do not occur in the graph are not part of the
    set.

    >>> from fasterapi_di import Depends, build_graph
    >>> def get_name(): ...
    >>> def greet(name=Depends(get_name)): ...
    >>> def build(overrides):
    ...     print("built")
    ...     graph = build_graph(greet, bind=lambda parameter, node: None, overrides=overrides)
    ...     return graph, str(graph)
    >>> cache = PlanCache(build)
    >>> cache.variant({}) is cache.variant({print: len})
    built
    True
    """

    def __init__(self, build: Callable[[Overrides], tuple[Graph, F]]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._variants: list[tuple[tuple[tuple[Any, Any], ...], F]] = []
        self._last: tuple[tuple[tuple[Any, Any], ...], F] | None = None

    def variant(self, overrides: Mapping[Any, Any]) -> F:
        """Return the function for `overrides` as they are at this moment."""
        last = self._last  # one read: another thread may replace the tuple, but never change it
        if last is not None and len(last[0]) == len(overrides):
            for declared, used in last[0]:
                if overrides.get(declared) is not used:
                    break
            else:
                return last[1]
        snapshot = dict(overrides)
        with self._lock:
            function = self._find(snapshot)
            self._last = tuple(snapshot.items()), function
        return function

    def _find(self, snapshot: dict[Any, Any]) -> F:
        for decisions, function in self._variants:
            if all(replacement(declared, snapshot) is used for declared, used in decisions):
                return function
        graph, function = self._build(snapshot)
        decisions = tuple((node.declared, node.call) for node in graph.nodes if node.depends is not None)
        self._variants = [*self._variants[-_MOST_VARIANTS + 1 :], (decisions, function)]
        return function
