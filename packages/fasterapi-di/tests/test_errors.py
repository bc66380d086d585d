"""An error says what, where and how to mend it."""

import pytest

from fasterapi_di import DependencyError, GeneratorProtocolError, SignatureError, errors


def test_text_has_three_parts() -> None:
    error = SignatureError("no signature", where=["get_db (app.py:3)", "show (app.py:9)"], fix="write one")
    assert str(error).splitlines() == [
        "SignatureError: no signature",
        "  get_db (app.py:3)",
        "  show (app.py:9)",
        "  fix: write one",
    ]


def test_parts_are_attributes() -> None:
    error = SignatureError("no signature", where=["get_db"], fix="write one")
    assert (error.what, error.where, error.fix) == ("no signature", ("get_db",), "write one")


def test_place_and_fix_may_be_absent() -> None:
    assert str(DependencyError("odd")) == "DependencyError: odd"


@pytest.mark.parametrize(
    "error",
    [value for value in vars(errors).values() if isinstance(value, type)],
    ids=lambda error: error.__name__,
)
def test_one_base_class(error: type[Exception]) -> None:
    assert issubclass(error, DependencyError)


def test_broken_generators_are_runtime_errors_as_in_contextlib() -> None:
    assert issubclass(GeneratorProtocolError, RuntimeError)
