"""The Content-Security-Policy of each page."""

from typing import Any

import pytest

from fasterapi_openapi import InvalidSpec, content_security_policy

VIEWERS = ["swagger", "redoc", "scalar", "oauth2-redirect"]


def directives(viewer: Any, **options: Any) -> dict[str, list[str]]:
    parts = content_security_policy(viewer, **options).split("; ")
    return {part.split()[0]: part.split()[1:] for part in parts}


@pytest.mark.parametrize("viewer", VIEWERS)
def test_nothing_is_allowed_that_is_not_named_and_no_script_in_the_page(viewer: str) -> None:
    found = directives(viewer)
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == ["'self'"]
    assert found["connect-src"] == ["'self'"]
    assert found["base-uri"] == ["'none'"]


@pytest.mark.parametrize(
    ("viewer", "resources", "is_inline_style_allowed"),
    [
        ("swagger", [], False),
        ("swagger", ["https://cdn.example/a.js"], False),
        ("redoc", [], False),
        ("redoc", ["https://cdn.example/a.js"], True),  # its style sheets are not known here
        ("scalar", [], True),
    ],
)
def test_inline_styles_only_where_a_viewer_cannot_do_without(
    viewer: str, resources: list[str], is_inline_style_allowed: bool
) -> None:
    assert (
        "'unsafe-inline'" in directives(viewer, resources=resources)["style-src"]
    ) is is_inline_style_allowed


def test_the_shipped_redocs_styles_are_allowed_by_their_hashes() -> None:
    found = directives("redoc")
    assert [source[:8] for source in found["style-src"]] == ["'self'", "'sha256-", "'sha256-"]
    assert found["worker-src"] == ["blob:"]


@pytest.mark.parametrize(
    ("addresses", "origins"),
    [
        (["https://cdn.example/a.js", "https://cdn.example/b.css"], ["https://cdn.example"]),
        (["//cdn.example/a.js"], ["cdn.example"]),
        (["/static/a.js", "docs-assets/a.js"], []),
        (["http://localhost:8000/x"], ["http://localhost:8000"]),
    ],
)
def test_other_hosts_are_allowed_by_origin(addresses: list[str], origins: list[str]) -> None:
    found = directives("swagger", resources=addresses, connect=addresses)
    assert found["script-src"] == ["'self'", *origins]
    assert found["connect-src"] == ["'self'", *origins]
    assert "https:" not in found["script-src"]


@pytest.mark.parametrize(
    "address", ["https://a.example; script-src *", "https://user@a.example/", "https://a b/"]
)
def test_an_address_cannot_add_a_directive(address: str) -> None:
    with pytest.raises(InvalidSpec, match="no host that a policy can name"):
        content_security_policy("swagger", connect=[address])
