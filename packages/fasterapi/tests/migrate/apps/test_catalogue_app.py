import pytest
from fastapi.testclient import TestClient

from catalogue_app import Card, Dimensions, Payment, app, products

client = TestClient(app)
KEY = "3fa85f64-5717-4562-b3fc-2c963f66afa6"


@pytest.fixture(autouse=True)
def empty():
    products.clear()


def test_products():
    body = {
        "productId": KEY,
        "name": "Desk",
        "price": "99.90",
        "released": "2026-05-01",
        "tags": ["a", "a"],
        "images": [{"url": "https://example.com/a.png", "name": "a"}],
        "dimensions": {"widthCm": 120, "heightCm": 75.5},
        "attributes": {"wood": True, "legs": 4},
    }
    response = client.post("/products", json=body)
    assert response.status_code == 200, response.text
    assert response.json() == body | {"tags": ["a"], "warranty": "P30D"}
    page = client.get("/products").json()
    assert page == {"items": [response.json()], "total": 1, "next_page": None}


@pytest.mark.parametrize(
    ("change", "loc", "type_"),
    [
        ({"price": -1}, ["body", "price"], "greater_than_equal"),
        ({"price": "1.234"}, ["body", "price"], "decimal_max_places"),
        ({"released": "soon"}, ["body", "released"], "date_from_datetime_parsing"),
        ({"dimensions": {"widthCm": 0, "heightCm": 1}}, ["body", "dimensions", "widthCm"], "greater_than"),
        ({"productId": "x"}, ["body", "productId"], "uuid_parsing"),
    ],
)
def test_invalid_products(change, loc, type_):
    body = {"productId": KEY, "name": "Desk", "price": 1, "released": "2026-05-01"} | change
    response = client.post("/products", json=body)
    assert response.status_code == 422
    error = response.json()["detail"][0]
    assert (error["loc"], error["type"]) == (loc, type_)


def test_a_bad_url_is_refused():
    response = client.post("/images", json=[{"url": "nonsense", "name": "a"}])
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", 0, "url"]
    assert client.post("/images", json=[{"url": "https://Example.com", "name": "a"}]).json() == ["https://example.com/"]


def test_payments():
    body = {"amount": 3, "by": {"method": "card", "number": "1234"}}
    assert client.post("/pay", json=body).json() == {
        "amount": 3.0, "by": {"method": "card", "number": "1234"}, "at": "2026-01-01T00:00:00",
    }
    assert client.post("/pay", json={"amount": 3, "by": {"method": "cash"}}).status_code == 422
    assert client.post("/pay", json={"amount": 3, "by": {"method": "card", "number": "1"}}).status_code == 422
    assert client.post("/direct", json={"method": "transfer", "iban": "x"}).json() == {
        "class": "Transfer", "by": {"method": "transfer", "iban": "x"},
    }


def test_recursion():
    body = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}, {"name": "d"}]}
    assert client.post("/categories", json=body).json() == {"count": 4}


def test_integer_keys():
    assert client.post("/weights", json={"1": 2.5}).json() == {"1": 2.5}


def test_models_in_code():
    payment = Payment(amount=1, by=Card(method="card", number="1234"))
    assert payment.by.method == "card"
    assert payment.model_dump()["by"] == {"method": "card", "number": "1234"}
    assert Dimensions(width_cm=1, height_cm=2).model_dump(by_alias=True) == {"widthCm": 1, "heightCm": 2}
    parsed = Payment.model_validate({"amount": "2", "by": {"method": "transfer", "iban": "x"}})
    assert parsed.amount == 2.0
