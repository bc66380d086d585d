"""All routes of one method: the two commonest kinds in dictionaries, the others in plans by the number of slashes.

A path without parameters is a key of `static`. The text before the last slash is a key of `prefixes` if what
follows it is one bare parameter: `/users/{id}` is the first match of every path below `/users` but the static ones,
unless another template stands at that place.

Knows: when plans are made and thrown away. Does not know: other methods, what is inside a plan.
Invariant: whoever reads while a route is added sees the table before or after, never in between: a dictionary
entry, a slot of a list and `hot` are each replaced in one assignment, and plans are made under the lock.

A plan is made when the first path of its length is looked up. So adding N routes takes N short steps, and a
route that comes later costs only the plans of its own length.
"""

from collections.abc import Callable, Sequence
from threading import RLock
from typing import Any, Generic, TypeAlias, TypeVar

from fasterapi_router.leaf import Leaves
from fasterapi_router.plan import Plan, make_plan
from fasterapi_router.result import Route
from fasterapi_router.template import BARE, Segment

T = TypeVar("T")

ANY_METHOD = "*"
"""The method of a route that answers every method that has no route of its own at that place."""


# For a path without parameters: handler, metadata and the whole answer of `lookup`.
StaticEntry: TypeAlias = tuple[Any, object, tuple[Any, tuple[()]]]
# For the text before a last bare parameter: handler, metadata and the parameter's name.
PrefixEntry: TypeAlias = tuple[Any, object, str]
# `static`; `prefixes`; the plan for each number of slashes, the last one also for greater numbers; the last's
# index. Plain tuples throughout, which Python unpacks fastest.
Hot: TypeAlias = tuple[dict[str, StaticEntry], dict[str, PrefixEntry], list[Plan | None], int]


class Routes(Generic[T]):
    """The routes of one method: `static` ones, `dynamic` by number of slashes, `tails` with a catch-all."""

    def __init__(self, method: str) -> None:
        self._method = method
        self.static: dict[str, StaticEntry] = {}
        self.prefixes: dict[str, PrefixEntry] = {}
        self._by_prefix: dict[str, Route[T]] = {}
        # Prefixes that a bare parameter shares with a more specific segment.
        self._contested: set[str] = set()
        self.dynamic: dict[int, list[Route[T]]] = {}
        self.tails: list[Route[T]] = []
        self.length = 1
        self._by_shape: dict[str, Route[T]] = {}

    def put(self, route: Route[T]) -> None:
        """Add a route. Of two that match the same paths, the one whose method comes closer stays."""
        template = route.template
        former = self._by_shape.get(template.shape)
        if former is not None and self._distance(former) < self._distance(route):
            return
        self._by_shape[template.shape] = route
        if not template.names:
            path = "/".join(segment for segment in template.segments if isinstance(segment, str))
            self.static[path] = (route.handler, route.metadata, (route.handler, ()))
            return
        slashes = len(template.segments) - 1
        group = self.tails if template.tail >= 0 else self.dynamic.setdefault(slashes, [])
        if former is not None:
            group.remove(former)
        group.append(route)
        self.length = max(self.length, slashes + 1)
        if template.tail < 0:
            self._put_prefix(route)

    def _put_prefix(self, route: Route[T]) -> None:
        *before, last = route.template.segments
        texts = [segment for segment in before if isinstance(segment, str)]
        if len(texts) < len(before) or not isinstance(last, Segment):
            return
        prefix = "/".join(texts)
        # A path without any slash has no text before its last one either, and must not match `/{id}`.
        if not prefix:
            return
        if last.kind != BARE:
            self._contested.add(prefix)
            self.prefixes.pop(prefix, None)
            self._by_prefix.pop(prefix, None)
        elif prefix not in self._contested:
            self.prefixes[prefix] = (route.handler, route.metadata, route.template.names[0])
            self._by_prefix[prefix] = route

    def _distance(self, route: Route[T]) -> int:
        return 0 if route.method == self._method else 2 if route.method == ANY_METHOD else 1

    def reaching(self, slashes: int) -> list[Route[T]]:
        """The routes that a path with so many slashes may belong to, and that no dictionary answers."""
        answered = set(map(id, self._by_prefix.values()))
        dynamic = [route for route in self.dynamic.get(slashes, ()) if id(route) not in answered]
        return dynamic + [route for route in self.tails if route.template.tail <= slashes]


class PlanList(Generic[T]):
    """The plans for one kind of answer; `leaves` and `ask_tree` as in `make_plan`."""

    def __init__(
        self, routes: Routes[T], lock: RLock, leaves: Leaves[T], ask_tree: Callable[[str], Any]
    ) -> None:
        self._routes = routes
        self._lock = lock
        self._leaves = leaves
        self._ask_tree = ask_tree
        self._unmade: Plan = self._make_and_answer
        self.hot: Hot = (routes.static, routes.prefixes, [None, None], 1)

    def forget(self, route: Route[T]) -> None:
        """A route was put: the plans that it may change are made anew when they are next needed."""
        if not route.template.names:
            return
        _, _, plans, last = self.hot
        if last == self._routes.length and route.template.tail < 0:
            plans[len(route.template.segments) - 1] = self._unmade
            return
        last = self._routes.length
        # a path without slashes matches nothing, one with more than any template nothing but a catch-all
        plans = [None, *[self._unmade] * (last - 1), self._unmade if self._routes.tails else None]
        self.hot = (self._routes.static, self._routes.prefixes, plans, last)

    def _make_and_answer(self, parts: Sequence[str]) -> Any:
        path = "/".join(parts)
        slashes = path.count("/")
        with self._lock:
            _, _, plans, last = self.hot
            slashes = min(slashes, last)
            plan = plans[slashes]
            if plan is self._unmade:
                routes = self._routes.reaching(slashes)
                plan = make_plan(routes, slashes, self._leaves, self._ask_tree) if routes else None
                plans[slashes] = plan
        if plan is None:
            return None
        return plan(parts)
