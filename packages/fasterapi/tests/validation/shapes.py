"""Random types and JSON for them, from one seed: a type is built once and gets many values.

A `Shape` is one type with the values that fit it and, where pydantic has the same type, its peer. `bodies` are JSON
texts that fit, nearly fit (`mutate`) or are broken (`garble`). Everything is made by a `random.Random`, many times
faster than hypothesis, whose strategies the small test beside this file uses.
"""

import datetime as dt
import enum
import ipaddress
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, make_dataclass
from decimal import Decimal
from itertools import count
from random import Random
from types import ModuleType
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    TypedDict,
    TypeVar,
    Union,
)

import msgspec
from msgspec import Meta

from fasterapi.validation import Constraints
from fasterapi.validation.classify import union_members

T = TypeVar("T")
numbers = count()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Box(msgspec.Struct, Generic[T]):
    item: T


class Tree(msgspec.Struct):
    value: int
    children: "list[Tree]" = []


class Chain(msgspec.Struct, rename={"rest": "next"}):
    value: str
    rest: "Chain | None" = None


@dataclass
class Shape:
    """One type; `peer` makes the same for pydantic, None where they cannot agree; `parts` are the types inside."""

    type: Any
    fit: Callable[[Random], Any]
    peer: Callable[[ModuleType], Any] | None = None
    parts: list["Shape"] = field(default_factory=list)
    is_hashable: bool = True
    is_key: bool = True


def _leaf(type_: Any, *fitting: Any, **options: Any) -> Shape:
    return Shape(type_, lambda random: random.choice(fitting), **options)


def _shared(type_: Any, *fitting: Any, **options: Any) -> Shape:
    return _leaf(type_, *fitting, peer=lambda _: type_, **options)


LEAVES = [
    _shared(int, 1, -5, 0, 2**31, "7", 3.0),
    _shared(float, 1, 1.5, "2.5", -0.0, 1e300),
    _shared(bool, True, False, "true", 1, "0"),
    _shared(str, "", "text", "1", "ä€😀", "\x00", 'a\\"/'),
    _shared(str, "a", "b" * 40),
    _leaf(int, 2**63 - 1, -(2**63), 2**64, 10**40),
    _shared(Literal["a", "b"], "a", "b"),
    _leaf(Literal["a", 1, None], "a", 1, None),
    _shared(Colour, "red", "blue"),
    _shared(uuid.UUID, str(uuid.UUID(int=7)), str(uuid.UUID(int=2**127))),
    _leaf(uuid.UUID, uuid.UUID(int=7).hex),
    _shared(Decimal, "1.50", "0", "-12345.678"),
    _leaf(Decimal, 1, 1.5, "1E+2"),
    _shared(dt.datetime, "2024-01-01T00:00:00Z", "2024-12-31T23:59:59.999999+05:30"),
    _leaf(dt.datetime, "2024-01-01 10:00:00.5", 0, "1700000000", 1e9),
    _leaf(dt.date, "2024-01-01", "0001-01-01", "9999-12-31"),
    _leaf(dt.time, "10:00:00", "23:59:59.5"),
    _leaf(dt.timedelta, "P1DT1S", "-PT5M", 5, 1.5),
    _leaf(bytes, "QUJD", "", "/+==", "QQ=="),
    _leaf(bytearray, "QUJD", "", is_hashable=False, is_key=False),
    _leaf(Size, 1, "2", 2),
    _leaf(ipaddress.IPv4Address, "127.0.0.1"),
    _leaf(ipaddress.IPv6Network, "::/64"),
    _leaf(None, None, is_key=False),
    _shared(Any, 1, "x", [None], {"a": {}}, is_hashable=False, is_key=False),
    _leaf(msgspec.Raw, 1, {}, is_hashable=False, is_key=False),
    _leaf(NewType("UserId", int), 1, "2"),
    _leaf(Annotated[dt.datetime, Meta(tz=True)], "2024-01-01T00:00:00Z"),
    _leaf(Annotated[dt.time, Meta(tz=False)], "10:00:00"),
    _leaf(Annotated[bytes, Meta(max_length=2)], "QQ==", ""),
    _leaf(Annotated[Annotated[int, Meta(ge=1)], Meta(ge=3)], 3, 4),
    _leaf(Annotated[int, Constraints(multiple_of=0.5, allow_inf_nan=False)], 1, 10**400),
    _leaf(Annotated[float, Constraints(allow_inf_nan=False, gt=0)], 1, 0.5, "1.5"),
    _leaf(Annotated[Decimal, Constraints(gt=0, multiple_of=2)], "2", 4, "1e30"),
    _leaf(Annotated[Decimal, Constraints(max_digits=4, decimal_places=2)], "1.25", "10.5"),
    _leaf(Annotated[dt.date, Constraints(ge=dt.date(2024, 1, 1))], "2024-01-01"),
    _leaf(Annotated[dt.datetime, Constraints(lt=dt.datetime(2025, 1, 1))], "2024-01-01T00:00:00"),
    _leaf(Annotated[dt.timedelta, Constraints(le=dt.timedelta(days=1))], "P1D", "PT1S"),
]
BOUNDS = (-(2**63), -(2**31), -10, -1, 0, 1, 2, 3, 10, 100, 2**31, 2**53, 2**63 - 1)
PATTERNS = {"^a": "abc", "^[a-z]+$": "xyz", r"\d{2}": "x12", "^$": "", "^(a|b)*$": "abba"}


