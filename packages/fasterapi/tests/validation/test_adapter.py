"""The adapter: decoding, hostile bytes, models made of texts, types that are refused at registration."""

import collections
import dataclasses
import datetime as dt
import enum
import ipaddress
import sys
import typing
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import Meta, Struct

from fasterapi.validation import Adapter, Constraints, UnsupportedType, model_fields, register_type

T = TypeVar("T")
N = TypeVar("N", bound=int)
C = TypeVar("C", int, str)
UserId = NewType("UserId", int)


class Item(Struct):
    name: str
    price: float = 1.0


class Box(Struct, Generic[T]):
    value: T
    many: list[T] = []


@dataclasses.dataclass
class Pair(Generic[T]):
    left: T
    right: int = 0
    late: int = dataclasses.field(default=7, init=False)


class IntPair(Pair[int]):
    pass


class Row(TypedDict, Generic[T], total=False):
    a: typing.Required[T]
    b: typing.NotRequired[int]
    c: Annotated[str, Meta(min_length=1)]


class Point(NamedTuple):
    x: int
    y: int = 0


class Cat(Struct):
    meow: int
    age: int = 0


class Dog(Struct):
    bark: int
    age: int = 0


class Plain:
    pass


class Greater:
    """Looks like a class of `annotated_types`."""

    __module__ = "annotated_types"

    def __init__(self, gt: int) -> None:
        self.gt = gt


class Mixed(enum.Enum):
    A = 1
    B = "b"


ACCEPTED: list[tuple[Any, bytes, Any]] = [
    (Item, b'{"name": "a", "price": "2.5"}', Item("a", 2.5)),
    (list[Item], b'[{"name": "a"}]', [Item("a")]),
    (dict[int, float], b'{"1": 2}', {1: 2.0}),
    (Box[int], b'{"value": "1", "many": [2]}', Box(1, [2])),
    (Pair[int], b'{"left": 1}', Pair(1)),
    (Pair[Cat | Dog], b'{"left": {"bark": 1}}', Pair(Dog(1))),
    (IntPair, b'{"left": 1}', IntPair(1)),
    (Row[int], b'{"a": 1, "x": 2}', {"a": 1}),
    (Row[Cat | Dog], b'{"a": {"bark": 1}, "c": "x", "x": 1}', {"a": Dog(1), "c": "x"}),
    (Point, b"[1]", Point(1)),
    (list[Point | int], b"[[1, 2], 3]", [Point(1, 2), 3]),
    (Cat | Dog, b'{"bark": 1}', Dog(1)),
    (Cat | Dog | None, b"null", None),
    (list[Cat | Dog], b'[{"bark": 1}, {"meow": 1}]', [Dog(1), Cat(1)]),
    (dict[str, Cat | Dog], b'{"a": {"meow": 1}}', {"a": Cat(1)}),
    (tuple[Cat | Dog, int], b'[{"bark": 1}, 2]', (Dog(1), 2)),
    (set[Literal["a", True]], b'["a", true]', {"a", True}),
    (list[int] | list[str], b'["a", "b"]', ["a", "b"]),
    (list[int] | list[str], b'["1", "2"]', ["1", "2"]),
    (dt.date | str, b'"x"', "x"),
    (dt.date | int, b'"2024-01-01"', dt.date(2024, 1, 1)),
    (ipaddress.IPv4Address | int, b'"127.0.0.1"', ipaddress.IPv4Address("127.0.0.1")),
    (ipaddress.IPv4Address | int, b"5", ipaddress.IPv4Address("0.0.0.5")),
    (int | float, b"1.5", 1.5),
    (Mixed, b'"b"', Mixed.B),
    (Mixed | None, b"1", Mixed.A),
    (UserId, b"5", 5),
    (N, b"5", 5),  # type: ignore[valid-type]
    (C, b'"a"', "a"),  # type: ignore[valid-type]
    (T, b'"a"', "a"),  # type: ignore[valid-type]
    (typing.Final[int], b"5", 5),
    (collections.deque[int], b"[1, 2]", collections.deque([1, 2])),
    (Sequence[int], b"[1]", [1]),
    (Iterable[int], b"[1]", [1]),
    (Mapping[str, int], b'{"a": 1}', {"a": 1}),
    (typing.List[int], b"[1]", [1]),  # noqa: UP006
    (list, b'[1, "a"]', [1, "a"]),
    (tuple, b'[1, "a"]', (1, "a")),
    (dict, b'{"a": 1}', {"a": 1}),
    (tuple[()], b"[]", ()),
    (bytearray, b'"QUJD"', bytearray(b"ABC")),
    (object, b"[1]", [1]),
    (dict[bool, int], b'{"true": 1}', {True: 1}),
    (Annotated[int, Greater(3)], b"4", 4),
    (list[Annotated[int, Greater(3)]], b"[4]", [4]),
    (Annotated[int, Constraints(ge=1)], b"4", 4),
    (Annotated[Annotated[int, Meta(ge=3)], Meta(ge=1)], b"2", 2),
    (Annotated[Decimal, Constraints(max_digits=2)], b'"1.5"', Decimal("1.5")),
    (Annotated[int | None, Constraints(ge=1)], b"null", None),
    (Annotated[int | list[int], Constraints(ge=1)], b"[0]", [0]),
    (None, b"null", None),
    (int | None | msgspec.UnsetType, b"5", 5),
    (Annotated[int, Meta(ge=1)] | tuple[int, str], b'[1, "a"]', (1, "a")),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "body", "expected"), ACCEPTED, ids=lambda case: str(case)[:40])
