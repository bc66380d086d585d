from fastapi.testclient import TestClient

from uploads_app import app

client = TestClient(app)


def test_bytes():
    assert client.post("/files/", files={"file": b"12345"}).json() == {"file_size": 5}
    assert client.post("/files/").status_code == 422


def test_upload_with_a_note():
    response = client.post("/upload", files={"file": ("a.txt", b"abc", "text/plain")}, data={"note": "hi"})
    assert response.json() == {"filename": "a.txt", "content_type": "text/plain", "size": 3, "note": "hi"}
    assert client.post("/upload", files={"file": ("a.txt", b"", "text/plain")}).status_code == 400


def test_many():
    files = [("files", ("a", b"1")), ("files", ("b", b"22"))]
    assert client.post("/many", files=files).json() == {"names": ["a", "b"], "sizes": [1, 2]}


def test_maybe():
    assert client.post("/maybe").json() == {"name": None}
    assert client.post("/maybe", files={"file": ("x", b"1")}).json() == {"name": "x"}


def test_form_model():
    assert client.post("/login", data={"username": "a", "password": "b"}).json() == {"username": "a"}
    response = client.post("/login", data={"username": "a", "password": "b", "more": "c"})
    assert response.status_code == 422
    assert response.json()["detail"][0]["type"] == "extra_forbidden"


def test_html():
    response = client.get("/")
    assert response.text == "<form></form>"
    assert response.headers["content-type"] == "text/html; charset=utf-8"
