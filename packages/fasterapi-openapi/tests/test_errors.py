"""Every error says what is wrong, where, and how to mend it, and carries its data."""

import pytest

import fasterapi_openapi as oa

ERRORS = [
    oa.InvalidSpec("something is off", source="a.py:1", fix="mend it"),
    oa.InvalidSpec("something is off", fix="mend it"),
    oa.DuplicateOperationId("show", "GET /a (a.py:1)", "GET /b (b.py:2)"),
    oa.DuplicateOperation("GET /a (a.py:1)", "GET /a (b.py:2)"),
    oa.UnsupportedType("shop.Money", used_by="Order.price"),
    oa.UnsupportedType(
        "'Item'", used_by="Order.item", reason="it was not resolved", fix="give the type itself"
    ),
    oa.AssetNotFound("x.js", ("a.js", "b.css")),
]


def test_texts(golden: object) -> None:
    golden("errors.txt", "\n".join(f"{type(error).__name__}: {error}\n" for error in ERRORS))  # type: ignore[operator]


@pytest.mark.parametrize("error", ERRORS)
def test_one_base_catches_them_all_and_each_says_how_to_mend_it(error: Exception) -> None:
    assert isinstance(error, oa.OpenAPIError)
    assert "\n  fix: " in str(error)
