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
# The texts of the other static columns, then what the answer needs: handler, metadata, names of the parameters;
# plain tuples, which Python unpacks fastest.
Record: TypeAlias = tuple[Any, ...]
Get: TypeAlias = Callable[[Any], Record | None]
# The static column that tells the routes apart, and the function that picks the others for comparison, if any.
Key: TypeAlias = tuple[int, Callable[[Sequence[str]], Any] | None]
Take: TypeAlias = Callable[[Sequence[str]], Values | None]
Columns: TypeAlias = Sequence[int]
# a route and the texts of its other static columns (as the key's function picks them), by the text of the key's
Table: TypeAlias = dict[str, tuple[Any, Route[T]]]


class Leaves(Generic[T]):
    """Makes the last steps for one kind of answer.

    `of_bare` makes those of routes with bare whole segments only; `answer` is how all others answer.
    """

    def __init__(
        self,
        of_bare: Callable[[Table[T], Key, Columns, Step], Step],
        answer: Callable[[Route[T], Values], Any],
        *,
        convert: bool,
    ) -> None:
        self._of_bare = of_bare
        self._answer = answer
        self._convert = convert

    def make(self, routes: Table[T], key: Key, rest: Step) -> Step:
        """The last step of routes that are static and dynamic in the same columns, in the same way."""
        _, route = next(iter(routes.values()))
        columns = [
            column for column, segment in enumerate(route.template.segments) if isinstance(segment, Segment)
        ]
        if all(segment.kind == BARE for segment in route.template.segments if isinstance(segment, Segment)):
            return self._of_bare(routes, key, columns, rest)
        takes: dict[Any, Record] = {
            text: (others, route, _take(route, columns, convert=self._convert))
            for text, (others, route) in routes.items()
        }
        return _taking(key, takes.get, self._answer, rest)


def values_answer(route: Route[T], values: Values) -> tuple[T, Values]:
    """The answer of `lookup`."""
    return route.handler, values


def params_answer(route: Route[T], values: Values) -> tuple[T, dict[str, Any], object]:
    """The answer of `resolve`."""
    names = route.template.names
    if len(names) == 1:
        return route.handler, {names[0]: values[0]}, route.metadata
    return route.handler, dict(zip(names, values, strict=True)), route.metadata


def values_step(routes: Table[T], key: Key, columns: Columns, rest: Step) -> Step:
    """Answers (handler, values)."""
    at, pick = key
    get = {text: (others, route.handler) for text, (others, route) in routes.items()}.get
    if len(columns) == 1:
        (column,) = columns

        def one(parts: Sequence[str]) -> Any:
            record = get(parts[at])
            if record is not None:
                others, handler = record
                if (pick is None or pick(parts) == others) and (value := parts[column]):
                    return handler, (value,)
            return rest(parts)

        return one
    values_of = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, handler = record
            if pick is None or pick(parts) == others:
                values = values_of(parts)
                if "" not in values:
                    return handler, values
        return rest(parts)

    return many


def params_step(routes: Table[T], key: Key, columns: Columns, rest: Step) -> Step:
    """Answers (handler, params, metadata)."""
    records: dict[str, Record] = {
        text: (others, route.handler, route.metadata, *route.names)
        for text, (others, route) in routes.items()
    }
    of_so_many = _WRITTEN_OUT.get(len(columns), _params_of_many)
    return of_so_many(key, records.get, columns, rest)


def _params_of_one(key: Key, get: Get, columns: Columns, rest: Step) -> Step:
    at, pick = key
    (column,) = columns

    def one(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, handler, metadata, name = record
            if (pick is None or pick(parts) == others) and (value := parts[column]):
                return handler, {name: value}, metadata
        return rest(parts)

    return one


def _params_of_two(key: Key, get: Get, columns: Columns, rest: Step) -> Step:
    at, pick = key
    column1, column2 = columns

    def two(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, handler, metadata, name1, name2 = record
            if (
                (pick is None or pick(parts) == others)
                and (value1 := parts[column1])
                and (value2 := parts[column2])
            ):
                return handler, {name1: value1, name2: value2}, metadata
        return rest(parts)

    return two


def _params_of_three(key: Key, get: Get, columns: Columns, rest: Step) -> Step:
    at, pick = key
    column1, column2, column3 = columns

    def three(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, handler, metadata, name1, name2, name3 = record
            if (
                (pick is None or pick(parts) == others)
                and (value1 := parts[column1])
                and (value2 := parts[column2])
                and (value3 := parts[column3])
            ):
                return handler, {name1: value1, name2: value2, name3: value3}, metadata
        return rest(parts)

    return three


def _params_of_many(key: Key, get: Get, columns: Columns, rest: Step) -> Step:
    at, pick = key
    values_of = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, handler, metadata, *names = record
            values = values_of(parts)
            if "" not in values and (pick is None or pick(parts) == others):
                return handler, dict(zip(names, values, strict=True)), metadata
        return rest(parts)

    return many


_WRITTEN_OUT = {1: _params_of_one, 2: _params_of_two, 3: _params_of_three}


def _taking(key: Key, get: Get, answer: Callable[[Route[T], Values], Any], rest: Step) -> Step:
    """Answers for routes of any kind: their `Take` reads the values or says None."""
    at, pick = key

    def taking(parts: Sequence[str]) -> Any:
        record = get(parts[at])
        if record is not None:
            others, route, take = record
            if pick is None or pick(parts) == others:
                values = take(parts)
                if values is not None:
                    return answer(route, values)
        return rest(parts)

    return taking


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
    if len(readers) == 1:
        ((column, read),) = readers
        return lambda parts: read(parts[column])
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
