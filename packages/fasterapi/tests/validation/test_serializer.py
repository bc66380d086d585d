"""Nothing leaves that the response model does not declare, and what is exactly declared is encoded as it stands."""

import dataclasses
import datetime as dt
import enum
import ipaddress
import os
from collections import deque
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, TypedDict

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Struct, UnsetType

from fasterapi.validation import Adapter, ResponseSerializer, SerializationError, fields_set, track_fields_set

EXAMPLES = int(os.environ.get("FASTERAPI_EXAMPLES", "200"))
SECRET = "this must not leave"


class Owner(Struct):
    name: str


class SecretOwner(Owner):
    password: str = SECRET


class Tagged(Struct, tag="one"):
    a: int


class SecretTagged(Tagged, tag="one"):
    password: str = SECRET


class Other(Struct, tag="two"):
    b: int


class Item(Struct):
    title: str
    owner: Owner | None = None
    owners: list[Owner] = []
    by_name: dict[str, Owner] = {}
    either: Tagged | Other | None = None
    more: "list[Item]" = []
    patch: int | UnsetType = UNSET


class SecretItem(Item):
    password: str = SECRET


class Row(TypedDict):
    title: str
    owner: Owner


@dataclasses.dataclass
class Data:
    title: str
    owner: Owner | None = None


@dataclasses.dataclass
class SecretData(Data):
    password: str = SECRET


class Pair(NamedTuple):
    left: int
    owner: Owner


