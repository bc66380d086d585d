import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from calls import Item, app

client = TestClient(app)


def test_read():
    response = client.get("/items/foo")
    assert response.json() == {"name": "Foo"}


def test_override():
    app.dependency_overrides[print] = lambda: {}
    app.dependency_overrides = {}


def test_invalid():
    with pytest.raises(ValidationError):
        Item(name="x", price="cheap")
