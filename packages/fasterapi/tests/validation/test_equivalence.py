"""The slow pass and the decoder say the same of every value: rejected exactly when there is something to report.

Random types from everything msgspec supports, and some that it refuses, against JSON that nearly fits. A few hundred
cases, which hypothesis makes small when one fails; many more are in `test_equivalence_at_scale`.
"""

import datetime as dt
import enum
import ipaddress
import uuid
from dataclasses import make_dataclass
from decimal import Decimal
from itertools import count
from typing import Annotated, Any, Literal, NamedTuple, TypedDict, Union

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from fasterapi.validation import Adapter
from fasterapi.validation.classify import union_members
from fasterapi.validation.unions import UnionNode
from fasterapi.validation.walk import reachable

EXAMPLES = 200
names = count()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.integers(-3, 3)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([1.0, 2.0, -1.5, 1e300])
    | st.sampled_from(
        ["", "1", "1.0", "1.5", " 1", "true", "null", "nan", "on", "x", "2024-01-01", "10:00", "P1D"]
    )
    | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "type", "1", "x"]), inner)
    ),
    max_leaves=6,
)


def case(type_: Any, *fitting: Any) -> tuple[Any, st.SearchStrategy[Any]]:
    return type_, st.sampled_from(fitting)


LEAVES = [
    case(int, 1, -5, 2**65, "7", 3.0),
    case(float, 1, 1.5, "2.5", -0.0),
    case(bool, True, False, "true", 1, "0"),
    case(str, "", "text", "1"),
    case(None, None),
    case(Any, 1, "x", [None]),
    case(dt.datetime, "2024-01-01T00:00:00Z", "2024-01-01 10:00:00.5", 0, "1700000000"),
    case(dt.date, "2024-01-01"),
    case(dt.time, "10:00:00"),
    case(dt.timedelta, "P1DT1S", 5, 1.5),
    case(uuid.UUID, str(uuid.UUID(int=7)), uuid.UUID(int=7).hex),
    case(Decimal, "1.50", 1, 1.5),
    case(bytes, "QUJD", ""),
    case(Colour, "red"),
    case(Size, 1, "2"),
    case(Literal["a", 1, None], "a", 1, None),
    case(ipaddress.IPv4Address, "127.0.0.1"),
    case(Annotated[int, Meta(ge=0, lt=10)], 0, 9, "5"),
    case(Annotated[int, Meta(gt=0, multiple_of=3)], 3, 6),
    case(Annotated[float, Meta(gt=0.5, le=2)], 1, 2.0),
    case(Annotated[float, Meta(multiple_of=0.1)], 0.3, 0.2),
    case(Annotated[str, Meta(min_length=1, max_length=2)], "a", "ab"),
    case(Annotated[str, Meta(pattern="^a")], "ab", "a"),
    case(Annotated[bytes, Meta(max_length=2)], "QQ==", ""),
    case(Annotated[dt.datetime, Meta(tz=True)], "2024-01-01T00:00:00Z"),
    case(msgspec.Raw, 1, {}),
]
HASHABLE = [leaf for leaf in LEAVES if leaf[0] not in {Any, msgspec.Raw}]
KEYS = [leaf for leaf in HASHABLE if leaf[0] is not None]


@st.composite
def containers(draw: Any, inner: Any) -> Any:
    type_, fitting = draw(inner)
    limit = draw(st.sampled_from([None, Meta(min_length=1), Meta(max_length=1)]))
    kind = draw(st.sampled_from(["list", "set", "frozenset", "tuple", "fixed", "dict", "optional"]))
    if kind == "optional":
        return Union[type_, None], fitting | st.none()
    if kind == "dict":
        key, keys = draw(st.sampled_from(KEYS))
        whole = dict[key, type_]
        texts = keys.map(lambda item: item if isinstance(item, str) else str(item))
        return (Annotated[whole, limit] if limit else whole), st.dictionaries(texts, fitting, max_size=2)
    if kind == "fixed":
        second, second_fitting = draw(inner)
        return tuple[type_, second], st.tuples(fitting, second_fitting).map(list)
    if kind in {"set", "frozenset"}:
        type_, fitting = draw(st.sampled_from(HASHABLE))
    whole = {
        "list": list[type_],
        "set": set[type_],
        "frozenset": frozenset[type_],
        "tuple": tuple[type_, ...],
    }[kind]
    return (Annotated[whole, limit] if limit else whole), st.lists(fitting, max_size=3)


