"""Parameters are read as the author of the callable meant them."""

import functools
import sys
import types
from dataclasses import dataclass
from inspect import Parameter as P
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Optional, TypeVar

import pytest

from fasterapi_di import (
    MISSING,
    Depends,
    DependencyError,
    SignatureError,
    UnresolvedNameError,
    read_return,
    read_signature,
)

if TYPE_CHECKING:
    from decimal import Decimal


def get_value() -> int:
    return 1


def read(call: Any) -> list[tuple[Any, ...]]:
    return [
        (parameter.name, parameter.annotation, parameter.metadata, parameter.default)
        for parameter in read_signature(call)
    ]


def types_of(call: Any) -> list[Any]:
    return [parameter.annotation for parameter in read_signature(call)]


def test_kinds_and_defaults() -> None:
    def call(a: int, /, b: str = "b", *, c, d: None = None) -> None: ...  # type: ignore[no-untyped-def]

    assert read(call) == [
        ("a", int, (), MISSING),
        ("b", str, (), "b"),
        ("c", MISSING, (), MISSING),
        ("d", None, (), None),
    ]
    kinds = [parameter.kind for parameter in read_signature(call)]
    assert kinds == [P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD, P.KEYWORD_ONLY, P.KEYWORD_ONLY]


def test_annotated_is_taken_apart() -> None:
    def call(a: Annotated[Annotated[int, "inner"], "outer"], b: Annotated[list[int], 1]) -> None: ...

    assert read(call) == [("a", int, ("inner", "outer"), MISSING), ("b", list[int], (1,), MISSING)]


class Forward: ...


T = TypeVar("T")


class Box(Generic[T]): ...


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Forward", Forward),
        ("list[Forward]", list[Forward]),
        (list["Forward"], list[Forward]),
        (dict[str, "list[Forward]"], dict[str, list[Forward]]),
        (Optional["Forward"], Optional[Forward]),
        ("Forward | None", Forward | None),
        (list["Forward"] | None, list[Forward] | None),
        (Box["Forward"], Box[Forward]),
        ('Annotated["Forward", 1]', Forward),
        (Annotated["Forward", 1], Forward),
        (list[Annotated["Forward", 1]], list[Annotated[Forward, 1]]),
        (Literal["Forward"], Literal["Forward"]),
        ("Literal['Forward']", Literal["Forward"]),
        ("'Forward'", Forward),
        ("int", int),
        ("None", None),
    ],
    ids=repr,
)
def test_forward_references(annotation: Any, expected: Any) -> None:
    def call(a) -> None: ...  # type: ignore[no-untyped-def]

    call.__annotations__ = {"a": annotation}
    assert types_of(call) == [expected]


def test_callables_arguments_in_brackets_are_resolved() -> None:
    from collections.abc import Callable

    def call(a: Callable[["Forward"], "Forward"]) -> None: ...

    (annotation,) = types_of(call)
    assert annotation.__args__[-1] is Forward


def test_names_of_enclosing_functions() -> None:
    class Local: ...

    def call(a: "Local", b: Annotated["list[Local]", Depends(lambda: Local())]) -> type:
        return Local

    assert types_of(call) == [Local, list[Local]]


def test_a_variable_that_is_not_assigned_yet_is_unknown() -> None:
    def call(a: "Late") -> Any:
        return Late

    (parameter,) = read_signature(call)
    with pytest.raises(UnresolvedNameError, match="'Late'"):
        parameter.annotation  # noqa: B018
    Late = int  # noqa: N806
    assert types_of(call) == [Late]


class Outer:
    class Inner: ...

    def method(self, a: "Inner") -> None: ...

    @classmethod
    def of_class(cls, a: "Outer.Inner", b: "Inner") -> None: ...

    def __call__(self, a: "Forward") -> None: ...


class Constructed:
    def __init__(self, a: "Forward", b: "Constructed | None" = None) -> None: ...


class ByNew:
    def __new__(cls, a: int) -> "ByNew":
        return super().__new__(cls)


@dataclass
class Record:
    a: "Forward"
    b: Annotated[int, Depends(get_value)] = 0


class Without: ...


def test_classes_methods_and_objects() -> None:
    assert types_of(Outer().method) == [Outer.Inner]
    assert types_of(Outer.of_class) == [Outer.Inner, Outer.Inner]
    assert types_of(Outer()) == [Forward]
    assert types_of(Constructed) == [Forward, Constructed | None]
    assert types_of(ByNew) == [int]
    assert types_of(Record) == [Forward, int]
    assert read_signature(Without) == ()