def _limited_number(random: Random) -> Shape:
    type_ = random.choice((int, float))
    low, high = sorted(random.sample(BOUNDS, 2))
    limits: dict[str, Any] = {}
    if random.random() < 0.7:
        limits[random.choice(("gt", "ge"))] = low
    if random.random() < 0.7:
        limits[random.choice(("lt", "le"))] = high
    if random.random() < 0.3 or not limits:
        limits["multiple_of"] = random.choice((1, 2, 3, 7) if type_ is int else (0.1, 0.5, 1.0, 3.0))
    near = [item + step for item in (low, high) for step in (-1, 0, 1)] + [0, 3, 6, 21, (low + high) // 2]
    exact_floats = [item for item in near if abs(item) < 2**53]
    exact = not limits.keys() & {"multiple_of"} or type_ is int
    return Shape(
        Annotated[type_, Meta(**limits)],
        lambda random: random.choice(near) if random.random() < 0.8 else float(random.choice(exact_floats)),
        (lambda pydantic: Annotated[type_, pydantic.Field(**limits)]) if exact else None,
    )


def _limited_text(random: Random) -> Shape:
    if random.random() < 0.5:
        pattern, fitting = random.choice(list(PATTERNS.items()))
        return _leaf(
            Annotated[str, Meta(pattern=pattern)],
            fitting,
            peer=lambda pydantic: Annotated[str, pydantic.Field(pattern=pattern)],
        )
    low = random.randrange(3)
    limits = {"min_length": low, "max_length": low + random.randrange(3)}
    return Shape(
        Annotated[str, Meta(**limits)],
        lambda random: "ä" * random.randint(low, limits["max_length"]),
        lambda pydantic: Annotated[str, pydantic.Field(**limits)],
    )


def shape(random: Random, depth: int = 3) -> Shape:
    """A random type with parts `depth` levels deep at most."""
    kind = random.random()
    if depth == 0 or kind < 0.2:
        return (
            random.choice((_limited_number, _limited_text))(random) if kind < 0.08 else random.choice(LEAVES)
        )
    if kind < 0.5:
        return _model(random, depth)
    if kind < 0.58:
        return _tagged(random, depth)
    if kind < 0.7:
        return _union(random, depth)
    if kind < 0.73:
        return random.choice(RECURSIVE)
    return _container(random, depth)


def _container(random: Random, depth: int) -> Shape:
    inner = shape(random, depth - 1)
    kind = random.choice(("list", "list", "set", "frozenset", "tuple", "fixed", "dict", "optional", "box"))
    if kind == "optional":
        fit = lambda random: None if random.random() < 0.2 else inner.fit(random)  # noqa: E731
        peer = _peer([inner], lambda made: Union[made, None])
        return Shape(Union[inner.type, None], fit, peer, [inner], inner.is_hashable, is_key=False)
    if kind == "box":
        return Shape(Box[inner.type], lambda random: {"item": inner.fit(random)}, None, [inner], False, False)
    if kind == "fixed":
        second = shape(random, depth - 1)
        both = [inner, second]
        hashable = inner.is_hashable and second.is_hashable
        peer = _peer(both, lambda one, two: tuple[one, two])
        return Shape(
            tuple[inner.type, second.type],
            lambda random: [part.fit(random) for part in both],
            peer,
            both,
            hashable,
            is_key=False,
        )
    limits = random.choice(({}, {}, {"min_length": 1}, {"max_length": 1}, {"min_length": 1, "max_length": 2}))
    if kind == "dict":
        key = shape(random, 0)
        while not key.is_key:
            key = shape(random, 0)
        peer = None if key.type is not str else _peer([inner], lambda made: dict[str, made])
        fit = lambda random: {_text(key.fit(random)): inner.fit(random) for _ in range(random.randrange(3))}  # noqa: E731
        return _with_limits(Shape(dict[key.type, inner.type], fit, peer, [inner], False, False), limits)
    if kind in {"set", "frozenset"}:
        inner = shape(random, 0)
        while not inner.is_hashable:
            inner = shape(random, 0)
    make = {"list": list, "set": set, "frozenset": frozenset}
    build = (lambda item: tuple[item, ...]) if kind == "tuple" else make[kind].__class_getitem__
    peer = None if kind in {"set", "frozenset"} else _peer([inner], build)
    hashable = kind in {"tuple", "frozenset"} and inner.is_hashable
    fit = lambda random: [inner.fit(random) for _ in range(random.randrange(4))]  # noqa: E731
    return _with_limits(Shape(build(inner.type), fit, peer, [inner], hashable, is_key=False), limits)


def _with_limits(found: Shape, limits: dict[str, int]) -> Shape:
    if limits:
        found.type = Annotated[found.type, Meta(**limits)]
        bare = found.peer
        if bare is not None:
            found.peer = lambda pydantic: Annotated[bare(pydantic), pydantic.Field(**limits)]
    return found


def _peer(parts: list[Shape], build: Callable[..., Any]) -> Callable[[ModuleType], Any] | None:
    """What makes the peer of a type from those of its parts, if all have one."""
    makers = [part.peer for part in parts]
    if None in makers:
        return None
    return lambda pydantic: build(*(make(pydantic) for make in makers))


def _text(item: Any) -> str:
    return item if isinstance(item, str) else str(item)


_STRUCTS = (
    {},
    {},
    {},
    {"forbid_unknown_fields": True},
    {"tag": "x"},
    {"tag": 7, "tag_field": "kind"},
    {"array_like": True},
    {"array_like": True, "tag": 1, "forbid_unknown_fields": True},
    {"rename": "upper"},
    {"kw_only": True},
    {"frozen": True},
    {"gc": False},
)


def _refuse_first(self: Any) -> None:
    if getattr(self, type(self).__struct_fields__[0]) in ("", 0, None):
        raise ValueError("the first must not be empty")


def _model(random: Random, depth: int) -> Shape:
    parts = [shape(random, depth - 1) for _ in range(random.randint(1, 3))]
    names = ["a", "b", "c"][: len(parts)]
    name = f"Model{next(numbers)}"
    kind = random.choice(("struct", "struct", "struct", "dataclass", "typeddict", "namedtuple"))
    required = random.randint(0, len(parts))
    optional = [index >= required for index in range(len(parts))]
    options = random.choice(_STRUCTS) if kind == "struct" else {}
    fields = list(zip(names, [part.type for part in parts], strict=True))
    if kind == "struct":
        checked = {"__post_init__": _refuse_first} if random.random() < 0.15 else None
        spec = [
            (*f, msgspec.field(default=None)) if late else f for f, late in zip(fields, optional, strict=True)
        ]
        model = msgspec.defstruct(name, spec, namespace=checked, **options)
    elif kind == "dataclass":
        checked = None
        model = make_dataclass(
            name, [(*f, None) if late else f for f, late in zip(fields, optional, strict=True)]
        )
    elif kind == "typeddict":
        checked = None
        model = TypedDict(
            name, {n: NotRequired[t] if late else t for (n, t), late in zip(fields, optional, strict=True)}
        )
    else:
        checked, optional = None, [False] * len(parts)
        model = NamedTuple(name, fields)
    agrees = (
        checked is None and options.keys() <= {"forbid_unknown_fields", "kw_only"} and kind != "namedtuple"
    )
    peer = None
    if agrees:
        forbid = options.get("forbid_unknown_fields", False)
        peer = _model_peer(kind, name, parts, list(zip(names, optional, strict=True)), forbid)
    is_array = kind == "namedtuple" or options.get("array_like", False)
    tag = options.get("tag")

    def fit(random: Random) -> Any:
        if is_array:
            head = [] if tag is None else [tag]
            return head + [part.fit(random) for part in parts]
        made = {} if tag is None or random.random() < 0.5 else {options.get("tag_field", "type"): tag}
        for key, part, late in zip(names, parts, optional, strict=True):
            if not late or random.random() < 0.6:
                made[key.upper() if options.get("rename") else key] = part.fit(random)
        return made

    return Shape(model, fit, peer, parts, is_hashable=False, is_key=False)


def _model_peer(
    kind: str, name: str, parts: list[Shape], fields: list[tuple[str, bool]], forbid: bool
) -> Callable[[ModuleType], Any] | None:
    makers = [part.peer for part in parts]
    if None in makers:
        return None

    def make(pydantic: ModuleType) -> Any:
        typed = [(field, make(pydantic), late) for (field, late), make in zip(fields, makers, strict=True)]
        if kind == "struct":
            spec = {field: (type_, None if late else ...) for field, type_, late in typed}
            extra = "forbid" if forbid else "ignore"
            return pydantic.create_model(name, __config__={"extra": extra}, **spec)
        if kind == "dataclass":
            return make_dataclass(
                name, [(field, type_, None) if late else (field, type_) for field, type_, late in typed]
            )
        return TypedDict(name, {field: NotRequired[type_] if late else type_ for field, type_, late in typed})

    return make


def _tagged(random: Random, depth: int) -> Shape:
    parts = [shape(random, depth - 1) for _ in range(random.randint(2, 3))]
    models = [
        msgspec.defstruct(f"Tagged{next(numbers)}", [("a", part.type)], tag=tag)
        for tag, part in zip("abc", parts, strict=False)
    ]

    def fit(random: Random) -> Any:
        index = random.randrange(len(parts))
        return {"type": "abc"[index], "a": parts[index].fit(random)}

    return Shape(Union[tuple(models)], fit, None, parts, is_hashable=False, is_key=False)


def _union(random: Random, depth: int) -> Shape:
    first, second = shape(random, depth - 1), shape(random, depth - 1)
    if _bare(first.type) & _bare(second.type):
        return first  # msgspec merges the limits of `int | Annotated[int, ...]`; nobody means that
    parts = [first, second]
    hashable = first.is_hashable and second.is_hashable
    return Shape(
        Union[first.type, second.type],
        lambda random: random.choice(parts).fit(random),
        None,
        parts,
        hashable,
        is_key=False,
    )


def _bare(type_: Any) -> set[Any]:
    return {getattr(member, "__origin__", member) for member in union_members(type_)}


def _tree(random: Random, depth: int = 3) -> Any:
    more = random.randrange(3) if depth else 0
    return {"value": random.randrange(9), "children": [_tree(random, depth - 1) for _ in range(more)]}


def _chain(random: Random, depth: int = 4) -> Any:
    return {"value": "x", "next": _chain(random, depth - 1) if depth and random.random() < 0.7 else None}


RECURSIVE = (
    Shape(Tree, _tree, None, [], is_hashable=False, is_key=False),
    Shape(Chain, _chain, None, [], is_hashable=False, is_key=False),
)

# JSON ---------------------------------------------------------------------------------------------------------

SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 3, 7, 2**31, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30),
    *(0.0, -0.0, 1.0, 1.5, -2.5, 1e300, 5e-324, 1.7976931348623157e308, 9007199254740993.0),
    *(
        "",
        "0",
        "1",
        "1.0",
        "1.5",
        " 1",
        "1_0",
        "1e3",
        "true",
        "True",
        "on",
        "null",
        "nan",
        "sNaN1",
        "-inf",
        "1e999999",
        "x",
        "a",
        "b",
    ),
    *(
        "2024-01-01",
        "2024-02-30",
        "2024-01-01T00:00:00",
        "2024-01-01T24:00:00Z",
        "10:00",
        "25:00:00",
        "P1D",
        "P",
    ),
    *("127.0.0.1", "::1", "QQ==", "Q", "\x00", "\x7f", "\u2028", "ä€😀", "٣", "red", "../..", "x" * 300),
    *("__class__", "${jndi}", "{0}", "%s", "'\"<>&\\"),
)
KEYS = (
    "a",
    "b",
    "c",
    "A",
    "item",
    "type",
    "kind",
    "value",
    "children",
    "next",
    "1",
    "x",
    "",
    "__class__",
    "ä",
    "a.b",
)


