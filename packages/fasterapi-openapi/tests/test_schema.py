"""How every kind of type is written. The comments name the gaps of msgspec's own schemas that are closed."""

import dataclasses
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import sys  # noqa: F401 - the condition of `skipif` reads it
import typing
import uuid
from typing import Annotated, Any, Generic, Literal, NamedTuple, NewType, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

import fasterapi_openapi as oa

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=int)
Either = TypeVar("Either", int, str)
REF = "#/components/schemas/"
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NULL = {"type": "null"}


class Slug(str):
    pass


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Any, {}),
        (object, {}),
        (msgspec.Raw, {}),
        (None, NULL),
        (bool, {"type": "boolean"}),
        (int, INTEGER),
        (float, {"type": "number"}),
        (str, STRING),
        (Slug, STRING),
        (NewType("Name", str), STRING),
        (T, {}),
        (Bounded, INTEGER),
        (Either, {"anyOf": [INTEGER, STRING]}),
        # msgspec: naive datetimes and times have no format
        (datetime.datetime, {"type": "string", "format": "date-time"}),
        (Annotated[datetime.datetime, Meta(tz=True)], {"type": "string", "format": "date-time"}),
        (Annotated[datetime.datetime, Meta(tz=False)], {"type": "string", "format": "date-time-local"}),
        (datetime.date, {"type": "string", "format": "date"}),
        (datetime.time, {"type": "string", "format": "time"}),
        (Annotated[datetime.time, Meta(tz=False)], {"type": "string", "format": "time-local"}),
        (datetime.timedelta, {"type": "string", "format": "duration"}),
        (uuid.UUID, {"type": "string", "format": "uuid"}),
        (pathlib.Path, {"type": "string", "format": "path"}),
        (re.Pattern, {"type": "string", "format": "regex"}),
        (ipaddress.IPv4Address, {"type": "string", "format": "ipv4"}),
        # msgspec: bytes do not say what they hold
        (bytes, {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/octet-stream"}),
        (Annotated[bytes, Meta(max_length=3)],
         {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/octet-stream",
          "maxLength": 4}),
        # msgspec: a single literal is an enum of one
        (Literal["a"], {"type": "string", "const": "a"}),
        (Literal[1, 2], {"type": "integer", "enum": [1, 2]}),
        (Literal["b", "a"], {"type": "string", "enum": ["b", "a"]}),
        (Literal["a", 1], {"enum": ["a", 1]}),
        (Literal["a", None], {"enum": ["a", None]}),
        (Literal[None], NULL),
        (list, {"type": "array", "items": {}}),
        (list[int], {"type": "array", "items": INTEGER}),
        (set[int], {"type": "array", "items": INTEGER, "uniqueItems": True}),
        (tuple, {"type": "array", "items": {}}),
        (tuple[int, ...], {"type": "array", "items": INTEGER}),
        (tuple[int, str], {"type": "array", "prefixItems": [INTEGER, STRING], "minItems": 2, "maxItems": 2}),
        (tuple[()], {"type": "array", "minItems": 0, "maxItems": 0}),
        (dict, {"type": "object", "additionalProperties": True}),
        (dict[str, Any], {"type": "object", "additionalProperties": True}),
        (dict[int, str], {"type": "object", "additionalProperties": STRING}),
        (dict[uuid.UUID, int], {"type": "object", "additionalProperties": INTEGER,
                                "propertyNames": {"format": "uuid"}}),
        (dict[Annotated[str, Meta(min_length=1)], int],
         {"type": "object", "additionalProperties": INTEGER,
          "propertyNames": {"minLength": 1}}),
        (dict[Literal["a", "b"], int],
         {"type": "object", "additionalProperties": INTEGER,
          "propertyNames": {"enum": ["a", "b"]}}),
        (dict[int | str, int], {"type": "object", "additionalProperties": INTEGER}),
        (Annotated[list[int], Meta(min_length=1)], {"type": "array", "items": INTEGER, "minItems": 1}),
        (Annotated[int, Meta(gt=1, description="D.")], {"type": "integer", "exclusiveMinimum": 1, "description": "D."}),
        (Annotated[int, Meta(examples=[1])], {"type": "integer", "examples": [1]}),
        # null comes last, wherever it was written
        (None | int, {"anyOf": [INTEGER, NULL]}),
        (int | str | None, {"anyOf": [INTEGER, STRING, NULL]}),
        (Annotated[int, Meta(gt=1)] | None, {"anyOf": [{"type": "integer", "exclusiveMinimum": 1}, NULL]}),
        (Annotated[int | None, Meta(gt=1)], {"anyOf": [{"type": "integer", "exclusiveMinimum": 1}, NULL]}),
        # msgspec: unions inside unions nest their anyOf
        (typing.Union[NewType("Id", int | str), None], {"anyOf": [INTEGER, STRING, NULL]}),
        (int | UnsetType, INTEGER),
    ],
)  # fmt: skip
def test_types_without_a_name_are_written_in_place(described: Any, annotation: Any, schema: Any) -> None:
    assert described(annotation) == (schema, {})


