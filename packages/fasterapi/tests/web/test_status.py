"""Names of status codes: IANA's, and the older ones that applications still import."""

import http

import pytest

from fasterapi import status

# Names of the standard library that stand for other registries or older texts.
OTHER = {
    "HTTP_413_CONTENT_TOO_LARGE",
    "HTTP_414_URI_TOO_LONG",
    "HTTP_416_RANGE_NOT_SATISFIABLE",
    "HTTP_422_UNPROCESSABLE_CONTENT",
}


@pytest.mark.parametrize("name", status.__all__)
def test_a_name_contains_its_number(name):
    assert getattr(status, name) == int(name.split("_")[1])


@pytest.mark.parametrize("known", list(http.HTTPStatus), ids=lambda known: known.name)
def test_every_status_of_the_standard_library_has_a_name(known):
    assert any(name.startswith(f"HTTP_{known.value}_") for name in status.__all__)


def test_names_before_rfc_9110():
    assert status.HTTP_422_UNPROCESSABLE_ENTITY == status.HTTP_422_UNPROCESSABLE_CONTENT == 422
    assert status.HTTP_413_REQUEST_ENTITY_TOO_LARGE == status.HTTP_413_CONTENT_TOO_LARGE == 413


def test_all_is_complete_and_sorted():
    public = {name for name in vars(status) if name.startswith(("HTTP_", "WS_"))}
    assert sorted(public) == status.__all__