def junk(random: Random, depth: int = 2) -> Any:
    """Any JSON."""
    kind = random.random()
    if depth == 0 or kind < 0.75:
        return random.choice(SCALARS)
    if kind < 0.87:
        return [junk(random, depth - 1) for _ in range(random.randrange(4))]
    return {random.choice(KEYS): junk(random, depth - 1) for _ in range(random.randrange(4))}


def mutate(random: Random, value: Any, junk: Callable[[Random], Any] = junk) -> Any:
    """`value` with something else in one place: another value, a key dropped, renamed or added, an item more or less."""
    if isinstance(value, dict) and value and random.random() < 0.8:
        key = random.choice(list(value))
        match random.randrange(6):
            case 0:
                return {name: item for name, item in value.items() if name != key}
            case 1:
                return {random.choice(KEYS) if name == key else name: item for name, item in value.items()}
            case 2:
                return {**value, random.choice(KEYS): junk(random)}
            case _:
                return {**value, key: mutate(random, value[key], junk)}
    if isinstance(value, list) and value and random.random() < 0.8:
        index = random.randrange(len(value))
        match random.randrange(6):
            case 0:
                return value[:index] + value[index + 1 :]
            case 1:
                return [*value, junk(random)]
            case 2:
                return [*value, value[index]]
            case _:
                return [mutate(random, item, junk) if i == index else item for i, item in enumerate(value)]
    return junk(random)