def test_body_is_decoded(type_: Any, body: bytes, expected: Any) -> None:
    adapter: Adapter[Any] = Adapter(type_)
    assert adapter.json_errors(body) == []
    for found in (adapter.decode(body), adapter.convert(msgspec.json.decode(body))):
        assert found == expected
        assert type(found) is type(expected)


def test_raw_json_is_kept_as_bytes() -> None:
    found = Adapter(dict[str, msgspec.Raw]).decode(b'{"a": [1, 2]}')
    assert bytes(found["a"]) == b"[1,2]"
    assert Adapter(msgspec.Raw | None).text_errors("x", ("query", "q")) == []


def test_decoding_a_type_that_msgspec_knows_is_msgspec_and_nothing_else() -> None:
    decode = Adapter(Item).decode
    assert decode.__name__ == "decode"
    assert isinstance(decode.__self__, msgspec.json.Decoder)  # type: ignore[attr-defined]


def test_strict_mode_converts_nothing() -> None:
    assert Adapter(int).decode(b'"5"') == 5
    strict = Adapter(int, strict=True)
    assert [error["type"] for error in strict.json_errors(b'"5"')] == ["int_type"]
    assert [error["type"] for error in strict.json_errors(b"1.5")] == ["int_type"]
    marked = Adapter(list[Annotated[int, Constraints(strict=True)]])
    assert [error["loc"] for error in marked.json_errors(b'[1, "5"]')] == [("body", 1)]
    assert marked.decode(b"[1]") == [1]


KEPT_FROM_MSGSPEC: list[Any] = [
    # msgspec 0.22.0 crashes in the garbage collector some time after seeing one of these.
    Annotated[int, Meta(ge=1)] | tuple[int, str],
    Annotated[str, Meta(pattern="^a")] | dict[str, bytes | str],
    # It refuses these, and may crash after a refusal.
    Cat | Dog,
    Cat | dict[str, int],
    dt.date | str,
    list[int] | set[str],
    ipaddress.IPv4Address | int,
    # It takes these for what they are not: 0 is no Size, but a float.
    float | Literal[1],
    int | Annotated[float, Meta(gt=3)],
]


@pytest.mark.parametrize("type_", KEPT_FROM_MSGSPEC, ids=str)
def test_unions_that_msgspec_misreads_are_decided_here(type_: Any) -> None:
    field = msgspec.defstruct("Holder", [("field", type_)])
    assert not Adapter(type_).node.native
    assert not Adapter(list[type_]).node.native
    assert not Adapter(field).node.native


