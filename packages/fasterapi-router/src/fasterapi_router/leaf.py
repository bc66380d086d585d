"""Leaves of a plan: the last step of a lookup, which takes the values out of a path and makes the answer.

Knows: one route and where its values stand in a split path. Does not know: how the route was found.
Each leaf gives up in favour of `rest` if the path does not fit after all. The cases of one, two and three bare
parameters are written out because a dict display is several times faster than dict(zip(...)); see
`benchmarks/router.py`.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

from fasterapi_router.piece import Reader, Values, reader
from fasterapi_router.result import Route
from fasterapi_router.template import Field, Segment

T = TypeVar("T")

# Any: a plan of `lookup` gives (handler, values), one of `resolve` gives (handler, params, metadata)
Step: TypeAlias = Callable[[Sequence[str]], Any]
Take: TypeAlias = Callable[[Sequence[str]], Values | None]

AFTER_CUT = 2
"""Where the last segment stands if the path was only cut at its last slash: `path.rpartition("/")[2]`."""


class Leaves(Generic[T]):
    """Makes the leaves for one kind of answer.

    `of_bare` makes those of routes whose fields are bare whole segments, `answer` the answer of all others.
    """

    def __init__(
        self,
        of_bare: Callable[[Route[T], Sequence[int], Step], Step],
        answer: Callable[[Route[T], Values], Any],
        *,
        convert: bool,
    ) -> None:
        self._of_bare = of_bare
        self._answer = answer
        self._convert = convert

    def make(self, route: Route[T], rest: Step, *, after_cut: bool = False) -> Step:
        """The last step of `route`; `rest` comes after it, `after_cut` says that the path was cut, not split."""
        columns = bare_columns(route)
        if columns is not None:
            return self._of_bare(route, [AFTER_CUT] if after_cut else columns, rest)
        take = take_of(route, convert=self._convert, after_cut=after_cut)
        return taking_leaf(self._answer, route, take, rest)


def values_answer(route: Route[T], values: Values) -> tuple[T, Values]:
    """The answer of `lookup`."""
    return route.handler, values


def params_answer(route: Route[T], values: Values) -> tuple[T, dict[str, Any], object]:
    """The answer of `resolve`."""
    return route.handler, dict(zip(route.names, values, strict=True)), route.metadata


def values_leaf(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    """Answers (handler, values) for a route whose fields are bare and stand in `columns`."""
    handler = route.handler
    if len(columns) == 1:
        first = columns[0]

        def one(parts: Sequence[str]) -> Any:
            value = parts[first]
            return (handler, (value,)) if value else rest(parts)

        return one
    pick = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        values = pick(parts)
        return rest(parts) if "" in values else (handler, values)

    return many


def params_leaf(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    """Answers (handler, params, metadata) for a route whose fields are bare and stand in `columns`."""
    if len(columns) > len(_WRITTEN_OUT):
        return _params_of_many(route, columns, rest)
    return _WRITTEN_OUT[len(columns) - 1](route, columns, rest)


def _params_of_one(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    handler, metadata, (name,), (column,) = route.handler, route.metadata, route.names, columns

    def one(parts: Sequence[str]) -> Any:
        value = parts[column]
        return (handler, {name: value}, metadata) if value else rest(parts)

    return one


def _params_of_two(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    handler, metadata, (name1, name2), (column1, column2) = (
        route.handler,
        route.metadata,
        route.names,
        columns,
    )

    def two(parts: Sequence[str]) -> Any:
        value1 = parts[column1]
        value2 = parts[column2]
        return (handler, {name1: value1, name2: value2}, metadata) if value1 and value2 else rest(parts)

    return two


def _params_of_three(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    handler, metadata, (name1, name2, name3) = route.handler, route.metadata, route.names
    column1, column2, column3 = columns

    def three(parts: Sequence[str]) -> Any:
        value1 = parts[column1]
        value2 = parts[column2]
        value3 = parts[column3]
        if value1 and value2 and value3:
            return handler, {name1: value1, name2: value2, name3: value3}, metadata
        return rest(parts)

    return three


def _params_of_many(route: Route[T], columns: Sequence[int], rest: Step) -> Step:
    handler, metadata, names = route.handler, route.metadata, route.names
    pick = itemgetter(*columns)

    def many(parts: Sequence[str]) -> Any:
        values = pick(parts)
        if "" in values:
            return rest(parts)
        return handler, dict(zip(names, values, strict=True)), metadata

    return many


_WRITTEN_OUT = (_params_of_one, _params_of_two, _params_of_three)


def taking_leaf(answer: Callable[[Route[T], Values], Any], route: Route[T], take: Take, rest: Step) -> Step:
    """Answers for any route: `take` reads the values or says None, `answer` puts them into form."""

    def leaf(parts: Sequence[str]) -> Any:
        values = take(parts)
        return rest(parts) if values is None else answer(route, values)

    return leaf


def take_of(route: Route[T], *, convert: bool, after_cut: bool) -> Take:
    """The function that reads all values of a route from the parts of a path."""
    template = route.template
    until = len(template.segments) if template.tail < 0 else template.tail
    readers = [
        (AFTER_CUT if after_cut else column, reader(segment.tokens, convert=convert))
        for column, segment in enumerate(template.segments[:until])
        if isinstance(segment, Segment)
    ]
    if template.tail >= 0:
        return _with_tail(readers, until, reader(template.tokens_from(until), convert=convert))
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
        values = _read_all(readers, parts)
        if values is None:
            return None
        last = read_tail("/".join(parts[tail:]))
        return None if last is None else values + last

    return take


def bare_columns(route: Route[T]) -> list[int] | None:
    """The columns of a route's fields if every one is a whole segment and takes any text, else None."""
    columns = []
    for column, segment in enumerate(route.template.segments):
        if isinstance(segment, Segment):
            token = segment.tokens[0]
            if len(segment.tokens) > 1 or not isinstance(token, Field) or not token.is_bare:
                return None
            columns.append(column)
    return columns