def test_partials_and_decorators() -> None:
    def call(a: "Forward", b: "int", c: str = "c") -> None: ...

    @functools.wraps(call)
    def wrapper(*arguments: Any, **keywords: Any) -> None: ...

    assert read(wrapper) == read(call)
    assert [name for name, *_ in read(functools.partial(call, Forward()))] == ["b", "c"]
    assert read(functools.partial(wrapper, b=2))[1] == ("b", int, (), 2)


def test_names_come_from_the_module_of_the_decorated_function() -> None:
    module = types.ModuleType("elsewhere")
    exec("class Hidden: ...\ndef call(a: 'Hidden') -> None: ...", vars(module))

    @functools.wraps(module.call)
    def wrapper(*arguments: Any) -> None: ...

    assert types_of(wrapper) == [module.Hidden]


def module_of(name: str, text: str) -> types.ModuleType:
    module = types.ModuleType(name)
    sys.modules[name] = module
    exec(text, vars(module))
    return module


def test_postponed_annotations() -> None:
    module = module_of(
        "postponed",
        """
from __future__ import annotations
from typing import Annotated
from dataclasses import dataclass
from fasterapi_di import Depends
def get_value() -> Later: ...
def call(a: Annotated[Later, Depends(get_value)], b: list[Later], c: Annotated["Later", 1]): ...
@dataclass
class Record:
    a: Later
class Later: ...
class Holder:
    class Inner: ...
    def method(self, a: Inner): ...
""",
    )
    assert types_of(module.call) == [module.Later, list[module.Later], module.Later]
    assert read_signature(module.call)[0].depends.dependency is module.get_value
    assert types_of(module.Record) == [module.Later]
    assert types_of(module.Holder().method) == [module.Holder.Inner]


def test_inherited_fields_speak_of_names_in_their_own_module() -> None:
    base = module_of(
        "base_module",
        """
from __future__ import annotations
from dataclasses import dataclass
class date: ...
@dataclass
class Base:
    date: date = None
class Plain:
    def __init__(self, a: date): ...
""",
    )
    derived = module_of(
        "derived_module",
        """
from __future__ import annotations
from dataclasses import dataclass
from base_module import Base, Plain
class Other: ...
@dataclass
class Derived(Base):
    other: Other = None
class Inherits(Plain): ...
""",
    )
    assert types_of(derived.Derived) == [base.date, derived.Other]
    assert types_of(derived.Inherits) == [base.date]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is newer")
def test_aliases_of_annotated_are_unwrapped_others_kept() -> None:
    module = module_of(
        "aliases",
        """
from typing import Annotated
from fasterapi_di import Depends
def get_value(): ...
type Value = Annotated[int, Depends(get_value)]
type Again = Value
type Of[T] = Annotated[list[T], Depends(get_value)]
type Plain = int
def call(a: Value, b: Again, c: Of[str], d: Plain, e: Annotated[Value, "more"]): ...
def generic[T](a: T, b: "list[T]"): ...
""",
    )
    assert types_of(module.call) == [int, int, list[str], module.Plain, int]
    assert [parameter.depends is not None for parameter in read_signature(module.call)] == [True] * 3 + [
        False,
        True,
    ]
    assert read_signature(module.call)[4].metadata[-1] == "more"
    parameter = module.generic.__type_params__[0]
    assert types_of(module.generic) == [parameter, list[parameter]]


@pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 649 is newer")
def test_annotations_that_are_evaluated_late() -> None:
    module = module_of(
        "late",
        """
from typing import Annotated
from fasterapi_di import Depends
def get_value(): ...
def call(a: Later, b: Annotated[list[Later], Depends(get_value)], c: Annotated[Missing, Depends(get_value)]): ...
def unknown(a: Missing, b: list[Missing], c: Missing.x[3] | None): ...
def marker(a: Annotated[int, Depends(missing)]): ...
class Later: ...
""",
    )
    first, second, third = read_signature(module.call)
    assert (first.annotation, second.annotation) == (module.Later, list[module.Later])
    assert second.depends is not None and third.depends is not None
    for parameter in (third, *read_signature(module.unknown)):
        with pytest.raises(UnresolvedNameError, match="'Missing'"):
            parameter.annotation  # noqa: B018
    with pytest.raises(UnresolvedNameError, match="'missing'"):
        read_signature(module.marker)


