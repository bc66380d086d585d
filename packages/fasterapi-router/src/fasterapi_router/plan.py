"""Routes of one method and one number of segments → a chain of dictionary lookups, the fastest way to an answer.

Knows: columns (the segments of a split path), which of them to look at first. Does not know: the tree's nodes.
Invariant: a plan answers what the tree would answer. Where many patterns compete for one segment, or many
combinations of static and dynamic segments for one path, it hands the path to the tree instead of growing.

A step takes the split path and either answers or calls the step that comes after it in the order.
"""

from collections.abc import Sequence
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
KEYED_FROM = 3
"""From so many static columns on, one lookup by a tuple is faster than one lookup per column."""

Cell: TypeAlias = str | OrderKey | None


class Row(NamedTuple, Generic[T]):
    """A route and its cells by column: static text, the key of a dynamic segment, None behind a catch-all."""

    route: Route[T]
    cells: tuple[Cell, ...]


class Switch(NamedTuple):
    """Look at one column; the table says which step comes next, `otherwise` if it does not say."""

    column: int
    table: dict[str, Step]
    otherwise: Step

    def step(self) -> Step:
        """The switch as a step of its own."""
        column, otherwise = self.column, self.otherwise
        get = self.table.get

        def switch(parts: Sequence[str]) -> Any:
            return get(parts[column], otherwise)(parts)

        return switch


class Planner(Generic[T]):
    """Plans the routes of one method that have `width` columns (the empty text before the first slash included).

    `leaves` makes the last step of a route, `defer` is the step that asks the tree.
    """

    def __init__(self, leaves: Leaves[T], defer: Step) -> None:
        self._leaf = leaves.make
        self._defer = defer

    def plan(self, routes: Sequence[Route[T]], width: int) -> Switch | Step:
        """The first step for paths of `width` columns."""
        rows = []
        for route in routes:
            cells = route.template.keys()
            rows.append(Row(route, cells + (None,) * (width - len(cells))))
        return self._plan(rows, list(range(1, width)), miss, 0)

    def _plan(self, rows: list[Row[T]], columns: list[int], rest: Step, depth: int) -> Switch | Step:
        """`depth` steps may already follow by way of `rest`."""
        if depth * (len(columns) + 1) > MAX_CALLS:
            return self._defer
        if len(rows) == 1:
            return self._exact(rows, [column for column in columns if _is_text(rows[0], column)], rest)
        first_difference = 0
        static: list[int] = []
        switchable: dict[int, int] = {}
        for column in columns:
            cells = {row.cells[column] for row in rows}
            texts = sum(isinstance(cell, str) for cell in cells)
            if texts == len(cells):
                static.append(column)
                switchable[column] = texts
            elif len(cells) > 1 and not first_difference:
                first_difference = column
        if not first_difference:
            return self._exact(rows, static, rest)
        best = max(switchable, key=switchable.__getitem__, default=0)
        if best and switchable[best] > 1:
            return self._switch(rows, best, columns, (rest, rest, depth))
        return self._branch(rows, first_difference, columns, rest, depth)

    def _switch(
        self, rows: list[Row[T]], column: int, columns: list[int], after: tuple[Step, Step, int]
    ) -> Switch:
        """A table over the texts of one column; `after`: the rest, the step if no text fits, the depth."""
        rest, otherwise, depth = after
        remaining = [other for other in columns if other != column]
        groups: dict[str, list[Row[T]]] = {}
        for row in rows:
            groups.setdefault(str(row.cells[column]), []).append(row)
        table = {text: as_step(self._plan(group, remaining, rest, depth)) for text, group in groups.items()}
        return Switch(column, table, otherwise)

    def _branch(
        self, rows: list[Row[T]], column: int, columns: list[int], rest: Step, depth: int
    ) -> Switch | Step:
        """The first column in which the rows differ is dynamic in some: these come after the static ones."""
        kinds = sorted({cell for row in rows if isinstance(cell := row.cells[column], tuple)})
        if sum(kind[0] in (MIXED, CATCH_ALL) for kind in kinds) > MAX_PATTERNS:
            return self._defer
        for kind in reversed(kinds):
            group = [row for row in rows if row.cells[column] == kind]
            plan = self._plan(group, columns, rest, depth)
            rest = as_step(plan)
            depth += 1
            if rest is self._defer:
                break
        static = [row for row in rows if _is_text(row, column)]
        if not static:
            return plan
        return self._switch(static, column, columns, (rest, rest, depth))

    def _exact(self, rows: list[Row[T]], static: list[int], rest: Step) -> Switch | Step:
        """All rows are static and dynamic in the same columns: the static ones decide."""
        if not static:
            return self._leaf(rows[0].route, rest)
        # the column that tells most apart goes first
        best = max(static, key=lambda column: len({row.cells[column] for row in rows}))
        others = [column for column in static if column != best]
        groups: dict[str, list[Row[T]]] = {}
        for row in rows:
            groups.setdefault(str(row.cells[best]), []).append(row)
        if len(others) < KEYED_FROM:
            table = {text: as_step(self._exact(group, others, rest)) for text, group in groups.items()}
        else:
            table = {text: self._keyed(group, others, rest) for text, group in groups.items()}
        return Switch(best, table, rest)

    def _keyed(self, rows: list[Row[T]], columns: list[int], rest: Step) -> Step:
        pick = itemgetter(*columns)
        get = {pick(row.cells): self._leaf(row.route, rest) for row in rows}.get

        def keyed(parts: Sequence[str]) -> Any:
            return get(pick(parts), rest)(parts)

        return keyed


def miss(parts: Sequence[str]) -> None:  # noqa: ARG001  # a step like any other
    """The end of every chain: no route matches."""
    return


def as_step(plan: Switch | Step) -> Step:
    """A plan as a function of the split path."""
    return plan.step() if isinstance(plan, Switch) else plan


def _is_text(row: Row[T], column: int) -> bool:
    return isinstance(row.cells[column], str)
