import pytest
from fastapi.testclient import TestClient

from items_app import Colour, Item, app, items

client = TestClient(app)


@pytest.fixture(autouse=True)
def empty():
    items.clear()


def test_create_and_read():
    response = client.post("/items/a", json={"name": "Pen", "price": 1.5})
    assert response.status_code == 201, response.text
    expected = {"name": "Pen", "description": None, "price": 1.5, "tax": 10.5, "tags": [], "colour": "red"}
    assert response.json() == expected
    assert client.get("/items/a").json() == expected
    assert client.get("/").json() == {"count": 1}


def test_conflict_and_missing():
    client.post("/items/a", json={"name": "Pen", "price": 1.5})
    conflict = client.post("/items/a", json={"name": "Pen", "price": 1.5})
    assert conflict.status_code == 409
    assert conflict.headers["x-error"] == "conflict"
    missing = client.get("/items/zzz")
    assert (missing.status_code, missing.json()) == (404, {"detail": "Item not found"})


@pytest.mark.parametrize(
    ("body", "locs", "types"),
    [
        ({}, [["body", "name"], ["body", "price"]], ["missing", "missing"]),
        ({"name": "", "price": 1}, [["body", "name"]], ["string_too_short"]),
        ({"name": "x", "price": 0}, [["body", "price"]], ["greater_than"]),
        ({"name": "x", "price": "cheap"}, [["body", "price"]], ["float_parsing"]),
        ({"name": "x", "price": 1, "colour": "green"}, [["body", "colour"]], ["enum"]),
    ],
)
def test_invalid_bodies(body, locs, types):
    response = client.post("/items/a", json=body)
    assert response.status_code == 422
    detail = response.json()["detail"]
    assert [error["loc"] for error in detail] == locs
    assert [error["type"] for error in detail] == types


def test_numbers_in_strings_are_numbers():
    response = client.post("/items/a", json={"name": "Pen", "price": "1.5"})
    assert response.json()["price"] == 1.5


def test_replace():
    body = {"item": {"name": "Ink", "price": 2, "tags": ["x"]}, "importance": 3}
    response = client.put("/items/a", json=body)
    assert response.status_code == 200, response.text
    assert response.json()["item"]["name"] == "Ink"
    assert response.json()["dumped"]["tags"] == ["x"]
    assert items["a"]["colour"] == "red"


def test_patch_changes_only_what_is_sent():
    client.post("/items/a", json={"name": "Pen", "price": 1.5, "tax": 3, "tags": ["a"]})
    response = client.patch("/items/a", json={"price": 9})
    assert response.json()["price"] == 9
    assert response.json()["tax"] == 3
    assert response.json()["tags"] == ["a"]


def test_search():
    response = client.get(
        "/search",
        params={"q": "ab", "tag": ["x", "y"], "exact": "yes"},
        headers={"user-agent": "me"},
        cookies={"session": "s"},
    )
    assert response.json() == {
        "q": "ab", "limit": 10, "tag": ["x", "y"], "exact": True, "agent": "me", "session": "s",
    }
    assert client.get("/search?limit=0").json()["detail"][0]["loc"] == ["query", "limit"]
    assert client.get("/search?q=A1").status_code == 422


def test_delete():
    response = client.delete("/items/a")
    assert (response.status_code, response.content) == (204, b"")


def test_models_in_code():
    item = Item(name="x", price=1)
    assert item.colour is Colour.red
    assert item == Item(name="x", price=1)
    assert item.model_dump(exclude={"tags"})["name"] == "x"


def test_document():
    document = client.get("/openapi.json").json()
    assert document["info"] == {"title": "Items", "version": "1.2.3"}
    schema = document["components"]["schemas"]["Item"]
    assert schema["required"] == ["name", "price"]
    assert schema["properties"]["price"]["exclusiveMinimum"] == 0
    assert client.get("/docs").status_code == 200
