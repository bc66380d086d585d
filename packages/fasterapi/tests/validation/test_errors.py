"""Errors about JSON bodies: names, places, texts, inputs and contexts are FastAPI's.

The expected errors stand here literally; where pydantic is installed, the same table is held against it, with
pydantic models of the same fields.
"""

import dataclasses
import datetime as dt
import enum
import ipaddress
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import msgspec
import pytest
from msgspec import Meta, Struct

from fasterapi.validation import Adapter, Constraints


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Owner(Struct):
    name: str
    age: int = 0


class Item(Struct):
    title: Annotated[str, Meta(min_length=2)]
    price: float
    tags: list[int] = []
    owner: Owner | None = None


class Closed(Struct, forbid_unknown_fields=True):
    a: int


class Camel(Struct, rename="camel"):
    unit_price: float


class Cat(Struct, tag="cat"):
    lives: int


class Dog(Struct, tag="dog"):
    bark: str


class Meow(Struct):
    meow: int


class Bark(Struct):
    bark: int


class Point(NamedTuple):
    x: int
    y: str


class Row(TypedDict):
    a: int


@dataclasses.dataclass
class Data:
    a: int


class Array(Struct, array_like=True, forbid_unknown_fields=True):
    a: int
    b: int = 1


class Positive(Struct):
    a: int

    def __post_init__(self) -> None:
        if self.a < 0:
            raise ValueError("must not be negative")


class Tree(Struct):
    value: int
    children: "list[Tree]" = []