TOKENS = (
    *(
        b"1e400",
        b"-1e400",
        b"1E5",
        b"-0",
        b"-0.0",
        b"01",
        b"1.",
        b".5",
        b"+1",
        b"1e",
        b"9" * 30,
        b"9" * 400,
        b"NaN",
    ),
    *(
        b"Infinity",
        b"-Infinity",
        b"tru",
        b"nul",
        b"'a'",
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b'"\\u0000"',
        b'"\\u006ean"',
        b'"\\x"',
    ),
    *(
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\xc3',
        b'"\t"',
        b"{}",
        b"[]",
        b"{",
        b"]",
        b"",
        b" ",
        b"\n",
        b"/**/",
        b"\xef\xbb\xbf",
    ),
    *(
        b"0.1e1",
        b"1.0e0",
        b"100e-2",
        b"1e-400",
        b'"',
        b",",
        b":",
        b"[" * 40 + b"]" * 40,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ),
)
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[\[\]{},:]')
_KEY = re.compile(rb'"(?:[^"\\]|\\.)*":')


def garble(random: Random, body: bytes) -> bytes:
    """Bytes near `body`: cut, with a byte changed, a token replaced, a key given twice, or nested very deep."""
    match random.randrange(8):
        case 0:
            return body[: random.randrange(len(body) + 1)]
        case 1 if body:
            index = random.randrange(len(body))
            return body[:index] + bytes([random.randrange(256)]) + body[index + 1 :]
        case 2:
            found = list(_KEY.finditer(body))
            if found:
                key = random.choice(found)
                again = msgspec.json.encode(junk(random)) + b"," + key[0]
                return body[: key.end()] + again + body[key.end() :]
        case 3 if random.random() < 0.05:
            depth = random.choice((60, 250, 1100, 3000))
            start, end = random.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"value":"x","next":', b"}")))
            return start * depth + body + end * depth
        case 4:
            index = random.randrange(len(body) + 1)
            return body[:index] + random.choice(TOKENS) + body[index:]
    found = list(_TOKEN.finditer(body))
    if not found:
        return random.choice(TOKENS)
    token = random.choice(found)
    return body[: token.start()] + random.choice(TOKENS) + body[token.end() :]


