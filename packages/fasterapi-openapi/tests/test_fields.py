"""How classes of all kinds are read."""

import dataclasses
import enum
from typing import Annotated, Any, ClassVar, Generic, NamedTuple, NotRequired, Required, TypedDict, TypeVar

import msgspec
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType

from fasterapi_openapi.errors import UnsupportedType
from fasterapi_openapi.fields import kind_of, read_shape

T = TypeVar("T")
U = TypeVar("U")


class Thing(Struct, rename="camel", tag="thing", tag_field="kind", forbid_unknown_fields=True):
    item_id: int
    tags: list[str] = []
    made_by: str | None = None
    seen: int | UnsetType = UNSET
    stamp: float = msgspec.field(default_factory=lambda: 1.0)


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    rest: list[int] = dataclasses.field(default_factory=list)
    made: ClassVar[int] = 0
    area: int = dataclasses.field(init=False, default=1)


class Options(TypedDict, total=False):
    z: int
    a: Required[str]


class Narrow(Options):
    b: NotRequired[int]
    c: int


class Pair(NamedTuple):
    left: int
    right: str = "r"


class Color(enum.Enum):
    RED = "red"


def fields(cls: Any, *args: Any) -> list[tuple[str, Any, bool]]:
    return [(field.encode_name, field.type, field.required) for field in read_shape(cls, args).fields]


@pytest.mark.parametrize(
    ("cls", "kind"),
    [
        (Thing, "struct"), (Point, "dataclass"), (Options, "typeddict"), (Pair, "namedtuple"), (Color, "enum"),
        (int, None), (dict, None), (tuple, None), ("Thing", None), (list[int], None),
    ],
)  # fmt: skip
def test_kinds_of_classes(cls: Any, kind: Any) -> None:
    assert kind_of(cls) == kind


def test_structs_tell_their_wire_names_tags_and_defaults() -> None:
    shape = read_shape(Thing)
    assert fields(Thing) == [
        ("itemId", int, True),
        ("tags", list[str], False),
        ("madeBy", str | None, False),
        ("seen", int | UnsetType, False),
        ("stamp", float, False),
    ]
    assert [field.default for field in shape.fields] == [UNSET, [], None, UNSET, UNSET]
    assert [field.may_be_unset for field in shape.fields] == [False, False, False, True, False]
    assert (shape.tag_field, shape.tag, shape.forbid_unknown_fields) == ("kind", "thing", True)


def test_dataclasses_show_what_their_constructor_takes() -> None:
    assert fields(Point) == [("x", int, True), ("y", int, False), ("rest", list[int], False)]
    assert [field.default for field in read_shape(Point).fields] == [UNSET, 0, UNSET]


def test_typed_dicts_keep_the_order_written_and_each_keys_own_requirement() -> None:
    assert fields(Options) == [("z", int, False), ("a", Required[str], True)]
    assert [(name, required) for name, _, required in fields(Narrow)] == [
        ("z", False), ("a", True), ("b", False), ("c", True),
    ]  # fmt: skip


def test_named_tuples_are_arrays() -> None:
    assert fields(Pair) == [("left", int, True), ("right", str, False)]
    assert read_shape(Pair).array_like


def test_enums_have_no_fields() -> None:
    assert read_shape(Color).fields == ()


class StructPage(Struct, Generic[T]):
    items: list[T]


@dataclasses.dataclass
class DataPage(Generic[T]):
    items: list[T]


@dataclasses.dataclass
class Keyed(DataPage[list[U]], Generic[T, U]):
    keys: T
    more: "dict[T, U]"


class DictPage(TypedDict, Generic[T]):
    items: list[T]


class TuplePage(NamedTuple, Generic[T]):
    items: list[T]


@pytest.mark.parametrize("page", [StructPage, DataPage, DictPage, TuplePage])
def test_generic_classes_are_read_with_their_arguments(page: Any) -> None:
    assert fields(page, int) == [("items", list[int], True)]
    assert fields(page) == [("items", list[T], True)]


def test_a_base_gets_the_arguments_that_its_subclass_gives_it() -> None:
    assert fields(Keyed, int, str) == [
        ("items", list[list[str]], True), ("keys", int, True), ("more", dict[int, str], True),
    ]  # fmt: skip


def test_annotations_that_do_not_resolve_are_an_error_that_names_the_class() -> None:
    class Broken(Struct):
        other: "Missing"  # noqa: F821

    with pytest.raises(
        UnsupportedType, match="(?s)Broken: its annotations do not resolve.*Missing.*used by GET /"
    ):
        read_shape(Broken, (), "GET /")


def test_attrs_classes() -> None:
    attrs = pytest.importorskip("attrs", reason="attrs is not a dependency")

    @attrs.define
    class Box:
        width: Annotated[int, Meta(gt=0)]
        height: int = 2
        labels: list[str] = attrs.field(factory=list)
        computed: int = attrs.field(init=False, default=3)

    assert kind_of(Box) == "attrs"
    assert [(f.name, f.required, f.default) for f in read_shape(Box).fields] == [
        ("width", True, UNSET), ("height", False, 2), ("labels", False, UNSET),
    ]  # fmt: skip
