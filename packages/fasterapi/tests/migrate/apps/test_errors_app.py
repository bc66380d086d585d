import pytest
from fastapi.testclient import TestClient

from errors_app import app

client = TestClient(app)


def test_custom_exceptions():
    response = client.get("/unicorns/yolo")
    assert (response.status_code, response.json()) == (418, {"message": "Oops! yolo did something."})
    assert response.headers["x-tag"] == "/unicorns/yolo"
    assert float(response.headers["x-process-time"]) >= 0


def test_overridden_handlers():
    response = client.post("/boxes", json={"size": "XL"})
    assert (response.status_code, response.json()) == (400, {"errors": [["body", "size"]], "body": {"size": "XL"}})
    missing = client.get("/nowhere")
    assert (missing.status_code, missing.text) == (404, "lost: Not Found")
    teapot = client.post("/boxes", json={"size": 3})
    assert (teapot.status_code, teapot.json()) == (418, {"detail": {"reason": "I don't like 3."}})


def test_cors():
    response = client.get("/unicorns/a", headers={"Origin": "https://example.com"})
    assert response.headers["access-control-allow-origin"] == "https://example.com"
    preflight = client.options(
        "/boxes", headers={"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == 200


def test_gzip():
    response = client.get("/long", headers={"Accept-Encoding": "gzip"})
    assert response.headers["content-encoding"] == "gzip"
    assert len(response.text) == 5000


def test_bugs_are_raised_or_hidden():
    with pytest.raises(RuntimeError):
        client.get("/bug")
    quiet = TestClient(app, raise_server_exceptions=False)
    response = quiet.get("/bug")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
