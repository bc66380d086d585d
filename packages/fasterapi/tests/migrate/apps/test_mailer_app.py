import pytest
from fastapi.testclient import TestClient

from mailer_app import Mail, app, log


@pytest.fixture
def client():
    log.clear()
    with TestClient(app) as client:
        yield client


def test_lifespan(client):
    assert log == ["start"]
    assert client.get("/state").json() == {"sender": "robot", "greeting": "hello"}
    client.__exit__(None, None, None)
    assert log == ["start", "stop"]
    client.__enter__()


def test_background_tasks_run_in_order(client):
    response = client.post("/mails?q=x", json={"to": "ada@example.com", "copies": ["b@example.com"]})
    assert response.status_code == 202, response.text
    assert response.json() == {"message": "sent", "subject": "(none)", "copies": ["b@example.com"]}
    assert log[1:] == ["query x", "to ada@example.com!"]


@pytest.mark.parametrize("to", ["ada", "ada@", "@example.com", "a b@example.com", 3])
def test_bad_addresses(client, to):
    response = client.post("/mails", json={"to": to})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["body", "to"]


def test_classes_as_dependencies(client):
    assert client.get("/page?limit=5").json() == {"skip": 0, "limit": 5, "same": True}


def test_generators_are_closed(client):
    assert client.get("/connection").json() == "connection"
    assert log[1:] == ["open", "use", "close"]


def test_default_factories_are_fresh():
    one, two = Mail(to="a@example.com"), Mail(to="a@example.com")
    one.copies.append("c@example.com")
    assert two.copies == []