class Record:
    """A row as an ORM gives it: attributes, and more of them than anyone asked for."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes, password=SECRET)


owners = st.sampled_from([Owner("a"), SecretOwner("b"), {"name": "c", "password": SECRET}, Record(name="d")])
eithers = st.sampled_from(
    [None, Tagged(1), SecretTagged(2), Other(3), {"type": "one", "a": 1, "password": SECRET}]
)


def item_parts(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    parts = st.fixed_dictionaries(
        {"title": st.text(max_size=3)},
        optional={
            "owner": st.none() | owners,
            "owners": st.lists(owners, max_size=2),
            "by_name": st.dictionaries(st.text(max_size=2), owners, max_size=2),
            "either": eithers,
            "more": st.lists(inner, max_size=2),
            "patch": st.integers(),
        },
    )
    secret = st.just({"password": SECRET})
    return st.one_of(
        parts.map(lambda given: Item(**given)),
        parts.map(lambda given: SecretItem(**given)),
        parts.map(lambda given: Record(**given)),
        st.tuples(parts, secret).map(lambda both: {**both[0], **both[1]}),
    )


items = st.recursive(
    st.builds(Item, st.just("x")) | st.builds(SecretItem, st.just("y")), item_parts, max_leaves=4
)
datas = st.one_of(
    st.builds(Data, st.text(max_size=2), owners),
    st.builds(SecretData, st.text(max_size=2), owners),
    owners.map(lambda owner: {"title": "t", "owner": owner, "password": SECRET}),
)
RESPONSES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Item, items),
    (list[Item], st.lists(items, max_size=3)),
    (dict[str, Item], st.dictionaries(st.text(max_size=2), items, max_size=2)),
    (tuple[int, Item], st.tuples(st.integers(), items)),
    (Item | None, items | st.none()),
    (Item | int, items | st.integers()),
    (list[Owner], st.lists(owners, max_size=4) | st.lists(owners, max_size=2).map(tuple)),
    (list[Owner] | Owner, st.lists(owners, max_size=2) | owners),
    (Tagged | Other, eithers.filter(lambda value: value is not None)),
    (Row, owners.map(lambda owner: {"title": "t", "owner": owner, "password": SECRET})),
    (
        list[Row],
        st.lists(owners.map(lambda owner: {"title": "t", "owner": owner, "password": SECRET}), max_size=2),
    ),
    (Data, datas),
    (list[Data], st.lists(datas, max_size=2)),
    (Pair, owners.map(lambda owner: Pair(1, owner)) | owners.map(lambda owner: (1, owner))),
    (set[int] | list[Owner], st.lists(owners, min_size=1, max_size=2)),
    (deque[Owner], st.lists(owners, max_size=2)),
]


@pytest.mark.parametrize("always", [False, True], ids=["auto", "always"])
@settings(max_examples=EXAMPLES, deadline=None)
@given(data=st.data())
def test_no_field_outside_the_model_ever_leaves(data: Any, always: bool) -> None:
    type_, values = data.draw(st.sampled_from(RESPONSES))
    value = data.draw(values)
    serializer = ResponseSerializer(type_, validate="always" if always else "auto")
    encoded = serializer.encode(value)
    assert SECRET.encode() not in encoded
    assert b"password" not in encoded
    assert msgspec.json.decode(encoded) == msgspec.json.decode(
        msgspec.json.encode(serializer.to_builtins(value))
    )
    # What left can be read back as the declared type.
    Adapter(type_).convert(msgspec.json.decode(encoded))


@pytest.mark.parametrize("options", [
    {"include": {"title"}}, {"exclude": {"owners"}}, {"exclude_unset": True}, {"exclude_defaults": True},
    {"exclude_none": True}, {"by_alias": False},
], ids=str)  # fmt: skip
@settings(max_examples=max(EXAMPLES // 6, 20), deadline=None)
@given(value=items)
def test_options_take_fields_away_but_never_add_any(value: Any, options: dict[str, Any]) -> None:
    encoded = ResponseSerializer(Item, **options).encode(value)
    assert b"password" not in encoded
    left = msgspec.json.decode(encoded)
    assert set(left) <= set(Item.__struct_fields__)


def test_value_of_the_very_type_is_encoded_without_a_second_look() -> None:
    """Its class declares the fields; checking them again would double the cost of every answer."""
    wrong = Owner(5)  # type: ignore[arg-type]
    assert ResponseSerializer(Owner).encode(wrong) == b'{"name":5}'
    with pytest.raises(SerializationError):
        ResponseSerializer(Owner, validate="always").encode(wrong)


MISFITS: list[tuple[Any, Any, list[tuple[str, tuple[Any, ...]]]]] = [
    (Owner, {}, [("missing", ("response", "name"))]),
    (Owner, None, [("model_attributes_type", ("response",))]),
    (Owner, "x", [("model_attributes_type", ("response",))]),
    (list[Owner], [{"name": 1}, {"name": "a"}, 5], [("string_type", ("response", 0, "name")), ("model_attributes_type", ("response", 2))]),
    (list[Owner], Owner("x"), [("list_type", ("response",))]),
    (dict[str, int], {"a": "x"}, [("int_parsing", ("response", "a"))]),
    (int, "x", [("int_parsing", ("response",))]),
    (Tagged | Other, Owner("x"), [("model_attributes_type", ("response",))]),
    (Owner | int, "x", [("model_attributes_type", ("response", "Owner")), ("int_parsing", ("response", "int"))]),
    (tuple[int, int], [1], [("missing", ("response", 1))]),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "expected"), MISFITS, ids=lambda case: str(case)[:30])
def test_misfit_names_the_place_in_the_response(type_: Any, value: Any, expected: Any) -> None:
    serializer = ResponseSerializer(type_)
    with pytest.raises(SerializationError) as caught:
        serializer.encode(value)
    assert [(error["type"], error["loc"]) for error in caught.value.errors] == expected
    assert [(error["type"], error["loc"]) for error in serializer.errors(value)] == expected
    assert ".".join(map(str, expected[0][1])) in str(caught.value)


class Colour(enum.Enum):
    RED = "red"


class Limits(Struct):
    n: Annotated[int, msgspec.Meta(ge=1)]


FITTING: list[tuple[Any, Any, bytes]] = [
    (int, 5, b"5"),
    (int, "5", b"5"),
    (int, Decimal(5), b"5"),
    (float, Decimal("1.5"), b"1.5"),
    (int, True, b"1"),
    (str, "a", b'"a"'),
    (str, Colour.RED, b'"red"'),
    (bool, True, b"true"),
    (None, None, b"null"),
    (Any, {"a": 1}, b'{"a":1}'),
    (object, [1], b"[1]"),
    (Colour, "red", b'"red"'),
    (Colour, Colour.RED, b'"red"'),
    (dt.date, dt.datetime(2024, 1, 1), b'"2024-01-01"'),
    (dt.date, dt.date(2024, 1, 1), b'"2024-01-01"'),
    (ipaddress.IPv4Address, "127.0.0.1", b'"127.0.0.1"'),
    (list[int], (i for i in range(2)), b"[0,1]"),
    (list[int], range(2), b"[0,1]"),
    (set[int], {1}, b"[1]"),
    (set[int], [1, 1], b"[1]"),
    (list[str | int], ["a", 1], b'["a",1]'),
    (dict[str, int], {"a": "1"}, b'{"a":1}'),
    (dict[int, str], {1: "a"}, b'{"1":"a"}'),
    (dict[str, int], {"a": 1}, b'{"a":1}'),
    (dict[dt.date, int], {dt.date(2024, 1, 1): 1}, b'{"2024-01-01":1}'),
    (Annotated[int, msgspec.Meta(ge=1)], 5, b"5"),
    (Annotated[list[int], msgspec.Meta(max_length=2)], [5], b"[5]"),
    (Annotated[dict[str, int], msgspec.Meta(max_length=2)], {"a": 5}, b'{"a":5}'),
    (Limits, {"n": 1}, b'{"n":1}'),
    (Item | None, None, b"null"),
    (tuple[int, ...], [1, 2], b"[1,2]"),
    (tuple[int, ...], (1, 2), b"[1,2]"),
]


@pytest.mark.parametrize(("type_", "value", "expected"), FITTING, ids=lambda case: str(case)[:30])
def test_values_are_converted_to_the_declared_type(type_: Any, value: Any, expected: bytes) -> None:
    # `None` as the type means that nothing is declared; NoneType is declared as `type(None)`.
    assert ResponseSerializer(type(None) if type_ is None else type_).encode(value) == expected


def test_undeclared_type_takes_whatever_has_a_json_form() -> None:
    serializer = ResponseSerializer(None)
    value = {"d": dt.date(2024, 1, 1), "e": Colour.RED, "o": SecretOwner("a"), "r": Record(x=1)}
    assert msgspec.json.decode(serializer.encode(value))["r"] == {"x": 1, "password": SECRET}
    assert serializer.to_builtins({"e": Colour.RED}) == {"e": "red"}
    assert serializer.fit(value) is value
    assert serializer.errors(value) == []


def test_too_deep_a_value_is_an_error_and_not_a_crash() -> None:
    value: dict[str, Any] = {"title": "x", "password": SECRET}
    for _ in range(5000):
        value = {"title": "x", "more": [value]}
    with pytest.raises(SerializationError, match="nested too deeply"):
        ResponseSerializer(Item).encode(value)


def test_fields_that_were_not_given_are_left_out() -> None:
    unset = ResponseSerializer(Item, exclude_unset=True)
    assert unset.encode({"title": "a", "owner": None}) == b'{"title":"a","owner":null}'
    assert unset.encode(Item("a", owner=Owner("b"))) == b'{"title":"a","owner":{"name":"b"}}'
    item = Adapter(Item).decode_tracked(
        b'{"title": "a", "owners": [], "more": [{"title": "b", "owner": null}]}'
    )
    assert fields_set(item) == {"title", "owners", "more"}
    assert unset.encode(item) == b'{"title":"a","owners":[],"more":[{"title":"b","owner":null}]}'


def test_nested_models_know_what_was_given_too() -> None:
    type_ = dict[str, tuple[Owner, Item]] | None
    value = Adapter(type_).decode_tracked(
        b'{"a": [{"name": "x"}, {"title": "t", "either": {"type": "one", "a": 1}}]}'
    )
    assert value is not None
    owner, item = value["a"]
    assert fields_set(owner) == {"name"}
    assert fields_set(item) == {"title", "either"}
    assert fields_set(item.either) == {"a"}
    assert Adapter(type_).decode_tracked(b"null") is None
    either = Adapter(list[Owner] | Owner).decode_tracked(b'[{"name": "x"}]')
    assert fields_set(either[0]) == {"name"}
    assert Adapter(int | str).decode_tracked(b"5") == 5


def test_tracking_is_of_the_very_object_and_forgotten_with_the_next_request() -> None:
    owner, same = Owner("a"), Owner("a")
    track_fields_set(owner, [])
    assert fields_set(owner) == set()
    assert fields_set(same) == {"name"}
    assert fields_set({"a": 1}) == {"a"}
    Adapter(Owner).decode_tracked(b'{"name": "x"}')
    assert fields_set(owner) == {"name"}


class Camel(Struct, rename="camel"):
    unit_price: float = 1.0
    note: str | None = None


OPTIONS: list[tuple[Any, Any, dict[str, Any], Any]] = [
    (Camel, Camel(2.0), {}, {"unitPrice": 2.0, "note": None}),
    (Camel, {"unit_price": 2.0}, {}, {"unitPrice": 2.0, "note": None}),
    (Camel, {"unitPrice": 2.0}, {"by_alias": False}, {"unit_price": 2.0, "note": None}),
    (Camel, Camel(), {"exclude_defaults": True}, {}),
    (Camel, Camel(), {"exclude_none": True}, {"unitPrice": 1.0}),
    (Camel, Camel(), {"include": {"note"}}, {"note": None}),
    (Camel, Camel(), {"exclude": {"note"}}, {"unitPrice": 1.0}),
    (list[Camel], [Camel()], {"exclude": {"note"}}, [{"unitPrice": 1.0}]),
    (list[Camel], [Camel(), Camel(2)], {"include": {0}}, [{"unitPrice": 1.0, "note": None}]),
    (list[Camel], [Camel(), Camel(2)], {"exclude": {"__all__": {"note"}}}, [{"unitPrice": 1.0}, {"unitPrice": 2.0}]),
    (dict[str, Camel], {"a": Camel(), "b": Camel()}, {"include": {"a": {"note"}}}, {"a": {"note": None}}),
    (dict[int, str | None], {1: None, 2: "a"}, {"exclude_none": True}, {2: "a"}),
    (Item, Item("a", Owner("b")), {"include": {"owner": {"name"}}}, {"owner": {"name": "b"}}),
    (Item, Item("a", Owner("b")), {"include": {"owner": ...}}, {"owner": {"name": "b"}}),
    (Item, Item("a", Owner("b")), {"include": {"owner": True}, "exclude": {"owner": {"name"}}}, {"owner": {}}),
    (Item, Item("a", either=Tagged(1)), {"include": {"either"}}, {"either": {"type": "one", "a": 1}}),
    (Item, Item("a", patch=3), {"include": {"patch", "title"}}, {"title": "a", "patch": 3}),
    (Data, Data("a", Owner("b")), {"exclude": {"title"}}, {"owner": {"name": "b"}}),
    (Pair, Pair(1, Owner("b")), {"exclude_none": True}, [1, {"name": "b"}]),
    (dt.date, dt.date(2024, 1, 1), {"exclude_none": True}, "2024-01-01"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "value", "options", "expected"), OPTIONS, ids=lambda case: str(case)[:30])
def test_options_choose_fields(type_: Any, value: Any, options: dict[str, Any], expected: Any) -> None:
    serializer = ResponseSerializer(type_, **options)
    assert serializer.to_builtins(value) == expected
    assert serializer.encode(value) == msgspec.json.encode(expected)
