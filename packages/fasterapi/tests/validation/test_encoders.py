"""`jsonable_encoder` gives what FastAPI's gives; the table is held against FastAPI where it is installed."""

import collections
import dataclasses
import datetime as dt
import enum
import ipaddress
import pathlib
import re
import uuid
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from fasterapi.encoders import jsonable_encoder
from fasterapi.validation import enc_hook, register_type


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Data:
    a: int
    b: dt.date | None = None


class Item(msgspec.Struct, rename="camel"):
    unit_price: float = 1.0
    note: str | None = None
    tags: list[str] = []


class Row:
    def __init__(self) -> None:
        self.a = 1
        self._sa_state = object()


class Pairs:
    def __iter__(self) -> Any:
        return iter([("a", 1)])

    def keys(self) -> list[str]:
        return ["a"]

    def __getitem__(self, key: str) -> int:
        return 1


CASES: list[tuple[Any, dict[str, Any], Any]] = [
    (None, {}, None),
    (1.5, {}, 1.5),
    ("a", {}, "a"),
    (b"ab", {}, "ab"),
    (Colour.RED, {}, "red"),
    (dt.date(2024, 1, 1), {}, "2024-01-01"),
    (dt.datetime(2024, 1, 1, tzinfo=dt.UTC), {}, "2024-01-01T00:00:00+00:00"),
    (dt.time(10), {}, "10:00:00"),
    (dt.timedelta(minutes=1), {}, 60.0),
    (Decimal("1"), {}, 1),
    (Decimal("1.0"), {}, 1.0),
    (uuid.UUID(int=1), {}, str(uuid.UUID(int=1))),
    (pathlib.PurePosixPath("a/b"), {}, "a/b"),
    (re.compile("a"), {}, "a"),
    (ipaddress.IPv4Address("1.2.3.4"), {}, "1.2.3.4"),
    ({1}, {}, [1]),
    (frozenset({1}), {}, [1]),
    ((1, 2), {}, [1, 2]),
    (collections.deque([1]), {}, [1]),
    ((i for i in range(2)), {}, [0, 1]),
    ({"a": {1}, 2: b"x"}, {}, {"a": [1], 2: "x"}),
    ({"a": 1, "_sa_x": 2}, {}, {"a": 1}),
    ({"a": 1, "_sa_x": 2}, {"sqlalchemy_safe": False}, {"a": 1, "_sa_x": 2}),
    ({"a": 1, "b": None}, {"exclude_none": True}, {"a": 1}),
    ({"a": 1, "b": 2}, {"include": {"a"}}, {"a": 1}),
    ({"a": 1, "b": 2}, {"exclude": ["a"]}, {"b": 2}),
    (Data(1, dt.date(2024, 1, 1)), {}, {"a": 1, "b": "2024-01-01"}),
    (Data(1), {"exclude_none": True}, {"a": 1}),
    (Data(1), {"exclude": {"b"}}, {"a": 1}),
    (Row(), {}, {"a": 1}),
    (Pairs(), {}, {"a": 1}),
    ([Data(1)], {"include": {"a"}}, [{"a": 1}]),
    (dt.date(2024, 1, 1), {"custom_encoder": {dt.date: lambda value: value.year}}, 2024),
    (dt.datetime(2024, 1, 1), {"custom_encoder": {dt.date: lambda value: value.year}}, 2024),
    ({"a": Colour.RED}, {"custom_encoder": {enum.Enum: lambda value: value.name}}, {"a": "RED"}),
]


@pytest.mark.parametrize(("value", "options", "expected"), CASES, ids=lambda case: repr(case)[:30])
def test_value_becomes_jsons_types(value: Any, options: dict[str, Any], expected: Any) -> None:
    found = jsonable_encoder(value, **options)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(("value", "options", "expected"), CASES, ids=lambda case: repr(case)[:30])
def test_table_is_what_fastapi_does(value: Any, options: dict[str, Any], expected: Any) -> None:
    encoders = pytest.importorskip("fastapi.encoders")
    if isinstance(value, type(i for i in ())):
        return
    assert encoders.jsonable_encoder(value, **options) == expected


@pytest.mark.parametrize(("options", "expected"), [
    ({}, {"unitPrice": 1.0, "note": None, "tags": []}),
    ({"by_alias": False}, {"unit_price": 1.0, "note": None, "tags": []}),
    ({"exclude_none": True}, {"unitPrice": 1.0, "tags": []}),
    ({"exclude_defaults": True}, {}),
    ({"exclude_unset": True}, {}),
    ({"include": {"note"}}, {"note": None}),
    ({"exclude": {"note": True}}, {"unitPrice": 1.0, "tags": []}),
], ids=str)  # fmt: skip
def test_models_take_fastapis_options(options: dict[str, Any], expected: Any) -> None:
    assert jsonable_encoder(Item(), **options) == expected
    assert jsonable_encoder({"items": [Item()]}) == {"items": [{"unitPrice": 1.0, "note": None, "tags": []}]}


def test_absent_values_are_absent() -> None:
    assert jsonable_encoder({"a": msgspec.UNSET}) == {}


def test_object_without_items_or_attributes_is_refused() -> None:
    with pytest.raises(ValueError, match="object has no JSON form"):
        jsonable_encoder(object())


def test_registered_classes_are_encoded_by_their_function() -> None:
    class Money:
        __slots__ = ("cents",)

        def __init__(self, cents: int) -> None:
            self.cents = cents

    register_type(Money, decode=Money, encode=lambda money: money.cents)

    class Dollars(Money):
        __slots__ = ()

    assert jsonable_encoder([Money(5), Dollars(6)]) == [5, 6]
    assert enc_hook(Dollars(6)) == 6


def test_attrs_classes_are_written_by_their_fields() -> None:
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Thing:
        a: int

    assert jsonable_encoder(Thing(1)) == {"a": 1}


class Dumps:
    def model_dump(self, *, mode: str) -> dict[str, str]:
        return {"mode": mode}


class Slots:
    __slots__ = ()


class Iterates:
    __slots__ = ()

    def __iter__(self) -> Any:
        return iter([1, 2])


@pytest.mark.parametrize(("value", "expected"), [
    (Dumps(), {"mode": "json"}), (Row(), {"a": 1}), (Iterates(), [1, 2]), (ValueError("secret"), {}),
    (collections.deque([1]), [1]), (collections.UserDict(a=1), {"a": 1}), (pathlib.PurePosixPath("a"), "a"),
    (Colour.RED, "red"), (re.compile("a"), "a"), (ipaddress.IPv6Address("::1"), "::1"),
], ids=lambda case: repr(case)[:20])  # fmt: skip
def test_hook_takes_one_step_towards_json(value: Any, expected: Any) -> None:
    assert enc_hook(value) == expected


def test_hook_names_the_class_it_cannot_encode() -> None:
    with pytest.raises(
        NotImplementedError, match=r"Slots has no JSON form; register one with register_type\(\)"
    ):
        enc_hook(Slots())
