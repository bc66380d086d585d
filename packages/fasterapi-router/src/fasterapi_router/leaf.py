"""The last step of a lookup: find the route by its static segments, take the values, make the answer.

Knows: records and where the values stand in the parts of a path. Does not know: what came before.
A step takes the parts of a path and either answers or calls the step that comes after it in the order,
`rest`. One, two and three bare parameters are written out, because a dict display takes half the time of
dict(zip(...)); `benchmarks/router.py` shows the sum of it.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from fasterapi_router.piece import Reader, Values, reader
from fasterapi_router.result import Route
from fasterapi_router.template import BARE, Segment

T = TypeVar("T")

# Any: steps of `lookup` answer (handler, values), those of `resolve` (handler, params, metadata), or None
Step: TypeAlias = Callable[[Sequence[str]], Any]
# handler, metadata, the names of the parameters; plain tuples, which Python unpacks fastest
Record: TypeAlias = tuple[Any, ...]
Pick: TypeAlias = Callable[[Sequence[str]], Any]
Get: TypeAlias = Callable[[Any], Record | None]
Take: TypeAlias = Callable[[Sequence[str]], Values | None]
Columns: TypeAlias = Sequence[int]
# routes by the text of one column or the tuple of the texts of several
Table: TypeAlias = dict[Any, Route[T]]

AFTER_CUT = 2
"""Where the last segment stands if a path was only cut at its last slash: `path.rpartition("/")[2]`."""


class Leaves(Generic[T]):
    """Makes the last steps for one kind of answer.

    `of_bare` makes those of routes with bare whole segments only; `answer` is how all others answer.
    """

    def __init__(
        self,
        of_bare: Callable[[Table[T], Pick, Columns, Step], Step],
        answer: Callable[[Route[T], Values], Any],
        *,
        convert: bool,
    ) -> None:
        self._of_bare = of_bare
        self._answer = answer
        self._convert = convert

    def make(self, routes: Table[T], static: Columns, rest: Step, *, is_cut: bool) -> Step:
        """The last step of routes that are static and dynamic in the same columns, in the same way.

        `routes` by the texts of the `static` columns; `is_cut`: paths come cut at the last slash.
        """
        pick = itemgetter(*static)
        route = next(iter(routes.values()))
        columns = [
            AFTER_CUT if is_cut else column
            for column, segment in enumerate(route.template.segments)
            if isinstance(segment, Segment)
        ]
        if all(segment.kind == BARE for segment in route.template.segments if isinstance(segment, Segment)):
            return self._of_bare(routes, pick, columns, rest)
        if len(columns) == 1 and route.template.tail < 0:
            reads: dict[Any, Record] = {
                key: (route, reader(_only_segment(route).tokens, convert=self._convert))
                for key, route in routes.items()
            }
            return _reading(pick, reads.get, columns[0], (self._answer, rest))
        takes: dict[Any, Record] = {
            key: (route, _take(route, columns, convert=self._convert)) for key, route in routes.items()
        }
        return _taking(pick, takes.get, self._answer, rest)


def values_answer(route: Route[T], values: Values) -> tuple[T, Values]:
    """The answer of `lookup`."""
    return route.handler, values


def params_answer(route: Route[T], values: Values) -> tuple[T, dict[str, Any], object]:
    """The answer of `resolve`."""
    names = route.template.names
    if len(names) == 1:
        return route.handler, {names[0]: values[0]}, route.metadata
    return route.handler, dict(zip(names, values, strict=True)), route.metadata


def values_step(routes: Table[T], pick: Pick, columns: Columns, rest: Step) -> Step:
    """Answers (handler, values)."""
    get: Callable[[Any, object], Any] = {key: route.handler for key, route in routes.items()}.get
    if len(columns) == 1:
        (column,) = columns

        def one(parts: Sequence[str]) -> Any:
            handler = get(pick(parts), rest)  # `rest` itself if there is none: a handler may be None
            if handler is not rest and (value := parts[column]):
                return handler, (value,)
            return rest(parts)

        return one
    values_of = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        handler = get(pick(parts), rest)
        if handler is not rest:
            values = values_of(parts)
            if "" not in values:
                return handler, values
        return rest(parts)

    return many


def params_step(routes: Table[T], pick: Pick, columns: Columns, rest: Step) -> Step:
    """Answers (handler, params, metadata)."""
    records: dict[Any, Record] = {
        key: (route.handler, route.metadata, *route.names) for key, route in routes.items()
    }
    of_so_many = _WRITTEN_OUT.get(len(columns), _params_of_many)
    return of_so_many(pick, records.get, columns, rest)


def _params_of_one(pick: Pick, get: Get, columns: Columns, rest: Step) -> Step:
    (column,) = columns

    def one(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if record is not None and (value := parts[column]):
            handler, metadata, name = record
            return handler, {name: value}, metadata
        return rest(parts)

    return one


def _params_of_two(pick: Pick, get: Get, columns: Columns, rest: Step) -> Step:
    column1, column2 = columns

    def two(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if record is not None and (value1 := parts[column1]) and (value2 := parts[column2]):
            handler, metadata, name1, name2 = record
            return handler, {name1: value1, name2: value2}, metadata
        return rest(parts)

    return two


def _params_of_three(pick: Pick, get: Get, columns: Columns, rest: Step) -> Step:
    column1, column2, column3 = columns

    def three(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if (
            record is not None
            and (value1 := parts[column1])
            and (value2 := parts[column2])
            and (value3 := parts[column3])
        ):
            handler, metadata, name1, name2, name3 = record
            return handler, {name1: value1, name2: value2, name3: value3}, metadata
        return rest(parts)

    return three


def _params_of_many(pick: Pick, get: Get, columns: Columns, rest: Step) -> Step:
    values_of = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if record is not None:
            values = values_of(parts)
            if "" not in values:
                handler, metadata, *names = record
                return handler, dict(zip(names, values, strict=True)), metadata
        return rest(parts)

    return many


_WRITTEN_OUT = {1: _params_of_one, 2: _params_of_two, 3: _params_of_three}


def _reading(
    pick: Pick,
    get: Get,
    column: int,
    then: tuple[Callable[[Route[T], Values], Any], Step],
) -> Step:
    """Answers for routes with one dynamic segment of any kind."""
    answer, rest = then

    def reading(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if record is not None:
            route, read = record
            values = read(parts[column])
            if values is not None:
                return answer(route, values)
        return rest(parts)

    return reading


def _taking(pick: Pick, get: Get, answer: Callable[[Route[T], Values], Any], rest: Step) -> Step:
    """Answers for routes of any kind: their `Take` reads the values or says None."""

    def taking(parts: Sequence[str]) -> Any:
        record = get(pick(parts))
        if record is not None:
            route, take = record
            values = take(parts)
            if values is not None:
                return answer(route, values)
        return rest(parts)

    return taking


def _only_segment(route: Route[T]) -> Segment:
    return next(segment for segment in route.template.segments if isinstance(segment, Segment))


def _take(route: Route[T], columns: Columns, *, convert: bool) -> Take:
    template = route.template
    segments = [segment for segment in template.segments if isinstance(segment, Segment)]
    readers = [
        (column, reader(segment.tokens, convert=convert))
        for column, segment in zip(columns, segments, strict=True)
        if template.tail < 0 or column < template.tail
    ]
    if template.tail >= 0:
        return _with_tail(
            readers, template.tail, reader(template.tokens_from(template.tail), convert=convert)
        )
    return lambda parts: _read_all(readers, parts)


def _read_all(readers: list[tuple[int, Reader]], parts: Sequence[str]) -> Values | None:
    values: Values = ()
    for column, read in readers:
        got = read(parts[column])
        if got is None:
            return None
        values += got
    return values


def _with_tail(readers: list[tuple[int, Reader]], tail: int, read_tail: Reader) -> Take:
    def take(parts: Sequence[str]) -> Values | None:
        last = read_tail("/".join(parts[tail:]))
        if last is None or not readers:
            return last
        values = _read_all(readers, parts)
        return None if values is None else values + last

    return take