# A name that does not exist.


def test_a_name_for_type_checkers_alone_harms_nobody_who_needs_no_type() -> None:
    def call(a: "Decimal" = Depends(get_value), b: "list[Decimal]" = 1, c: "x.Decimal" = 2) -> None: ...  # type: ignore[assignment,name-defined]

    assert [parameter.name for parameter in read_signature(call)] == ["a", "b", "c"]
    assert read_signature(call)[0].depends.dependency is get_value


@pytest.mark.parametrize(
    "annotation",
    [
        "Decimal",
        "list[Decimal]",
        "Decimal | None",
        "None | Decimal",
        "x.Decimal",
        "x.y(1)[2]",
        list["Decimal"],
    ],
    ids=repr,
)
def test_an_unknown_type_is_an_error_when_it_is_looked_at(annotation: Any) -> None:
    def call(a) -> None: ...  # type: ignore[no-untyped-def]

    call.__annotations__ = {"a": annotation}
    with pytest.raises(UnresolvedNameError) as raised:
        types_of(call)
    assert "parameter `a` of call" in str(raised.value)
    assert "test_signature.py:" in str(raised.value)
    assert "fix:" in str(raised.value)


def test_a_marker_beside_an_unknown_type_is_found() -> None:
    def call(a) -> None: ...  # type: ignore[no-untyped-def]

    call.__annotations__ = {"a": "Annotated[Decimal, Depends(get_value)]"}
    assert read_signature(call)[0].depends.dependency is get_value


@pytest.mark.parametrize(
    "annotation",
    ["Annotated[int, Depends(get_missing)]", "Annotated[int, Missing(1)]", "Annotated[int, missing]"],
)
def test_an_unknown_name_where_a_marker_may_hide_is_an_error_at_once(annotation: str) -> None:
    def call(a) -> None: ...  # type: ignore[no-untyped-def]

    call.__annotations__ = {"a": annotation}
    with pytest.raises(UnresolvedNameError, match="issing"):
        read_signature(call)


@pytest.mark.parametrize("annotation", ["1 +", "1 / 0", "int[3]"])
def test_an_annotation_that_fails_is_an_error(annotation: str) -> None:
    def call(a) -> None: ...  # type: ignore[no-untyped-def]

    call.__annotations__ = {"a": annotation}
    with pytest.raises(SignatureError, match="annotation of parameter `a`"):
        read_signature(call)


# Markers.


def test_the_last_marker_in_annotated_counts() -> None:
    first, last = Depends(get_value), Depends(get_value)

    def call(a: Annotated[int, first, "text", last]) -> None: ...

    assert read_signature(call)[0].depends is last


def test_marker_as_default_and_in_annotation_is_an_error() -> None:
    def call(a: Annotated[int, Depends(get_value)] = Depends(get_value)) -> None: ...

    with pytest.raises(SignatureError, match="keep one of the two"):
        read_signature(call)


def test_callables_without_signature_are_refused() -> None:
    with pytest.raises(SignatureError, match="no signature that can be read"):
        read_signature(dict)


def test_errors_share_the_base_class() -> None:
    assert issubclass(UnresolvedNameError, DependencyError)
    assert issubclass(UnresolvedNameError, NameError)


@pytest.mark.parametrize(
    ("annotation", "expected", "metadata"),
    [("list[Forward]", list[Forward], ()), ("Annotated[int, 1]", int, (1,)), (None, None, ())],
    ids=repr,
)
def test_return_annotations_are_read_the_same_way(annotation: Any, expected: Any, metadata: Any) -> None:
    def call() -> None: ...

    call.__annotations__ = {"return": annotation}
    returned = read_return(call)
    assert (returned.name, returned.annotation, returned.metadata) == ("return", expected, metadata)


def test_return_annotations_may_be_absent_or_unknown() -> None:
    def call() -> "Decimal": ...  # type: ignore[empty-body]

    assert read_return(lambda: None).annotation is MISSING
    with pytest.raises(UnresolvedNameError, match="'Decimal'"):
        read_return(call).annotation  # noqa: B018


def test_repr_shows_everything() -> None:
    def call(a: int = 3) -> None: ...

    assert "'a'" in repr(read_signature(call)[0]) and "3" in repr(read_signature(call)[0])
