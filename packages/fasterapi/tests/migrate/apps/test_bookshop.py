import pytest

pytest.importorskip("sqlalchemy")

from bookshop.database import Base, engine
from bookshop.main import app
from fastapi.testclient import TestClient


@pytest.fixture
def client():
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    with TestClient(app) as client:
        yield client


def test_an_author_is_stored_without_secrets(client):
    response = client.post("/authors/", json={"name": "Ada", "password": "x"})
    assert response.status_code == 200, response.text
    assert response.json() == {"name": "Ada", "id": 1, "books": []}


def test_books_belong_to_authors(client):
    client.post("/authors/", json={"name": "Ada", "password": "x"})
    created = client.post("/authors/1/books/", json={"title": "Notes", "pages": 66})
    assert created.status_code == 201, created.text
    book = {"title": "Notes", "pages": 66, "id": 1, "author_id": 1}
    assert created.json() == book
    assert client.get("/authors/1").json() == {"name": "Ada", "id": 1, "books": [book]}
    assert client.get("/authors/?limit=1").json() == [{"name": "Ada", "id": 1, "books": [book]}]
    assert client.get("/books/1").json() == book


def test_missing(client):
    assert client.get("/authors/9").json() == {"detail": "Author not found"}
    assert client.get("/books/x").status_code == 422