def test_a_decimal_arrives_as_number_or_text_and_leaves_as_text(described: Any) -> None:
    assert described(decimal.Decimal, received=True)[0] == {"anyOf": [{"type": "number"}, STRING]}
    assert described(decimal.Decimal)[0] == STRING


class Color(enum.Enum):
    """Of the paint."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


@pytest.mark.parametrize(
    ("annotation", "component"),
    [
        # in the order written; msgspec sorts, which fails for a mixture
        (
            Color,
            {"type": "string", "enum": ["red", "blue"], "title": "Color", "description": "Of the paint."},
        ),
        (Level, {"type": "integer", "enum": [1], "title": "Level"}),
        (Mixed, {"enum": [1, "two"], "title": "Mixed"}),
    ],
)
def test_enums_are_components_with_the_type_of_their_values(
    described: Any, annotation: Any, component: Any
) -> None:
    name = annotation.__name__
    assert described(annotation) == ({"$ref": REF + name}, {name: component})


@pytest.mark.parametrize(("keys", "names"), [(Color, {"$ref": REF + "Color"}), (Level, None), (Mixed, None)])
def test_keys_are_told_only_if_they_are_text(described: Any, keys: Any, names: Any) -> None:
    """The names of a JSON object are text, so the schema of an IntEnum would fit none of them."""
    assert described(dict[keys, int])[0].get("propertyNames") == names


class Item(Struct):
    """A thing on sale.

    Attributes:
        name: What it is called.
    """

    name: str
    item_price: Annotated[float, Meta(ge=0, title="Price")] = 1.5
    color: Color = Color.RED
    maker: "Maker | None" = None
    notes: dict[str, int] = {}
    seen: datetime.timedelta | UnsetType = UNSET


class Maker(Struct, rename="camel", forbid_unknown_fields=True):
    full_name: str
    best_item: Item | None = None


def test_a_struct_is_an_object_with_titles_defaults_and_descriptions(described: Any) -> None:
    schema, components = described(Item)
    assert schema == {"$ref": REF + "Item"}
    assert sorted(components) == ["Color", "Item", "Maker"]
    assert components["Item"] == {
        "type": "object",
        "title": "Item",
        "description": "A thing on sale.\n\nAttributes:\n    name: What it is called.",
        "properties": {
            # msgspec: docstrings of fields are lost
            "name": {"type": "string", "title": "Name", "description": "What it is called."},
            "item_price": {"type": "number", "minimum": 0, "title": "Price", "default": 1.5},
            "color": {"$ref": REF + "Color", "default": "red"},
            "maker": {"anyOf": [{"$ref": REF + "Maker"}, NULL]},
            "notes": {"type": "object", "additionalProperties": INTEGER, "title": "Notes", "default": {}},
            "seen": {"type": "string", "format": "duration", "title": "Seen"},
        },
        "required": ["name"],
    }


def test_wire_names_and_forbidden_fields(described: Any) -> None:
    maker = described(Maker)[1]["Maker"]
    assert list(maker["properties"]) == ["fullName", "bestItem"]
    assert maker["properties"]["fullName"] == {"type": "string", "title": "Fullname"}
    assert maker["required"] == ["fullName"]
    assert maker["additionalProperties"] is False


def test_a_remark_on_a_class_stands_beside_the_reference(described: Any) -> None:
    assert described(Annotated[Item, Meta(description="Mine.")])[0] == {
        "$ref": REF + "Item",
        "description": "Mine.",
    }


@dataclasses.dataclass
class Point:
    x: int
    y: "list[Point]" = dataclasses.field(default_factory=list)


class Options(TypedDict, total=False):
    z: int
    a: typing.Required[str]


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Row(Struct, array_like=True):
    """One line."""

    left: int
    right: str = "r"


class TaggedRow(Struct, array_like=True, tag="row", forbid_unknown_fields=True):
    left: int


@pytest.mark.parametrize(
    ("annotation", "component"),
    [
        (Point, {"type": "object", "title": "Point", "required": ["x"],
                 "properties": {"x": {"type": "integer", "title": "X"},
                                "y": {"type": "array", "items": {"$ref": REF + "Point"}, "title": "Y"}}}),
        (Options, {"type": "object", "title": "Options", "required": ["a"],
                   "properties": {"z": {"type": "integer", "title": "Z"}, "a": {"type": "string", "title": "A"}}}),
        (Pair, {"type": "array", "minItems": 1, "maxItems": 2,
                "prefixItems": [{"type": "integer", "title": "Left"},
                                {"type": "string", "title": "Right", "default": "r"}]}),
        (Row, {"type": "array", "title": "Row", "description": "One line.", "minItems": 1,
               "prefixItems": [{"type": "integer", "title": "Left"},
                               {"type": "string", "title": "Right", "default": "r"}]}),
        (TaggedRow, {"type": "array", "title": "TaggedRow", "minItems": 2, "maxItems": 2,
                     "prefixItems": [{"type": "string", "const": "row"}, {"type": "integer", "title": "Left"}]}),
    ],
)  # fmt: skip
def test_classes_of_other_kinds(described: Any, annotation: Any, component: Any) -> None:
    assert described(annotation)[1][annotation.__name__] == component


class Cat(Struct, tag="cat", tag_field="kind"):
    lives: int


class Dog(Struct, tag="dog", tag_field="kind"):
    name: str


class Plain(Struct):
    a: int


class Other(Struct):
    b: int


PETS = {
    "oneOf": [{"$ref": REF + "Cat"}, {"$ref": REF + "Dog"}],
    "discriminator": {"propertyName": "kind", "mapping": {"cat": REF + "Cat", "dog": REF + "Dog"}},
}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Cat | Dog, PETS),
        # msgspec: anyOf in anyOf; here the discriminator stands beside the oneOf that it discriminates
        (Cat | Dog | None, {"anyOf": [PETS, NULL]}),
        (Cat | Dog | int, {"anyOf": [PETS, INTEGER]}),
        (Cat | None, {"anyOf": [{"$ref": REF + "Cat"}, NULL]}),
        (list[Cat | Dog], {"type": "array", "items": PETS}),
        # msgspec refuses to decode these two; a document can still tell
        (Plain | Other, {"anyOf": [{"$ref": REF + "Plain"}, {"$ref": REF + "Other"}]}),
        (Plain | Other | None, {"anyOf": [{"$ref": REF + "Plain"}, {"$ref": REF + "Other"}, NULL]}),
    ],
)
def test_unions_of_classes(described: Any, annotation: Any, schema: Any) -> None:
    assert described(annotation)[0] == schema


def test_a_tag_is_a_required_constant(described: Any) -> None:
    cat = described(Cat)[1]["Cat"]
    assert cat["properties"]["kind"] == {"type": "string", "const": "cat", "title": "Kind"}
    assert cat["required"] == ["kind", "lives"]


class Page(Struct, Generic[T]):
    items: list[T]
    following: "Page[T] | None" = None


@dataclasses.dataclass
class DataPage(Generic[T]):
    items: list[T]


def test_generics_are_one_component_for_each_argument(described: Any) -> None:
    schema, components = described(Page[Cat] | Page[int] | None)
    assert schema == {"anyOf": [{"$ref": REF + "Page_Cat_"}, {"$ref": REF + "Page_int_"}, NULL]}
    assert components["Page_Cat_"]["title"] == "Page[Cat]"
    assert components["Page_Cat_"]["properties"]["items"]["items"] == {"$ref": REF + "Cat"}
    assert components["Page_Cat_"]["properties"]["following"] == {
        "anyOf": [{"$ref": REF + "Page_Cat_"}, NULL]
    }


def test_a_generic_over_two_classes_of_one_name(described: Any) -> None:
    """msgspec: KeyError."""
    one = msgspec.defstruct("Item", [("x", int)], module="one")
    two = msgspec.defstruct("Item", [("y", int)], module="two")
    _, components = described(tuple[Page[one], Page[two]])
    assert {"one__Item", "two__Item"} < components.keys()
    pages = [value for name, value in components.items() if "Page" in name]
    assert sorted(page["properties"]["items"]["items"]["$ref"] for page in pages) == [
        REF + "one__Item", REF + "two__Item",
    ]  # fmt: skip


def test_what_cannot_be_hashed_is_written_all_the_same(described: Any) -> None:
    noted = Annotated[int, ["a note"], Meta(gt=1)]
    assert described(noted)[0] == {"type": "integer", "exclusiveMinimum": 1}
    _, components = described(DataPage[noted])
    assert components["DataPage_int_"]["properties"]["items"]["items"] == {
        "type": "integer",
        "exclusiveMinimum": 1,
    }


def test_something_that_is_no_type_at_all_is_an_error(described: Any) -> None:
    with pytest.raises(oa.UnsupportedType, match=r"no JSON Schema for \[<class 'int'>\]"):
        described([int])


class RecursiveAlias:
    """What `type Json = …` makes on Python 3.12."""

    __type_params__ = ()
    __name__ = "Json"
    __value__: Any = None


def test_an_alias_that_refers_to_itself_is_a_component(described: Any) -> None:
    json = RecursiveAlias()
    json.__value__ = typing.Union[int, typing.Annotated[list, "marker"], tuple[json, ...]]  # type: ignore[valid-type]
    schema, components = described(json)
    assert schema == {"$ref": REF + "Json"}
    assert components["Json"]["anyOf"][2] == {"type": "array", "items": {"$ref": REF + "Json"}}


@pytest.mark.skipif("sys.version_info < (3, 12)", reason="PEP 695 came with Python 3.12")
def test_type_statements(described: Any) -> None:
    namespace: dict[str, Any] = {}
    exec(
        "type Id = int\n"
        "type Pair[X] = tuple[X, X]\n"
        "type Json = dict[str, Json] | list[Json] | str | None\n"
        "from msgspec import Struct\n"
        "class Box[X](Struct):\n    content: X\n    pair: Pair[X]\n",
        namespace,
    )
    assert described(namespace["Id"])[0] == INTEGER
    assert described(namespace["Pair"][str])[0]["prefixItems"] == [STRING, STRING]
    schema, components = described(namespace["Json"])
    reference = {"$ref": REF + "Json"}
    assert schema == reference
    assert components["Json"]["anyOf"] == [
        {"type": "object", "additionalProperties": reference}, {"type": "array", "items": reference}, STRING, NULL,
    ]  # fmt: skip
    box = described(namespace["Box"][int])[1]["Box_int_"]
    assert box["properties"]["pair"]["prefixItems"] == [INTEGER, INTEGER]


class Money:
    """A type that msgspec does not know."""


def test_a_hook_describes_what_msgspec_does_not_know(described: Any) -> None:
    hook = lambda cls: {"type": "string", "format": "money"} if cls is Money else None  # noqa: E731
    assert described(Money | None, schema_hook=hook)[0] == {
        "anyOf": [{"type": "string", "format": "money"}, NULL]
    }


@pytest.mark.parametrize("hook", [None, lambda cls: None])
def test_a_type_that_nobody_knows_is_an_error_that_names_it_and_its_user(described: Any, hook: Any) -> None:
    with pytest.raises(
        oa.UnsupportedType, match="(?s)test_schema.Money.*used by response 200 of POST /"
    ) as info:
        described(Money, schema_hook=hook)
    assert info.value.used_by == "response 200 of POST /"


def test_a_field_of_unknown_type_is_named(described: Any) -> None:
    class Order(Struct):
        price: list[Money]

    with pytest.raises(oa.UnsupportedType, match=r"used by .*Order\.price"):
        described(Order)


class Strange(Struct):
    price: Annotated[Any, "anything"] = Money()


def test_a_default_that_json_cannot_hold_is_left_out_with_a_warning(described: Any) -> None:
    with pytest.warns(oa.OpenAPIWarning, match="Strange.price"):
        _, components = described(Strange)
    assert components["Strange"]["properties"]["price"] == {"title": "Price"}


def test_an_encode_hook_writes_such_a_default(described: Any) -> None:
    _, components = described(Strange, encode_hook=lambda value: "12.50 EUR")
    assert components["Strange"]["properties"]["price"]["default"] == "12.50 EUR"


def test_equal_schemas_in_a_union_are_written_once(described: Any) -> None:
    assert described(Slug | str)[0] == STRING
