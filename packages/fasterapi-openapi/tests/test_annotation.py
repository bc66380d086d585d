"""What an annotation is, without its wrappers."""

import collections.abc as abc
import typing
from typing import Annotated, Any, Final, Literal, NewType, NotRequired, Optional, Required, TypeVar, Union

import msgspec
import pytest
from msgspec import Meta

from fasterapi_openapi.annotation import display, refers_to_itself, substitute, unwrap
from fasterapi_openapi.errors import UnsupportedType

T = TypeVar("T")
UserId = NewType("UserId", int)


@pytest.mark.parametrize(
    ("annotation", "origin", "args"),
    [
        (int, int, ()),
        (None, type(None), ()),
        (UserId, int, ()),
        (Final[int], int, ()),
        (Required[int], int, ()),
        (NotRequired[int], int, ()),
        (list[int], list, (int,)),
        (typing.List[int], list, (int,)),
        (abc.Sequence[int], list, (int,)),
        (abc.Iterable[int], list, (int,)),
        (frozenset[int], set, (int,)),
        (abc.Set[int], set, (int,)),
        (abc.Mapping[str, int], dict, (str, int)),
        (abc.Mapping, dict, ()),
        (tuple[int, ...], tuple, (int, ...)),
        (tuple[()], tuple, ((),)),
        (int | None, Union, (int, type(None))),
        (Optional[int], Union, (int, type(None))),
        (Literal["a"], Literal, ("a",)),
        (T, T, ()),
    ],
)
def test_wrappers_are_taken_away_and_containers_unified(annotation: Any, origin: Any, args: Any) -> None:
    assert unwrap(annotation) == (origin, args, ())


def test_every_meta_is_kept_and_the_inner_one_comes_first() -> None:
    inner, outer = Meta(gt=1), Meta(title="Outer")
    assert unwrap(Annotated[Annotated[int, inner, "not a Meta"], outer]).metadata == (inner, outer)


@pytest.mark.parametrize("annotation", ["Item", typing.ForwardRef("Item")])
def test_a_reference_that_nobody_resolved_is_an_error_that_says_who_uses_it(annotation: Any) -> None:
    with pytest.raises(UnsupportedType, match="reference that was not resolved\n  used by Order.item"):
        unwrap(annotation, "Order.item")


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (int, "int"),
        (None, "NoneType"),
        (Any, "Any"),
        (list[int], "list[int]"),
        (int | None, "Union[int, NoneType]"),
        (Optional[int], "Union[int, NoneType]"),
        (Literal["x", 1], "Literal['x', 1]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Annotated[dict[str, int], Meta(title="T")], "dict[str, int]"),
        (T, "T"),
    ],
)
def test_types_are_written_without_their_modules(annotation: Any, name: str) -> None:
    assert display(annotation) == name


@pytest.mark.parametrize(
    ("annotation", "result"),
    [
        (T, int),
        (str, str),
        (list[T], list[int]),
        (dict[str, T | None], dict[str, int | None]),
        (Annotated[T, Meta(gt=1)], Annotated[int, Meta(gt=1)]),
    ],
)
def test_arguments_take_the_place_of_type_variables(annotation: Any, result: Any) -> None:
    assert substitute(annotation, {T: int}) == result


def test_a_variable_without_argument_stays() -> None:
    assert substitute(list[T], {}) == list[T]


class FakeAlias:
    """What `type X = …` makes on Python 3.12 and `typing_extensions` before: a value and parameters."""

    __type_params__ = ()

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self.__value__: Any = int


def test_named_aliases_are_looked_through_unless_they_refer_to_themselves() -> None:
    plain, nested, own = FakeAlias("Plain"), FakeAlias("Nested"), FakeAlias("Own")
    nested.__value__ = Annotated[plain, Meta(title="N")]
    own.__value__ = int | None
    assert unwrap(plain) == (int, (), ())
    assert unwrap(nested) == (int, (), (Meta(title="N"),))
    assert not refers_to_itself(own)


def test_modules_know_msgspecs_own_types() -> None:
    assert unwrap(msgspec.Raw).origin is msgspec.Raw
