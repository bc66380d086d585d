"""Names of components, and what happens when two classes want the same."""

from itertools import permutations
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import pytest

from fasterapi_openapi.naming import component_names, normalize

T = TypeVar("T")


def make(name: str, module: str, qualname: str | None = None) -> type:
    cls = type(name, (), {"__module__": module})
    cls.__qualname__ = qualname or name
    return cls


class Page(msgspec.Struct, Generic[T]):
    items: list[T]


def names(*types: Any, **options: Any) -> list[str]:
    named = component_names(list(enumerate(types)), **options)
    return [named[index] for index in range(len(types))]


@pytest.mark.parametrize(
    ("name", "legal"),
    [("Item", "Item"), ("Page[Item]", "Page_Item_"), ("Größe", "Gr__e"), ("a.b-c_d", "a.b-c_d")],
)
def test_a_name_keeps_only_the_characters_that_openapi_allows(name: str, legal: str) -> None:
    assert normalize(name) == legal


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        # alone, a class has its own name
        ([make("Item", "shop.billing")], ["Item"]),
        # one part of the module is enough to tell them apart
        ([make("Item", "shop.billing"), make("Item", "shop.stock")], ["billing__Item", "stock__Item"]),
        # … or it takes two
        ([make("Item", "a.models"), make("Item", "b.models")], ["a__models__Item", "b__models__Item"]),
        # classes in one module are told apart by where they stand
        ([make("Item", "m", "A.Item"), make("Item", "m", "B.Item")], ["A__Item", "B__Item"]),
        ([make("Item", "m", "f.<locals>.Item"), make("Item", "m")], ["f__Item", "m__Item"]),
    ],
)
def test_a_collision_shows_as_little_of_the_module_as_it_takes(types: Any, expected: list[str]) -> None:
    for order in permutations(range(len(types))):
        assert names(*(types[i] for i in order)) == [expected[i] for i in order]


def test_generics_whose_arguments_differ_by_constraints_are_numbered_in_any_order() -> None:
    types = [
        Page[str],
        Page[Annotated[str, msgspec.Meta(min_length=1)]],
        Page[Annotated[str, msgspec.Meta(title="x")]],
    ]
    found = {
        tuple(sorted(zip(names(*order), map(repr, order), strict=True))) for order in permutations(types)
    }
    assert len(found) == 1


def test_classes_that_nothing_tells_apart_are_numbered() -> None:
    twins = [make("Item", "m"), make("Item", "m"), make("Item", "m")]
    assert names(*twins) == ["m__Item", "m__Item_2", "m__Item_3"]


def test_a_generic_over_two_classes_of_one_name_is_told_apart_by_them() -> None:
    one, two = make("Item", "one"), make("Item", "two")
    assert names(Page[one], Page[two]) != names(Page[two], Page[one])
    assert len(set(names(Page[one], Page[two]))) == 2
    assert all("Page_Item_" in name for name in names(Page[one], Page[two]))


def test_reserved_names_are_never_given_away() -> None:
    assert names(make("ValidationError", "app.errors"), reserved={"ValidationError"}) == [
        "errors__ValidationError"
    ]


def test_a_hook_may_name_a_type_and_may_decline() -> None:
    hook = lambda cls: "Ware" if cls.__module__ == "a" else None  # noqa: E731
    assert names(make("Item", "a"), make("Item", "b"), name_hook=hook) == ["Ware", "Item"]