# Type, decoded JSON, and for each error: type and place below the body.
CASES: list[tuple[Any, Any, list[tuple[Any, ...]]]] = [
    (Item, {}, [("missing", "title"), ("missing", "price")]),
    (Item, 5, [("model_attributes_type",)]),
    (Item, None, [("model_attributes_type",)]),
    (Item, [], [("model_attributes_type",)]),
    (Item, {"title": "x", "price": "x"}, [("string_too_short", "title"), ("float_parsing", "price")]),
    (Item, {"title": 1, "price": None}, [("string_type", "title"), ("float_type", "price")]),
    (Item, {"title": "ab", "price": 1, "tags": "x"}, [("list_type", "tags")]),
    (Item, {"title": "ab", "price": 1, "tags": [1, "x", 2.5, None]}, [("int_parsing", "tags", 1), ("int_from_float", "tags", 2), ("int_type", "tags", 3)]),
    (Item, {"title": "ab", "price": 1, "owner": {}}, [("missing", "owner", "name")]),
    (Item, {"title": "ab", "price": 1, "owner": 3}, [("model_attributes_type", "owner")]),
    (Closed, {"a": 1, "b": 2}, [("extra_forbidden", "b")]),
    (Closed, {"b": 2}, [("missing", "a"), ("extra_forbidden", "b")]),
    (Camel, {"unit_price": 1}, [("missing", "unitPrice")]),
    (Data, 5, [("dataclass_type",)]),
    (Data, {}, [("missing", "a")]),
    (Row, 5, [("dict_type",)]),
    (Row, {"a": "x"}, [("int_parsing", "a")]),
    (Point, 5, [("named_tuple_type",)]),
    (Point, [1], [("missing", 1)]),
    (Point, [1, "a", 3], [("too_long",)]),
    (Point, ["x", 1], [("int_parsing", 0), ("string_type", 1)]),
    (Tree, {"value": 1, "children": [{"value": 1, "children": [{"value": "x"}]}]}, [("int_parsing", "children", 0, "children", 0, "value")]),
    (list[Item], {}, [("list_type",)]),
    (list[int], ["x", 1, "y"], [("int_parsing", 0), ("int_parsing", 2)]),
    (set[int], 5, [("set_type",)]),
    (frozenset[int], 5, [("frozen_set_type",)]),
    (tuple[int, str], 5, [("tuple_type",)]),
    (tuple[int, str], [], [("missing", 0), ("missing", 1)]),
    (tuple[int, str], [1, "a", 2], [("too_long",)]),
    (dict[int, float], [], [("dict_type",)]),
    (dict[int, float], {"x": "y"}, [("int_parsing", "x", "[key]"), ("float_parsing", "x")]),
    (Annotated[list[int], Meta(min_length=1)], [], [("too_short",)]),
    (Annotated[list[int], Meta(max_length=1)], [1, 2], [("too_long",)]),
    (Annotated[list[int], Meta(max_length=1)], ["x", 2], [("too_long",)]),
    (Annotated[tuple[int, ...], Meta(max_length=1)], [1, 2, "x"], [("too_long",)]),
    (Annotated[tuple[int, ...], Meta(max_length=1)], ["x", 2], [("int_parsing", 0)]),
    (Annotated[tuple[int, ...], Meta(min_length=3)], ["x", 2], [("int_parsing", 0), ("too_short",)]),
    (Annotated[dict[str, int], Meta(max_length=1)], {"a": 1, "b": 2, "c": "x"}, [("too_long",)]),
    (tuple[int, str], ["x", "a", 2], [("too_long",)]),
    (bool, 2.0, [("bool_parsing",)]),
    (Decimal, "NaN", [("finite_number",)]),
    (list[Decimal], ["1", "-Infinity", 2], [("finite_number", 1)]),
    (Annotated[dict[str, int], Meta(min_length=1)], {}, [("too_short",)]),
    (Annotated[set[int], Meta(max_length=1)], [1, 2], [("too_long",)]),
    (Annotated[frozenset[int], Meta(min_length=1)], [], [("too_short",)]),
    (Annotated[int, Meta(ge=1, le=3)], 0, [("greater_than_equal",)]),
    (Annotated[int, Meta(gt=1, lt=3)], 5, [("less_than",)]),
    (Annotated[int, Meta(multiple_of=2)], 3, [("multiple_of",)]),
    (Annotated[str, Meta(pattern="^a")], "b", [("string_pattern_mismatch",)]),
    (int | str, None, [("int_type", "int"), ("string_type", "str")]),
    (int | list[int], ["x"], [("int_type", "int"), ("int_parsing", "list[int]", 0)]),
    (int | None, "x", [("int_parsing",)]),
    (Meow | Bark, {}, [("missing", "Meow", "meow"), ("missing", "Bark", "bark")]),
    (Meow | int, "x", [("model_attributes_type", "Meow"), ("int_parsing", "int")]),
    (Colour, "x", [("enum",)]),
    (Literal["a", 3], "b", [("literal_error",)]),
    (bool, 2, [("bool_parsing",)]),
    (bool, None, [("bool_type",)]),
    (None, 1, [("none_required",)]),
    (Decimal, "x", [("decimal_parsing",)]),
    (Decimal, None, [("decimal_type",)]),
    (uuid.UUID, "x", [("uuid_parsing",)]),
    (uuid.UUID, 5, [("uuid_type",)]),
    (dt.datetime, "x", [("datetime_from_date_parsing",)]),
    (dt.datetime, None, [("datetime_type",)]),
    (dt.date, "x", [("date_from_datetime_parsing",)]),
    (dt.date, None, [("date_type",)]),
    (dt.time, "x", [("time_parsing",)]),
    (dt.time, None, [("time_type",)]),
    (dt.timedelta, "x", [("time_delta_parsing",)]),
    (dt.timedelta, None, [("time_delta_type",)]),
    (bytes, 5, [("bytes_type",)]),
    (ipaddress.IPv4Address, "x", [("ip_v4_address",)]),
]  # fmt: skip