def test_union_takes_the_model_with_most_fields_given() -> None:
    class Small(Struct):
        a: int

    class Large(Struct):
        a: int
        b: int = 0

    adapter = Adapter(Small | Large)
    assert adapter.decode(b'{"a": 1}') == Small(1)
    assert adapter.decode(b'{"a": 1, "b": 2}') == Large(1, 2)


# Bytes that no JSON body may have; the error's position and reason.
HOSTILE: list[tuple[str, bytes, int, str]] = [
    ("cut", b'{"a": 1', 7, "Expecting ',' delimiter"),
    ("empty", b"", 0, "Expecting value"),
    ("comma", b"[1,]", 2, "Illegal trailing comma before end of array"),
    ("text after", b"{} x", 3, "Extra data"),
    ("bad UTF-8", b'{"a": "\xff"}', 7, "Invalid UTF-8"),
    ("byte order mark", b"\xef\xbb\xbf{}", 0, "Unexpected byte order mark"),
    ("NaN", b'{"a": NaN}', 6, "NaN is not JSON"),
    ("Infinity", b"[-Infinity]", 1, "-Infinity is not JSON"),
    ("lone surrogate", b'"\\ud800"', 0, "Input data was truncated"),
    ("depth", b"[" * 200_000, 0, "Nested too deeply"),
    ("huge number", b"1e400", 0, "Number out of range"),
    ("UTF-16", '{"a": 1}'.encode("utf-16"), 0, "Invalid UTF-8"),
]