def make_model(kind: str, fields: list[tuple[str, Any]], defaults: int, options: dict[str, Any]) -> Any:
    name = f"Model{next(names)}"
    if kind == "struct":
        first = len(fields) - defaults
        return msgspec.defstruct(
            name,
            [f if i < first else (*f, msgspec.field(default=None)) for i, f in enumerate(fields)],
            **options,
        )
    if kind == "dataclass":
        return make_dataclass(name, fields)
    if kind == "typeddict":
        return TypedDict(name, dict(fields), total=not defaults)
    return NamedTuple(name, fields)


@st.composite
def models(draw: Any, inner: Any) -> Any:
    parts = draw(st.lists(inner, min_size=1, max_size=3))
    fields = [(name, type_) for name, (type_, _) in zip("abc", parts, strict=False)]
    kind = draw(st.sampled_from(["struct", "struct", "dataclass", "typeddict", "namedtuple"]))
    options = draw(
        st.sampled_from(
            [{}, {"forbid_unknown_fields": True}, {"tag": "x"}, {"array_like": True}, {"rename": "upper"}]
            + [{"array_like": True, "tag": 1, "forbid_unknown_fields": True}, {"kw_only": True}]
        )
    )
    model = make_model(kind, fields, draw(st.integers(0, len(fields))), options)
    array = kind == "namedtuple" or (kind == "struct" and options.get("array_like"))
    if array:
        return model, st.tuples(*[fitting for _, fitting in parts]).map(list)
    upper = kind == "struct" and options.get("rename") == "upper"
    required = {(n.upper() if upper else n): fitting for n, (_, fitting) in zip("abc", parts, strict=False)}
    return model, st.fixed_dictionaries(required)


@st.composite
def tagged(draw: Any, inner: Any) -> Any:
    (first, one), (second, two) = draw(inner), draw(inner)
    a = msgspec.defstruct(f"Tagged{next(names)}", [("a", first)], tag="a")
    b = msgspec.defstruct(f"Tagged{next(names)}", [("a", second)], tag="b")
    fitting = st.one_of(
        one.map(lambda item: {"type": "a", "a": item}), two.map(lambda item: {"type": "b", "a": item})
    )
    return Union[a, b], fitting


@st.composite
def unions(draw: Any, inner: Any) -> Any:
    (first, one), (second, two) = draw(inner), draw(inner)
    if bare(first) & bare(second):
        # msgspec merges the limits of `int | Annotated[int, ...]`; nobody means that.
        return first, one
    return Union[first, second], one | two


def bare(type_: Any) -> set[Any]:
    return {getattr(member, "__origin__", member) for member in union_members(type_)}


types = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: containers(inner) | models(inner) | tagged(inner) | unions(inner),
    max_leaves=5,
)


def mutate(draw: Any, value: Any) -> Any:
    """Put something else into one place of a value that fits."""
    if isinstance(value, dict) and value and draw(st.integers(0, 4)):
        key = draw(st.sampled_from(sorted(value)))
        action = draw(st.sampled_from(["inside", "inside", "drop", "add"]))
        if action == "drop":
            return {k: v for k, v in value.items() if k != key}
        if action == "add":
            return {**value, draw(st.sampled_from(["extra", "type"])): draw(junk)}
        return {**value, key: mutate(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 4)):
        index = draw(st.integers(0, len(value) - 1))
        return [mutate(draw, item) if i == index else item for i, item in enumerate(value)]
    return draw(junk)


@pytest.mark.parametrize("strict", [False, True], ids=["lax", "strict"])
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_decoder_rejects_exactly_what_has_errors(data: Any, strict: bool) -> None:
    type_, fitting = data.draw(types)
    value = data.draw(fitting)
    for _ in range(data.draw(st.integers(0, 2))):
        value = mutate(data.draw, value)
    adapter = Adapter(type_, strict=strict)
    body = msgspec.json.encode(value)
    try:
        adapter.decode(body)
        accepted = True
    except ValueError:
        accepted = False
    errors = adapter.errors(msgspec.json.decode(body))
    assert accepted == (not errors), (body, errors)
    assert errors == adapter.json_errors(body)
    msgspec.json.encode(errors)
    unions = [node for node in reachable(adapter.node) if isinstance(node, UnionNode)]
    limited = any(getattr(member, "checks", ()) for union in unions for member in union.members)
    if adapter.node.native and not limited:
        # Something that only msgspec's own sentence could explain is a gap in the walk.
        sentences = [
            error for error in errors if error["type"] == "value_error" and error["loc"][-1] != "[key]"
        ]
        assert not sentences, (body, errors)
