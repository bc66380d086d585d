"""How a single annotation is evaluated. (test_signature.py has the annotations of whole callables.)"""

from typing import Annotated, Any, ForwardRef

import pytest

from fasterapi_di import MISSING
from fasterapi_di.annotations import Names, Unknown, Unresolved, names_of, resolve


def names(**known: Any) -> Names:
    return Names({"Annotated": Annotated, **known}, {})


class Known: ...


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (Known, (Known, ())),
        ("Known", (Known, ())),
        (ForwardRef("Known"), (Known, ())),
        ("list[Known]", (list[Known], ())),
        (list["Known"], (list[Known], ())),  # type: ignore[type-arg]
        ("Annotated[Known, 1, 2]", (Known, (1, 2))),
        (Annotated["Known", 1], (Known, (1,))),
        ("Annotated['Known', 1]", (Known, (1,))),
        ("'Annotated[Known, 1]'", (Known, (1,))),
    ],
    ids=repr,
)
def test_types_and_metadata(annotation: Any, expected: Any) -> None:
    assert resolve(annotation, names(Known=Known)) == expected


def test_no_annotation() -> None:
    from inspect import Parameter

    assert resolve(MISSING, names()) == (MISSING, ())


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("Gone", "Gone"),
        ("list[Gone]", "list[Gone]"),
        ("Annotated[Gone, 1]", "Annotated[Gone, 1]"),
        (ForwardRef("Gone"), "Gone"),
    ],
    ids=repr,
)
def test_unknown_names_leave_the_text(annotation: Any, text: str) -> None:
    unresolved, _ = resolve(annotation, names())
    assert isinstance(unresolved, Unresolved)
    assert (unresolved.name, repr(unresolved)) == ("Gone", f"Unresolved({text!r})")


@pytest.mark.parametrize(
    "annotation",
    ["Annotated[int, gone]", Annotated[int, ForwardRef("gone")], "Annotated[int, gone(1).x]"],
    ids=repr,
)
def test_unknown_names_in_metadata_are_errors(annotation: Any) -> None:
    with pytest.raises(NameError, match="gone"):
        resolve(annotation, names())


def test_what_is_unknown_goes_along_with_everything_an_annotation_does() -> None:
    unknown = Unknown("x")
    assert unknown.y is unknown[1] is unknown(1) is (unknown | int) is (int | unknown) is unknown
    with pytest.raises(AttributeError):
        unknown.__annotations__  # noqa: B018


def test_names_of_a_builtin_are_those_of_python() -> None:
    assert resolve("int", names_of(len)) == (int, ())


def test_a_reference_may_name_its_module() -> None:
    reference = ForwardRef("Known", module=__name__)
    assert resolve(list[reference], names()) == (list[Known], ())  # type: ignore[valid-type]