def bodies(random: Random, shape: Shape, amount: int) -> Iterator[bytes]:
    """A fifth fits, most nearly fit, some are no JSON or unusual JSON."""
    for _ in range(amount):
        value = shape.fit(random) if random.random() < 0.95 else junk(random)
        for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
            value = mutate(random, value)
        body = msgspec.json.encode(value)
        yield garble(random, body) if random.random() < 0.15 else body


# making a failure small ---------------------------------------------------------------------------------------


def smaller(value: Any, depth: int = 8) -> Iterator[Any]:
    """The parts of a JSON value, then the value with one part left out or made smaller."""
    if depth == 0:
        return
    if isinstance(value, dict):
        yield from value.values()
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
        for key, item in value.items():
            yield from ({**value, key: less} for less in smaller(item, depth - 1))
    elif isinstance(value, list):
        yield from value
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, item in enumerate(value):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in smaller(item, depth - 1))
    elif isinstance(value, str) and len(value) > 1:
        yield value[: len(value) // 2]


def shrink(shape: Shape, body: bytes, fails: Callable[[Any, bytes], bool]) -> tuple[Any, bytes]:
    """A smaller type and body that still fail: parts of both, tried until none of them does."""
    type_, parts = shape.type, shape.parts
    for _ in range(200):
        try:
            value = msgspec.json.decode(body)
        except (ValueError, RecursionError):
            break
        candidates = [(part.type, part.parts, item) for part in parts for item in (value, *_inside(value))]
        candidates += [(type_, parts, item) for item in smaller(value)]
        for new_type, new_parts, item in candidates:
            new_body = msgspec.json.encode(item)
            if fails(new_type, new_body):
                type_, parts, body = new_type, new_parts, new_body
                break
        else:
            break
    return type_, body


def _inside(value: Any, depth: int = 8) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield item
        if depth:
            yield from _inside(item, depth - 1)