# What has no counterpart in pydantic.
OURS: list[tuple[Any, Any, list[tuple[Any, ...]]]] = [
    (Cat | Dog, {}, [("union_tag_not_found",)]),
    (Cat | Dog, {"type": "x"}, [("union_tag_invalid",)]),
    (Cat | Dog, {"type": 5}, [("union_tag_invalid",)]),
    (Cat | Dog, {"type": "cat"}, [("missing", "cat", "lives")]),
    (Cat | Dog, 5, [("model_attributes_type",)]),
    (
        Cat | Dog | int,
        {"type": "dog"},
        [("missing", "tagged-union[Cat,Dog]", "dog", "bark"), ("int_type", "int")],
    ),
    (Cat, {"type": "dog", "lives": 1}, [("literal_error", "type")]),
    (Array, [], [("missing", 0)]),
    (Array, [1, 2, 3], [("too_long",)]),
    (Array, {"a": 1}, [("tuple_type",)]),
    (Positive, {"a": -1}, [("value_error",)]),
    (list[Positive], [{"a": 1}, {"a": -1}, {"a": "x"}], [("value_error", 1), ("int_parsing", 2, "a")]),
    (bytes, "!", [("bytes_invalid_encoding",)]),
    (dt.datetime, 10**20, [("datetime_parsing",)]),
    (dt.datetime, "2024-01-01", [("datetime_from_date_parsing",)]),
    (
        int | Annotated[float, Meta(gt=3)],
        "x",
        [("int_parsing", "int"), ("float_parsing", "constrained-float")],
    ),
]


@pytest.mark.parametrize(("type_", "value", "expected"), CASES + OURS, ids=lambda case: str(case)[:40])
def test_all_errors_with_their_places(type_: Any, value: Any, expected: list[tuple[Any, ...]]) -> None:
    errors = Adapter(type_).json_errors(msgspec.json.encode(value))
    assert [(error["type"], *error["loc"][1:]) for error in errors] == expected
    assert all(error["loc"][0] == "body" for error in errors)


def as_pydantic(type_: Any) -> Any:
    """The same type with pydantic's models and constraints in place of msgspec's."""
    import pydantic

    if isinstance(type_, msgspec.StructMeta):
        fields = {}
        for info in msgspec.structs.fields(type_):
            default = ... if info.required else info.default
            kind = list[int] if info.name == "tags" else info.type
            if info.name == "children":
                kind = list["Tree"]
                default = []
            fields[info.encode_name] = (as_pydantic(kind), [] if info.name == "tags" else default)
        extra = "forbid" if type_.__struct_config__.forbid_unknown_fields else "ignore"
        model = pydantic.create_model(type_.__name__, __config__={"extra": extra}, **fields)
        model.model_rebuild(_types_namespace={"Tree": model})
        return model
    if hasattr(type_, "__metadata__"):
        (meta,) = type_.__metadata__
        names = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")
        limits = {name: getattr(meta, name) for name in names if getattr(meta, name) is not None}
        return Annotated[as_pydantic(type_.__origin__), pydantic.Field(**limits)]
    arguments = getattr(type_, "__args__", None)
    if arguments and type_ is not Literal["a", 3]:
        made = tuple(as_pydantic(item) if item is not type(None) else None for item in arguments)
        if isinstance(type_, type(int | str)) or str(type_).startswith("typing.Union"):
            whole = made[0]
            for item in made[1:]:
                whole = whole | item
            return whole
        return type_.__origin__[made]
    return type_


@pytest.mark.parametrize(("type_", "value", "expected"), CASES, ids=lambda case: str(case)[:40])
def test_table_is_what_pydantic_reports(type_: Any, value: Any, expected: list[tuple[Any, ...]]) -> None:
    pydantic = pytest.importorskip("pydantic")
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(as_pydantic(type_)).validate_python(value, from_attributes=True)
    theirs = caught.value.errors(include_url=False)
    ours = Adapter(type_).json_errors(msgspec.json.encode(value))
    # Validated alone, a member of a union is asked for as a model, not by its attributes.
    renamed = {"model_type": "model_attributes_type"}
    assert [(renamed.get(item["type"], item["type"]), *item["loc"]) for item in theirs] == expected
    for mine, other in zip(ours, theirs, strict=True):
        if other["type"] != "model_type":
            assert mine["msg"] == other["msg"]
            assert mine.get("ctx") == other.get("ctx")
        assert mine["input"] == other["input"]


