import pytest
from fasterapi.compat import ValidationError, model_validate
from FasterAPI import TestClient

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
        model_validate(Item, {"name": "x", "price": "cheap"})
