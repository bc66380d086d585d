"""The graphs that all contestants resolve, and the functions that a person would write for them.

Every node makes a value of its own type out of the values it needs; the target gets one or two of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """`needs[n]`: the numbers of the nodes that node n needs. `target`: those the target needs."""

    name: str
    needs: tuple[tuple[int, ...], ...]
    target: tuple[int, ...]
    yields: bool = False


ROWS = (
    Row("0 dependencies", (), ()),
    Row("1 dependency", ((),), (0,)),
    Row("chain of 5", ((), (0,), (1,), (2,), (3,)), (4,)),
    # One root, three that use it, three pairs of those, two pairs of pairs, one top.
    Row("diamond of 10", ((), (0,), (0,), (0,), (1, 2), (2, 3), (1, 3), (4, 5), (5, 6), (7, 8)), (9,)),
    Row("2 with yield", ((), (0,)), (1, 0), yields=True),
)


@dataclass
class Built:
    """The callables of one graph. `made` counts constructed values while answers are checked."""

    row: Row
    is_async: bool
    types: list[type]
    makers: list[Callable[..., Any]]
    target: Callable[..., Any]
    made: list[int]


def build(
    row: Row,
    is_async: bool,
    mark: Callable[[Callable[..., Any]], Any] | None = None,
    annotate: Callable[[type], Any] = lambda type_: type_,
    counting: bool = False,
) -> Built:
    """Make fresh callables. `mark(maker)` is the default of a parameter, `annotate(type)` its type in the target."""
    made: list[int] = []
    types: list[type] = []
    makers: list[Callable[..., Any]] = []
    for number, needs in enumerate(row.needs):
        body = {"__init__": lambda _: made.append(1)} if counting else {"__slots__": ()}
        types.append(type(f"Value{number}", (), dict(body)))
        maker = MAKERS[is_async, row.yields, len(needs)](types[number])
        _declare(
            maker, f"make_{number}", [types[need] for need in needs], [makers[need] for need in needs], mark
        )
        maker.__annotations__["return"] = _result(types[number], is_async, row.yields)
        makers.append(maker)
    target = TARGETS[is_async, len(row.target)]()
    _declare(
        target,
        "target",
        [annotate(types[need]) for need in row.target],
        [makers[need] for need in row.target],
        mark,
    )
    return Built(row, is_async, types, makers, target, made)


def _declare(function: Any, name: str, types: list[Any], makers: list[Any], mark: Any) -> None:
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__annotations__ = dict(zip(("a", "b"), types, strict=False))
    if mark is not None and makers:
        function.__defaults__ = tuple(mark(maker) for maker in makers)


def _result(type_: type, is_async: bool, yields: bool) -> Any:
    from collections.abc import AsyncIterator, Iterator

    return (AsyncIterator[type_] if is_async else Iterator[type_]) if yields else type_


def plain_0(value: type) -> Any:
    def make() -> Any:
        return value()

    return make


def plain_1(value: type) -> Any:
    def make(a: Any) -> Any:
        return value()

    return make


def plain_2(value: type) -> Any:
    def make(a: Any, b: Any) -> Any:
        return value()

    return make


def async_0(value: type) -> Any:
    async def make() -> Any:
        return value()

    return make


def async_1(value: type) -> Any:
    async def make(a: Any) -> Any:
        return value()

    return make


def async_2(value: type) -> Any:
    async def make(a: Any, b: Any) -> Any:
        return value()

    return make


def generator_0(value: type) -> Any:
    def make() -> Any:
        try:
            yield value()
        finally:
            pass

    return make


def generator_1(value: type) -> Any:
    def make(a: Any) -> Any:
        try:
            yield value()
        finally:
            pass

    return make


def async_generator_0(value: type) -> Any:
    async def make() -> Any:
        try:
            yield value()
        finally:
            pass

    return make


def async_generator_1(value: type) -> Any:
    async def make(a: Any) -> Any:
        try:
            yield value()
        finally:
            pass

    return make


MAKERS: dict[tuple[bool, bool, int], Any] = {
    (False, False, 0): plain_0,
    (False, False, 1): plain_1,
    (False, False, 2): plain_2,
    (True, False, 0): async_0,
    (True, False, 1): async_1,
    (True, False, 2): async_2,
    (False, True, 0): generator_0,
    (False, True, 1): generator_1,
    (True, True, 0): async_generator_0,
    (True, True, 1): async_generator_1,
}


def target_0() -> Any:
    def target() -> Any:
        return ()

    return target


def target_1() -> Any:
    def target(a: Any) -> Any:
        return (a,)

    return target


def target_2() -> Any:
    def target(a: Any, b: Any) -> Any:
        return a, b

    return target


def async_target_0() -> Any:
    async def target() -> Any:
        return ()

    return target


def async_target_1() -> Any:
    async def target(a: Any) -> Any:
        return (a,)

    return target


def async_target_2() -> Any:
    async def target(a: Any, b: Any) -> Any:
        return a, b

    return target


TARGETS: dict[tuple[bool, int], Any] = {
    (False, 0): target_0,
    (False, 1): target_1,
    (False, 2): target_2,
    (True, 0): async_target_0,
    (True, 1): async_target_1,
    (True, 2): async_target_2,
}


def by_hand(built: Built) -> Callable[..., Any]:
    """What a careful person writes for this graph: every exit runs, and gets the exception."""
    write = HAND[built.row.name]
    return write[built.is_async](built.target, *built.makers)


def hand_0(target: Any) -> Any:
    def call() -> Any:
        return target()

    return call


def hand_0_async(target: Any) -> Any:
    async def call() -> Any:
        return await target()

    return call


def hand_1(target: Any, make_0: Any) -> Any:
    def call() -> Any:
        return target(make_0())

    return call


def hand_1_async(target: Any, make_0: Any) -> Any:
    async def call() -> Any:
        return await target(await make_0())

    return call


def hand_chain(target: Any, *makers: Any) -> Any:
    make_0, make_1, make_2, make_3, make_4 = makers

    def call() -> Any:
        return target(make_4(make_3(make_2(make_1(make_0())))))

    return call


def hand_chain_async(target: Any, *makers: Any) -> Any:
    make_0, make_1, make_2, make_3, make_4 = makers

    async def call() -> Any:
        return await target(await make_4(await make_3(await make_2(await make_1(await make_0())))))

    return call


def hand_diamond(target: Any, *makers: Any) -> Any:
    m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 = makers

    def call() -> Any:
        root = m0()
        a, b, c = m1(root), m2(root), m3(root)
        ab, bc, ac = m4(a, b), m5(b, c), m6(a, c)
        return target(m9(m7(ab, bc), m8(bc, ac)))

    return call


def hand_diamond_async(target: Any, *makers: Any) -> Any:
    m0, m1, m2, m3, m4, m5, m6, m7, m8, m9 = makers

    async def call() -> Any:
        root = await m0()
        a, b, c = await m1(root), await m2(root), await m3(root)
        ab, bc, ac = await m4(a, b), await m5(b, c), await m6(a, c)
        return await target(await m9(await m7(ab, bc), await m8(bc, ac)))

    return call


def hand_yield(target: Any, make_0: Any, make_1: Any) -> Any:
    def call() -> Any:
        outer = make_0()
        first = next(outer)
        try:
            inner = make_1(first)
            second = next(inner)
            try:
                result = target(second, first)
            except BaseException as error:
                inner.throw(error)
                raise
            next(inner, None)
        except BaseException as error:
            outer.throw(error)
            raise
        next(outer, None)
        return result

    return call


def hand_yield_async(target: Any, make_0: Any, make_1: Any) -> Any:
    async def call() -> Any:
        outer = make_0()
        first = await anext(outer)
        try:
            inner = make_1(first)
            second = await anext(inner)
            try:
                result = await target(second, first)
            except BaseException as error:
                await inner.athrow(error)
                raise
            await anext(inner, None)
        except BaseException as error:
            await outer.athrow(error)
            raise
        await anext(outer, None)
        return result

    return call


HAND: dict[str, tuple[Any, Any]] = {
    "0 dependencies": (hand_0, hand_0_async),
    "1 dependency": (hand_1, hand_1_async),
    "chain of 5": (hand_chain, hand_chain_async),
    "diamond of 10": (hand_diamond, hand_diamond_async),
    "2 with yield": (hand_yield, hand_yield_async),
}
