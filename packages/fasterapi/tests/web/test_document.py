"""The document as bytes (`/openapi.json`) and as a dict (`app.openapi()`): whoever changes one sees it in the other."""

import pytest

from fasterapi import Faster
from fasterapi.testclient import TestClient


def make_app(cls=Faster):
    app = cls(title="Shop")

    @app.get("/items/{item_id}")
    async def show(item_id: int, limit: float = 1.5) -> dict[str, int]:
        return {}

    return app


def served(app):
    return TestClient(app).get("/openapi.json").json()


def test_what_is_served_is_what_the_dict_says():
    assert served(make_app()) == make_app().openapi()


def test_the_dict_is_the_document_that_was_served():
    app = make_app()
    assert app.openapi_schema is None
    document = served(app)
    assert app.openapi_schema == document
    assert app.openapi() is app.openapi_schema
    assert app.openapi_schema["paths"]["/items/{item_id}"] == document["paths"]["/items/{item_id}"]


@pytest.mark.parametrize("is_served_before", [False, True])
def test_a_change_to_the_dict_is_served(is_served_before):
    app = make_app()
    if is_served_before:
        served(app)
    app.openapi()["info"]["x-logo"] = "logo.svg"
    assert served(app)["info"]["x-logo"] == "logo.svg"


def test_a_document_that_is_put_in_its_place_is_served():
    app = make_app()
    served(app)
    app.openapi_schema = {"openapi": "3.1.0", "info": {"title": "Other", "version": "1"}}
    assert served(app)["info"]["title"] == "Other"


def test_a_document_that_is_taken_away_is_made_again():
    app = make_app()
    served(app)
    app.title = "Store"
    assert served(app)["info"]["title"] == "Shop"
    app.openapi_schema = None
    assert served(app)["info"]["title"] == "Store"


def test_a_route_that_is_added_later_is_in_the_document():
    app = make_app()
    served(app)

    @app.get("/later")
    async def later() -> None: ...

    assert "/later" in served(app)["paths"]


def test_openapi_may_be_replaced_on_the_application_and_in_a_subclass():
    class Own(Faster):
        def openapi(self):
            return {"info": {"title": "of the class"}}

    app = make_app()
    app.openapi = lambda: {"info": {"title": "of the object"}}
    assert served(app)["info"]["title"] == "of the object"
    assert served(make_app(Own))["info"]["title"] == "of the class"


def test_each_root_path_has_its_server():
    app = make_app()
    assert "servers" not in served(app)
    with TestClient(app, root_path="/proxy") as client:
        assert client.get("/openapi.json").json()["servers"] == [{"url": "/proxy"}]
    assert "servers" not in served(app)
