import asyncio

import httpx
import pytest
from fastapi.testclient import TestClient

from kinds_app import app, done

client = TestClient(app)


def test_query_models():
    assert client.get("/filter?limit=5&tags=a&tags=b").json() == {
        "limit": 5, "offset": 0, "order_by": "created_at", "tags": ["a", "b"],
    }
    assert client.get("/filter?limit=0").json()["detail"][0]["loc"] == ["query", "limit"]
    assert client.get("/filter?tool=x").json()["detail"][0]["type"] == "extra_forbidden"
    assert client.get("/filter?order_by=x").status_code == 422


def test_header_models():
    response = client.get("/headers", headers=[("save-data", "true"), ("x-tag", "a"), ("x-tag", "b")])
    assert response.json() == {
        "host": "testserver", "save_data": True, "if_modified_since": None, "x_tag": ["a", "b"],
    }
    assert client.get("/headers").status_code == 422


def test_dataclasses_and_typed_dicts():
    assert client.post("/points", json={"x": "2", "labels": ["a"]}).json() == {"x": 4, "y": 0, "labels": ["a"]}
    assert client.post("/points", json={"y": 2}).json()["detail"][0]["loc"] == ["body", "x"]
    movie = {"title": "Alien", "year": 1979}
    assert client.post("/movies", json=movie).json() == movie


@pytest.mark.parametrize(
    ("path", "content_type", "text"),
    [
        ("/stream", "text/csv; charset=utf-8", "0\n1\n2\n"),
        ("/html", "text/html; charset=utf-8", "<h1>hi</h1>"),
        ("/text", "text/plain; charset=utf-8", "GET /text testclient"),
    ],
)
def test_responses(path, content_type, text):
    response = client.get(path)
    assert response.headers["content-type"] == content_type
    assert response.text == text


def test_file_and_task():
    assert "def file" in client.get("/file").text
    assert client.get("/task").text == "ok"
    assert done == ["task"]


def test_echo():
    assert client.post("/echo?a=1", content=b"x").json() == {"method": "POST", "body": "x", "query": {"a": "1"}}
    assert client.put("/echo").status_code == 405


def test_document():
    document = client.get("/openapi.json").json()
    assert "/echo" not in document["paths"]
    assert document["paths"]["/deprecated"]["get"]["deprecated"] is True
    assert client.get("/documentation").status_code == 200
    assert client.get("/docs").status_code == 404
    assert client.get("/deprecated").json() is None


def test_async_client():
    async def main():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as async_client:
            return await async_client.get("/html")

    assert asyncio.run(main()).text == "<h1>hi</h1>"
