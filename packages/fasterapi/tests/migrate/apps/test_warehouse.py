import pytest
from fastapi.testclient import TestClient

from warehouse import app
from warehouse.dependencies import get_query_token

client = TestClient(app)
TOKEN = {"x-token": "fake-super-secret-token"}


@pytest.mark.parametrize(
    ("path", "status", "body", "headers"),
    [
        ("/?token=jessica", 200, {"message": "Hello Bigger Applications!"}, {}),
        ("/?token=x", 400, {"detail": "No Jessica token provided"}, {}),
        ("/users/?token=jessica", 200, [{"username": "Rick", "level": 1}, {"username": "Morty", "level": 2}], {}),
        ("/users/me?token=jessica", 200, {"username": "fakecurrentuser"}, {}),
        ("/users/foo?token=jessica", 200, {"username": "foo"}, {}),
        ("/items/plumbus?token=jessica", 200, {"name": "Plumbus", "item_id": "plumbus"}, TOKEN),
        ("/items/nope?token=jessica", 404, {"detail": "Item not found"}, TOKEN),
        ("/items/plumbus?token=jessica", 400, {"detail": "X-Token header invalid"}, {"x-token": "no"}),
        ("/sub/inside", 200, {"inside": True}, {}),
    ],
)
def test_get(path, status, body, headers):
    response = client.get(path, headers=headers)
    assert (response.status_code, response.json()) == (status, body)


def test_missing_token_is_a_422():
    detail = client.get("/items/").json()["detail"]
    assert sorted(tuple(error["loc"]) for error in detail) == [("header", "x-token"), ("query", "token")]


def test_admin():
    response = client.post("/admin/?token=jessica", headers=TOKEN)
    assert response.json() == {"message": "Admin getting schwifty", "url": "http://testserver/items/gun"}
    forbidden = client.put("/items/gun?token=jessica", headers=TOKEN)
    assert forbidden.status_code == 403


def test_overrides():
    app.dependency_overrides[get_query_token] = lambda: None
    assert client.get("/").status_code == 200
    app.dependency_overrides = {}
    assert client.get("/").status_code == 422


def test_tags():
    document = client.get("/openapi.json").json()
    assert document["paths"]["/items/{item_id}"]["put"]["tags"] == ["items", "custom"]
    assert "418" in document["paths"]["/admin/"]["post"]["responses"]