def test_error_has_the_message_input_and_context_of_fastapi() -> None:
    (error,) = Adapter(Item).json_errors(b'{"title": "x", "price": 1}')
    assert error == {
        "type": "string_too_short",
        "loc": ("body", "title"),
        "msg": "String should have at least 2 characters",
        "input": "x",
        "ctx": {"min_length": 2},
    }


LIMITED_DECIMALS = [{"gt": 1}, {"le": 1}, {"multiple_of": 2}, {"max_digits": 3}, {"decimal_places": 2}]


@pytest.mark.parametrize("limits", LIMITED_DECIMALS, ids=str)
@pytest.mark.parametrize("text", ["NaN", "sNaN", "-inf", " nan", "n\u0061n", "N\\u0061N"])
def test_a_decimal_is_finite_whatever_its_limits_and_however_it_is_written(limits: Any, text: str) -> None:
    adapter: Adapter[Decimal] = Adapter(Decimal, constraints=Constraints(**limits))
    body = f'"{text}"'.encode()
    assert [error["type"] for error in adapter.json_errors(body)] == ["finite_number"]
    with pytest.raises(ValueError):
        adapter.decode(body)


def test_a_number_that_cannot_be_divided_is_no_multiple() -> None:
    for type_, body in ((Decimal, b'"1e999999"'), (int, b"1" + b"0" * 400)):
        adapter: Adapter[Any] = Adapter(
            type_, constraints=Constraints(multiple_of=0.5 if type_ is int else 2)
        )
        assert [error["type"] for error in adapter.json_errors(body)] == ["multiple_of"]


def test_keys_of_registered_types_are_read_in_every_way() -> None:
    adapter: Adapter[Any] = Adapter(dict[ipaddress.IPv4Address, int])
    expected = {ipaddress.IPv4Address("127.0.0.1"): 1}
    assert adapter.decode(b'{"127.0.0.1":1}') == adapter.convert({"127.0.0.1": 1}) == expected
    assert [error["type"] for error in adapter.json_errors(b'{"x":1}')] == ["ip_v4_address"]


def test_a_name_given_twice_is_named() -> None:
    (error,) = Adapter(Owner).json_errors(b'{"name": 1, "name": "x"}')
    assert error["msg"] == "Value error, 'name' is given twice"


def test_error_of_post_init_carries_its_sentence_and_the_empty_context_of_fastapi() -> None:
    (error,) = Adapter(Positive).json_errors(b'{"a": -1}')
    assert error["msg"] == "Value error, must not be negative"
    assert error["ctx"] == {"error": {}}
    assert error["input"] == {"a": -1}


def test_at_most_a_hundred_errors_are_reported() -> None:
    assert len(Adapter(list[int]).json_errors(msgspec.json.encode(["x"] * 1000))) == 100
    assert len(Adapter(list[Meow | Bark]).json_errors(msgspec.json.encode([{}] * 1000))) == 100


def test_one_bad_item_at_the_end_of_a_long_list_is_found() -> None:
    body = msgspec.json.encode([1] * 100_000 + ["x"])
    (error,) = Adapter(list[int]).json_errors(body)
    assert error["loc"] == ("body", 100_000)


def test_a_walk_that_takes_too_long_ends_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fasterapi.validation.walk.MAX_VISITS", 100)
    adapter = Adapter(list[Meow | Bark])
    body = msgspec.json.encode([{"meow": 1}] * 100)
    (error,) = adapter.errors(msgspec.json.decode(body))
    assert error["msg"] == "Value error, too large to be checked"
    with pytest.raises(ValueError, match="too large"):
        adapter.decode(body)
