from decimal import Decimal

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from orders_app import Line, Order, app, try_line

client = TestClient(app)
LINE = {"sku": "PEN", "count": 2, "unit_price": "1.50"}
ORDER = {"customer": " ada ", "lines": [LINE], "ordered": "2026-05-01"}


def test_an_order_comes_back_complete():
    response = client.post("/orders", json=ORDER)
    assert response.status_code == 200, response.text
    assert response.json() == {
        "customer": "Ada",
        "coupon": None,
        "lines": [LINE | {"total": "3.00"}],
        "ordered": "2026-05-01",
        "delivered": None,
        "boxes": 2,
        "total": "3.00",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"customer": " "},
        {"coupon": " "},
        {"lines": []},
        {"lines": [LINE] * 4},
        {"lines": [LINE | {"sku": "pen"}]},
        {"lines": [LINE | {"count": 0}]},
        {"lines": [LINE | {"unit_price": 0}]},
        {"lines": [LINE | {"more": 1}]},
        {"boxes": 3},
        {"repeated": "other"},
        {"delivered": "2026-04-01"},
    ],
)
def test_what_is_wrong_is_refused(change):
    response = client.post("/orders", json=ORDER | change)
    assert response.status_code == 422, response.text
    assert response.json()["detail"][0]["loc"][0] == "body"


def test_a_validator_explains_itself():
    detail = client.post("/orders", json=ORDER | {"customer": " "}).json()["detail"]
    assert [(e["msg"], e["type"]) for e in detail] == [("Value error, must not be blank", "value_error")]


def test_validators_are_inherited():
    response = client.post("/express", json=ORDER | {"hours": 3})
    assert response.json() == {"hours": 3, "customer": "Ada", "log": ["made"]}
    assert client.post("/express", json=ORDER | {"hours": 48}).status_code == 422
    assert client.post("/express", json=ORDER | {"hours": 3, "customer": ""}).status_code == 422


def test_models_in_code():
    line = Line(sku="PEN", unit_price=Decimal("2.00"), count=3)
    assert line.total == Decimal("6.00")
    with pytest.raises((ValidationError, AttributeError)):
        line.count = 3
    with pytest.raises(ValidationError):
        Line(sku="pen", unit_price=Decimal("2.00"))
    assert try_line(sku="PEN", unit_price=1) is None
    assert try_line(sku="PEN") == "1 unit_price"
    order = Order(customer="bob", lines=[line], ordered="2026-01-01")
    assert order.customer == "Bob"
    assert hash(line) == hash(Line(sku="PEN", unit_price=Decimal("2.00"), count=3))
