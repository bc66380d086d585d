"""Routes of one method and one number of slashes → a chain of dictionary lookups, the fast way to an answer.

Knows: columns (the segments of a split path), which to look at first. Does not know: the tree's nodes.
Invariant: a plan answers what the tree would answer. Where many patterns compete for one segment, or
many combinations of static and dynamic segments for one path, it hands the path to the tree instead of
growing.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from fasterapi_router.leaf import Leaves, Step
from fasterapi_router.result import Route
from fasterapi_router.template import CATCH_ALL, MIXED, OrderKey

T = TypeVar("T")

MAX_PATTERNS = 4
"""So many patterns may be tried one after the other on one segment; beyond, the tree's index is faster."""
MAX_CALLS = 100
"""So many steps may call each other when all fail; beyond, recursion would go deep."""

Cell: TypeAlias = str | OrderKey | None
Plan: TypeAlias = Step


class Row(NamedTuple, Generic[T]):
    """A route and its cells by column: static text, the key of a dynamic segment, None behind a catch-all."""

    route: Route[T]
    cells: tuple[Cell, ...]


class Chain(NamedTuple):
    """A step and how many calls, this one included, it may take until the last one has failed."""

    step: Step
    calls: int


def make_plan(
    routes: Sequence[Route[T]], slashes: int, leaves: Leaves[T], ask_tree: Callable[[str], Any]
) -> Plan:
    """How to look up paths with so many slashes among `routes`: a step to call with the split path.

    `leaves` makes the last steps; `ask_tree` takes a whole path and answers as they do.
    """
    rows: list[Row[T]] = []
    for route in routes:
        cells = route.template.cells()
        rows.append(Row(route, cells + (None,) * (slashes + 1 - len(cells))))
    planner = _Planner(leaves, lambda parts: ask_tree("/".join(parts)))
    return planner.plan(rows, list(range(1, slashes + 1)), Chain(miss, 1)).step


class _Planner(Generic[T]):
    """In every method, `rest` is what follows the rows in the order, and what their steps call when they fail."""

    def __init__(self, leaves: Leaves[T], defer: Step) -> None:
        self._leaves = leaves
        self._defer = Chain(defer, 1)

    def plan(self, rows: list[Row[T]], columns: list[int], rest: Chain) -> Chain:
        """The chain for `rows`, of whose cells only `columns` are still to be looked at."""
        if rest.calls > MAX_CALLS:
            return self._defer
        static: list[int] = []
        switchable: list[tuple[int, int]] = []
        first_difference = -1
        for column in columns:
            cells = {row.cells[column] for row in rows}
            if all(isinstance(cell, str) for cell in cells):
                static.append(column)
                if len(cells) > 1:
                    switchable.append((len(cells), column))
            elif len(cells) > 1 and first_difference < 0:
                first_difference = column
        if first_difference < 0:
            return self._exact(rows, static, rest)
        if switchable:
            return self._switch(rows, _best_column(rows, switchable), columns, rest)
        return self._branch(rows, first_difference, columns, rest)

    def _switch(self, rows: list[Row[T]], column: int, columns: list[int], rest: Chain) -> Chain:
        """A table over the texts of one column, static in all rows."""
        remaining = [other for other in columns if other != column]
        return _switch(
            column, {text: self.plan(group, remaining, rest) for text, group in _by_text(rows, column)}, rest
        )

    def _branch(self, rows: list[Row[T]], column: int, columns: list[int], rest: Chain) -> Chain:
        """The first column in which the rows differ is dynamic in some of them, which come last."""
        kinds = sorted({cell for row in rows if isinstance(cell := row.cells[column], tuple)})
        if sum(kind[0] in (MIXED, CATCH_ALL) for kind in kinds) > MAX_PATTERNS:
            return self._defer
        for kind in reversed(kinds):
            rest = self.plan([row for row in rows if row.cells[column] == kind], columns, rest)
        static = [row for row in rows if isinstance(row.cells[column], str)]
        return self._switch(static, column, columns, rest) if static else rest

    def _exact(self, rows: list[Row[T]], static: list[int], rest: Chain) -> Chain:
        """All rows are static and dynamic in the same columns, in the same way: the static texts decide."""
        texts = sorted((len({row.cells[column] for row in rows}), column) for column in static or [0])
        most, key = texts[-1]
        if most < len(rows):  # no column alone tells them apart
            column = next(column for number, column in texts if number > 1)
            remaining = [other for other in static if other != column]
            groups = _by_text(rows, column)
            return _switch(
                column, {text: self._exact(group, remaining, rest) for text, group in groups}, rest
            )
        others = [column for column in static if column != key]
        pick = itemgetter(*others) if others else None
        routes = {str(row.cells[key]): (pick and pick(row.cells), row.route) for row in rows}
        return Chain(self._leaves.make(routes, (key, pick), rest.step), rest.calls + 1)


def miss(parts: Sequence[str]) -> None:
    """The end of every chain: no route matches."""


def _switch(column: int, chains: dict[str, Chain], rest: Chain) -> Chain:
    get = {text: chain.step for text, chain in chains.items()}.get
    otherwise = rest.step

    def switch(parts: Sequence[str]) -> Any:
        return get(parts[column], otherwise)(parts)

    return Chain(switch, 1 + max(chain.calls for chain in (*chains.values(), rest)))


def _by_text(rows: list[Row[T]], column: int) -> Iterable[tuple[str, list[Row[T]]]]:
    groups: dict[str, list[Row[T]]] = {}
    for row in rows:
        groups.setdefault(str(row.cells[column]), []).append(row)
    return groups.items()


def _best_column(rows: list[Row[T]], switchable: list[tuple[int, int]]) -> int:
    """The column with the fewest texts that alone tells what is dynamic, or else with the most texts."""
    kinds = [tuple([None if isinstance(cell, str) else cell for cell in row.cells]) for row in rows]
    for _, column in sorted(switchable):
        of_text: dict[Cell, object] = {}
        if all(
            of_text.setdefault(row.cells[column], kind) == kind for row, kind in zip(rows, kinds, strict=True)
        ):
            return column
    return max(switchable)[1]
