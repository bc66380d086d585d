"""A response that is read piece by piece, or not to its end."""

from fasterapi.testclient import TestClient


def test_pieces_come_one_by_one(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as response:
        pieces = response.iter_raw()
        assert [next(pieces) for _ in range(3)] == [b"x", b"x", b"x"]
        # each one was made when the last one had been read
        assert app.calls.count("piece") <= 4


def test_an_endless_response_ends_with_its_client(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as response:
        next(response.iter_raw())

    assert app.calls[-1] == "ended"


def test_an_application_that_listens_hears_the_client_leave(app):
    client = TestClient(app)

    with client.stream("GET", "/events") as response:
        assert next(response.iter_raw()) == b"event"

    assert app.calls == ["saw the disconnect"]


def test_closing_the_client_ends_open_responses(app):
    client = TestClient(app)
    response = client.send(client.build_request("GET", "/events"), stream=True)

    client.close()

    assert response.status_code == 200
    assert app.calls == ["saw the disconnect"]


def test_leaving_the_lifespan_ends_open_responses(app):
    with TestClient(app) as client:
        client.send(client.build_request("GET", "/events"), stream=True)

    assert app.calls == ["startup", "saw the disconnect", "shutdown"]


def test_a_whole_response_can_be_read_in_pieces(app):
    with TestClient(app).stream("POST", "/echo", content=b"abc") as response:
        assert b"".join(response.iter_bytes()) == b"abc"


def test_two_responses_at_once(app):
    client = TestClient(app)

    with client.stream("GET", "/endless") as first, client.stream("GET", "/endless") as second:
        assert next(first.iter_raw()) == next(second.iter_raw()) == b"x"