@pytest.mark.parametrize(
    ("body", "position", "reason"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
@pytest.mark.parametrize("type_", [Item, list[int], Cat | Dog, Any], ids=str)
def test_hostile_bytes_are_one_error(type_: Any, body: bytes, position: int, reason: str) -> None:
    if sys.version_info < (3, 13) and "trailing comma" in reason:
        reason, position = "Expecting value", 3
    adapter: Adapter[Any] = Adapter(type_)
    with pytest.raises((ValueError, RecursionError)):
        adapter.decode(body)
    (error,) = adapter.json_errors(body)
    assert error["type"] == "json_invalid"
    assert error["loc"] == ("body", position)
    assert error["msg"] == "JSON decode error"
    assert error["input"] == {}
    assert error["ctx"] == {"error": reason}
    msgspec.json.encode(error)


def test_last_of_equal_keys_counts() -> None:
    assert Adapter(dict[str, int]).decode(b'{"a": 1, "a": 2}') == {"a": 2}
    assert [error["type"] for error in Adapter(Item).json_errors(b'{"name": "a", "name": 1}')] == [
        "string_type"
    ]


def test_huge_integers_are_integers() -> None:
    digits = b"1" * 4000
    assert Adapter(int).decode(digits) == int(digits)
    (error,) = Adapter(str).json_errors(digits)
    msgspec.json.encode(error)


def test_numbers_that_only_a_decimal_can_hold_are_fine_for_a_decimal() -> None:
    assert Adapter(Decimal).decode(b"1e400") == Decimal("1e400")
    assert Adapter(Decimal).json_errors(b"1e400") == []


def test_deep_values_are_an_error_and_not_a_crash() -> None:
    value: Any = {"meow": 1}
    for _ in range(sys.getrecursionlimit()):
        value = {"next": value}

    class Deep(Struct):
        next: "Deep | Cat | None" = None

    globals()["Deep"] = Deep
    (error,) = Adapter(Deep).errors(value)
    assert error["type"] == "recursion_loop"


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (Plain, {}, r"Plain cannot be read from a request: .*register_type\(Plain"),
    (list[Plain], {}, "Plain cannot be read"),
    (complex, {}, "complex cannot be read"),
    (
        str,
        {"gt": 3},
        "the constraint gt=3 means nothing for str, which takes max_length, min_length, pattern",
    ),
    (int, {"pattern": "a"}, "pattern='a' means nothing for int"),
    (bool, {"ge": 1}, "means nothing for bool, which takes no constraints"),
    (Item, {"min_length": 1}, "means nothing for Item"),
    (ipaddress.IPv4Address, {"max_length": 1}, "means nothing for IPv4Address"),
    (int | str, {"tz": True}, "no member of the union takes"),
    (str, {"pattern": "("}, "is no regular expression"),
    (str, {"min_length": -1}, "min_length"),
    ("Nowhere", {}, "'Nowhere' cannot be read|cannot be read"),
]


@pytest.mark.parametrize(("type_", "limits", "message"), REFUSED, ids=lambda case: str(case)[:30])
def test_what_cannot_be_meant_is_refused_at_registration(
    type_: Any, limits: dict[str, Any], message: str
) -> None:
    with pytest.raises(UnsupportedType, match=message):
        Adapter(type_, constraints=Constraints(**limits))


def test_refusal_leads_to_the_field() -> None:
    class Inner(Struct):
        thing: list[Plain]

    class Outer(Struct):
        inner: Inner | None

    for _ in range(2):  # a failed attempt leaves nothing half read
        with pytest.raises(UnsupportedType, match=r"Outer\.inner -> Inner\.thing: .*Plain"):
            Adapter(Outer)


def test_name_that_only_the_type_checker_knows_is_refused() -> None:
    made = msgspec.defstruct("Late", [("a", "Missing")])  # type: ignore[list-item]
    with pytest.raises(UnsupportedType, match="'Missing'"):
        Adapter(made)


def test_recursive_types_are_read_once() -> None:
    class Node(Struct):
        value: int
        next: "Node | None" = None

    globals()["Node"] = Node
    adapter = Adapter(Node)
    assert adapter.decode(b'{"value": 1, "next": {"value": 2}}').next.value == 2
    assert adapter.json_errors(b'{"value": 1, "next": {"value": "x"}}')[0]["loc"] == ("body", "next", "value")


def test_registered_class_is_read_and_explained() -> None:
    class Version:
        def __init__(self, text: str) -> None:
            self.parts = tuple(int(part) for part in text.split("."))

    register_type(Version, decode=Version, encode=lambda version: ".".join(map(str, version.parts)))
    assert Adapter(list[Version]).decode(b'["1.2"]')[0].parts == (1, 2)
    assert Adapter(Version).from_text("1.2").parts == (1, 2)
    (error,) = Adapter(dict[str, Version]).json_errors(b'{"a": "x"}')
    assert (error["type"], error["loc"]) == ("value_error", ("body", "a"))
    assert error["msg"].startswith("Value error, invalid literal for int()")


class Filters(Struct, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(le=100)] = 10
    tags: list[str] = []
    order: Literal["up", "down"] = "up"
    user_agent: str | None = None
    ids: set[int] | None = None


MAPPINGS: list[tuple[dict[str, Any], dict[str, Any], Any]] = [
    ({}, {}, Filters()),
    ({"limit": "5", "tags": ["a", "b"]}, {}, Filters(5, ["a", "b"])),
    ({"limit": ["1", "2"], "tags": "a"}, {}, Filters(2, ["a"])),
    ({"ids": ["1", "1"]}, {}, Filters(ids={1})),
    ({"user_agent": "x"}, {}, Filters(user_agent="x")),
    ({"user-agent": "x"}, {"source": "header", "convert_underscores": True}, Filters(user_agent="x")),
    ({"user-agent": ["x", "y"]}, {"source": "header", "convert_underscores": True}, Filters(user_agent="x")),
    ({"limit": ["", ""], "tags": [""]}, {"source": "form"}, Filters(tags=[""])),
    ({"limit": "500", "order": "x"}, {}, [("less_than_equal", "limit"), ("literal_error", "order")]),
    ({"nope": "1"}, {}, [("extra_forbidden", "nope")]),
    ({"limit": []}, {}, Filters()),
]


@pytest.mark.parametrize(("texts", "options", "expected"), MAPPINGS, ids=str)
def test_texts_become_a_model(texts: dict[str, Any], options: dict[str, Any], expected: Any) -> None:
    adapter = Adapter(Filters)
    fields = adapter.text_fields(**options) if options else None
    found, errors = adapter.from_mapping(texts, ("query",), fields)
    if isinstance(expected, Filters):
        assert (found, errors) == (expected, [])
    else:
        assert found is None
        assert [(error["type"], error["loc"][1]) for error in errors] == expected
        assert all(error["loc"][0] == "query" for error in errors)


@pytest.mark.parametrize(
    ("type_", "expected"), [(Item, Item("a", 2.0)), (Pair[int], Pair(3, 2)), (Item | None, Item("a", 2.0))]
)
def test_any_kind_of_model_is_made_of_texts(type_: Any, expected: Any) -> None:
    texts = {"name": "a", "price": "2", "left": "3", "right": "2"}
    assert Adapter(type_).from_mapping(texts, ("form",)) == (expected, [])


def test_missing_text_shows_what_was_sent() -> None:
    _, (error,) = Adapter(Item).from_mapping({"price": "1"}, ("query",))
    assert error == {
        "type": "missing",
        "loc": ("query", "name"),
        "msg": "Field required",
        "input": {"price": "1"},
    }


KINDS: list[tuple[Any, str, bool, bool, bool]] = [
    # type, kind, scalar, sequence of scalars, model
    (int, "scalar", True, False, False),
    (int | None, "scalar", True, False, False),
    (dt.datetime, "scalar", True, False, False),
    (Any, "any", True, False, False),
    (bytes, "bytes", True, False, False),
    (bytes | None, "bytes", True, False, False),
    (list[int], "sequence", False, True, False),
    (set[int] | None, "sequence", False, True, False),
    (tuple[int, ...], "sequence", False, True, False),
    (Sequence[str], "sequence", False, True, False),
    (list[Item], "sequence", False, False, False),
    (list, "sequence", False, True, False),
    (Item, "model", False, False, True),
    (Item | None, "model", False, False, True),
    (Cat | Dog, "model", False, False, True),
    (Pair[int], "model", False, False, True),
    (Row[int], "model", False, False, True),
    (Point, "sequence", False, True, False),
    (dict[str, int], "mapping", False, False, False),
    (Mapping[str, int], "mapping", False, False, False),
    (Item | int, "mapping", False, False, False),
    (Annotated[int, "x"], "scalar", True, False, False),
    (UserId, "scalar", True, False, False),
]


@pytest.mark.parametrize(("type_", "kind", "scalar", "sequence", "model"), KINDS, ids=str)
def test_type_is_classified_as_fastapi_does(
    type_: Any, kind: str, scalar: bool, sequence: bool, model: bool
) -> None:
    adapter: Adapter[Any] = Adapter(type_)
    assert (adapter.kind, adapter.is_scalar, adapter.is_scalar_sequence, adapter.is_model) == (
        kind,
        scalar,
        sequence,
        model,
    )


def test_fields_of_a_model_are_known_for_documentation() -> None:
    fields = Adapter(Item | None).model_fields
    assert [(field.name, field.type, field.required, field.default) for field in fields] == [
        ("name", str, True, msgspec.NODEFAULT),
        ("price", float, False, 1.0),
    ]
    assert Adapter(int).model_fields == ()
    assert [field.type for field in model_fields(IntPair)] == [int, int, int]
    with pytest.raises(UnsupportedType, match="is no model"):
        model_fields(int)


def test_schema_type_has_the_limits_in_msgspecs_words() -> None:
    adapter = Adapter(int, constraints=Constraints(ge=1))
    assert msgspec.json.schema(adapter.schema_type) == {"type": "integer", "minimum": 1}
    assert repr(adapter) == "Adapter(<class 'int'>)"


def test_attrs_classes_are_models() -> None:
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Thing:
        name: str
        _hidden: int = 3
        many: list[int] = attrs.field(factory=list)

    adapter = Adapter(Thing)
    assert adapter.is_model
    assert adapter.decode(b'{"name": "a"}') == Thing("a")
    assert [error["loc"] for error in adapter.json_errors(b'{"many": ["x"]}')] == [
        ("body", "name"),
        ("body", "many", 0),
    ]
    assert adapter.from_mapping({"name": "a", "_hidden": "4"}, ("query",)) == (Thing("a", 4), [])
    assert Adapter(Thing | Item).decode(b'{"name": "a", "price": 2}') == Item("a", 2.0)
    assert Adapter(Item | Thing).decode(b'{"name": "a", "many": [2]}') == Thing("a", many=[2])
