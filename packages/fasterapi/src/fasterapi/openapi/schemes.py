"""A route's dependencies → the security schemes among them, with the scopes that are asked for.

Knows: the graph of a handler. Does not know: how schemes are written into the document.
"""

import inspect
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from fasterapi.routing.route import APIRoute
from fasterapi.security.base import SecurityBase
from fasterapi_di import Node

__all__ = ["Schemes"]

_Asked: TypeAlias = tuple[SecurityBase, tuple[str, ...]]
_Seen: TypeAlias = set[tuple[Node, tuple[str, ...]]]


class Schemes:
    """Finds the schemes of routes; those of one route are looked for once."""

    def __init__(self) -> None:
        self._found: dict[APIRoute, tuple[_Asked, ...]] = {}

    def of(self, route: APIRoute) -> tuple[_Asked, ...]:
        """Each scheme with the scopes asked for on one way down to it.

        Ways are walked, not nodes: a value that is shared is one node, however many ask for it with scopes of their
        own.
        """
        found = self._found.get(route)
        if found is None:
            *dependencies, _ = route.handler.graph.nodes
            found = ()
            for node in dependencies:
                if _scheme_of(node) is not None:
                    found = tuple(_walk(route))
                    break
            self._found[route] = found
        return found

    def described(self, routes: Iterable[Any]) -> dict[str, Any]:
        """The security schemes that the documented routes use, by name."""
        schemes: dict[str, Any] = {}
        for route in routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                for scheme, _ in self.of(route):
                    schemes[scheme.scheme_name] = scheme.model
        return schemes


def _walk(route: APIRoute) -> Iterator[_Asked]:
    graph = route.handler.graph
    seen: _Seen = set()
    for depends, node in zip(route.dependencies, graph.extra, strict=True):
        yield from _on(node, _unique(depends.context), seen)
    yield from _below(graph.root, (), seen)
    for node in graph.last:
        yield from _below(node, (), seen)


def _scheme_of(node: Node) -> SecurityBase | None:
    call: Any = node.call
    if hasattr(call, "__wrapped__"):
        call = inspect.unwrap(call)
    return call if isinstance(call, SecurityBase) else None


def _below(node: Node, scopes: tuple[str, ...], seen: _Seen) -> Iterator[_Asked]:
    for argument in node.arguments:
        if isinstance(argument.origin, Node):
            depends = argument.parameter.depends
            assert depends is not None
            inner = _unique((*scopes, *depends.context)) if depends.context else scopes
            yield from _on(argument.origin, inner, seen)


def _on(node: Node, scopes: tuple[str, ...], seen: _Seen) -> Iterator[_Asked]:
    if (node, scopes) in seen:
        return
    seen.add((node, scopes))
    scheme = _scheme_of(node)
    if scheme is not None:
        yield scheme, scopes
    yield from _below(node, scopes, seen)


def _unique(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(scopes))
