"""An application is tried with requests that are made of its own OpenAPI document."""

import sys
from typing import Annotated

import msgspec
import pytest

from fasterapi import Cookie, Faster, Header
from fasterapi.testclient import assert_contract


class Item(msgspec.Struct):
    name: str
    price: float = 0.0


@pytest.fixture
def app():
    app = Faster()

    @app.get("/items/{number}")
    def show(number: int, session: Annotated[str | None, Cookie()] = None) -> Item:
        return Item(str(number))

    @app.post("/items")
    def add(item: Item, x_token: Annotated[str | None, Header()] = None) -> Item:
        return item

    return app


def needs_schemathesis():
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")


def test_an_application_that_keeps_to_its_document(app):
    needs_schemathesis()

    assert_contract(app, max_examples=10)


def test_an_application_that_fails(app):
    needs_schemathesis()

    @app.put("/items")
    def replace(item: Item) -> Item:
        raise LookupError("broken")

    with pytest.raises(BaseException) as caught:
        assert_contract(app, max_examples=10)

    assert "Server error" in str(caught.value)
    assert "curl -X PUT" in str(caught.value)


def test_headers_are_sent_with_every_request():
    needs_schemathesis()
    app = Faster()
    seen = set()

    @app.get("/")
    def root(authorization: Annotated[str | None, Header(include_in_schema=False)] = None):
        seen.add(authorization)

    assert_contract(app, max_examples=3, headers={"Authorization": "Bearer abc"})

    assert seen == {"Bearer abc"}


def test_without_schemathesis_the_error_says_how_to_get_it(app, monkeypatch):
    monkeypatch.setitem(sys.modules, "schemathesis", None)

    with pytest.raises(RuntimeError, match="pip install schemathesis"):
        assert_contract(app)
