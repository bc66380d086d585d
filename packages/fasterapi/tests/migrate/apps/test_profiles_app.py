import pytest
from fastapi.exceptions import ResponseValidationError
from fastapi.testclient import TestClient

from profiles_app import app

client = TestClient(app)
USER = {"username": "ada", "email": "ada@example.com", "password": "x"}


def test_passwords_never_leave():
    expected = {"username": "ada", "email": "ada@example.com", "full_name": None}
    assert client.post("/user/", json=USER).json() == expected
    assert client.post("/base/", json=USER).json() == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("foo", {"name": "Foo", "price": 50.2}),
        ("bar", {"name": "Bar", "description": "The bartenders", "price": 62, "tax": 20.2}),
        ("baz", {"name": "Baz", "description": None, "price": 50.2, "tax": 10.5, "tags": []}),
        ("bar/name", {"name": "Bar", "description": "The bartenders"}),
        ("baz/public", {"name": "Baz", "description": None, "price": 50.2, "tags": []}),
        ("baz/short", {"name": "Baz", "price": 50.2}),
    ],
)
def test_selection(path, expected):
    assert client.get(f"/items/{path}").json() == expected


def test_lists():
    assert [item["name"] for item in client.get("/items").json()] == ["Foo", "Bar", "Baz"]


def test_unions():
    assert client.get("/vehicles/item1").json() == {"description": "All my friends drive a low rider", "type": "car"}
    assert client.get("/vehicles/item2").json() == {
        "description": "Music is my aeroplane", "type": "plane", "size": 5,
    }


def test_dicts_and_responses():
    assert client.get("/weights/").json() == {"foo": 2.3, "bar": 3.0}
    assert client.get("/portal").json() == {"message": "here"}
    redirect = client.get("/portal?teleport=true", follow_redirects=False)
    assert (redirect.status_code, redirect.headers["location"]) == (307, "https://example.com/")


def test_the_response_parameter():
    response = client.get("/raw")
    assert (response.status_code, response.json()) == (201, {"ok": True})
    assert response.headers["x-cat"] == "alone"
    assert response.cookies["session"] == "fake"
    teapot = client.get("/json")
    assert (teapot.status_code, teapot.json(), teapot.headers["x"]) == (418, {"a": 1}, "y")


def test_a_broken_response_is_an_error():
    with pytest.raises(ResponseValidationError):
        client.get("/broken")
