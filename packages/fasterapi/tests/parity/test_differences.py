"""The deliberate differences of `docs/differences.md`: what FastAPI answers, and what this project answers instead."""

import datetime
import decimal
from typing import Any

import pytest

from fasterapi.testclient import TestClient


def build(kit: Any) -> Any:
    app = kit.App()

    @app.get("/users/{name}")
    async def named(name: str):
        return name

    @app.get("/users/me")
    async def me():
        return "static"

    @app.post("/users/me")
    async def post():
        return "posted"

    @app.get("/slash/")
    async def slash():
        return "slash"

    @app.post("/number")
    async def number(value: int = kit.Body()):
        return value

    @app.post("/form")
    async def form(name: str = kit.Form()):
        return name

    @app.get("/values")
    async def values():
        return {
            "aware": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
            "delta": datetime.timedelta(hours=2),
            "decimal": decimal.Decimal("1.50"),
            "bytes": b"abc",
        }

    @app.get("/nan")
    async def nan():
        return float("nan")

    @app.get("/url")
    async def url(request: kit.Request):
        return str(request.url_for("named", name="a b"))

    return app


# request → (FastAPI's answer, this project's answer)
TABLE = {
    "static paths win whatever the order": (("GET", "/users/me", {}), "me", "static"),
    "a boolean is no number": (("POST", "/number", {"json": True}), 200, 422),
    "values are encoded as in typed responses": (
        ("GET", "/values", {}),
        {"aware": "2024-01-02T00:00:00+00:00", "delta": 7200.0, "decimal": 1.5, "bytes": "abc"},
        {"aware": "2024-01-02T00:00:00Z", "delta": "PT7200S", "decimal": "1.50", "bytes": "YWJj"},
    ),
    "NaN has no JSON form": (("GET", "/nan", {}), 500, 200),
    "paths are percent-encoded": (
        ("GET", "/url", {}),
        "http://testserver/users/a b",
        "http://testserver/users/a%20b",
    ),
    "a cut form is malformed": (
        (
            "POST",
            "/form",
            {
                "content": b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na',
                "headers": {"content-type": "multipart/form-data; boundary=x"},
            },
        ),
        422,
        400,
    ),
    "HEAD is answered by GET": (("HEAD", "/users/me", {}), 405, 200),
}


@pytest.mark.parametrize(("request_", "theirs", "ours"), TABLE.values(), ids=TABLE)
def test_this_is_answered_otherwise(parity, request_, theirs, ours):
    method, path, options = request_
    for name, expected in (("theirs", theirs), ("ours", ours)):
        response = parity.clients(build)[name].request(method, path, **options)
        assert (response.status_code if isinstance(expected, int) else response.json()) == expected


def test_405_names_every_allowed_method(parity):
    allowed = {
        name: client.put("/users/me").headers["allow"] for name, client in parity.clients(build).items()
    }
    assert allowed == {"theirs": "GET", "ours": "GET, HEAD, POST"}


def test_a_slash_redirect_is_relative(parity):
    locations = {
        name: client.get("/slash", headers={"host": "evil.example"}, follow_redirects=False).headers[
            "location"
        ]
        for name, client in parity.clients(build).items()
    }
    assert locations == {"theirs": "http://evil.example/slash/", "ours": "/slash/"}


def test_a_duplicate_operation_id_is_refused(parity):
    from fasterapi import Faster

    app = Faster()
    for path in ("/a", "/b"):

        @app.get(path, operation_id="same")
        async def handler(): ...

    with pytest.raises(Exception, match=r"(?s)same.*test_differences.py:.*test_differences.py:"):
        app.openapi()


def test_a_lifespan_of_a_mounted_application_runs(parity):
    log: dict[str, list[str]] = {"theirs": [], "ours": []}
    for name, kit in parity._kits.items():
        app, sub = kit.App(), kit.App(on_startup=[lambda name=name: log[name].append("started")])
        app.mount("/sub", sub)
        with TestClient(app):
            pass
    assert log == {"theirs": [], "ours": ["started"]}
