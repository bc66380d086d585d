"""The examples of documentation pages run, top to bottom, one page as one script."""

import re
from pathlib import Path

import pytest

from fasterapi.testclient import TestClient

DOCS = Path(__file__).parents[3] / "docs"
pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the documentation is in the repository alone")

# Page → requests that its examples answer, with what they answer.
PAGES = {
    "responses.md": [
        ("app", "GET", "/users", None, 200, [{"id": 1, "name": "Ann", "address": {"street": "Main Street"}}]),
        (
            "app",
            "PATCH",
            "/users/1",
            {"name": "Bo"},
            200,
            {"id": 1, "name": "Bo", "address": {"street": "Main Street"}},
        ),
        ("app", "GET", "/pages/1", None, 200, {"version": 1}),
        ("app", "GET", "/report", None, 200, {"visitors": 7}),
        (
            "shop",
            "GET",
            "/items/7",
            None,
            404,
            {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "There is no item 7",
                "instance": "/items/7",
            },
        ),
        (
            "shop",
            "POST",
            "/orders",
            None,
            409,
            {
                "type": "https://shop.example/problems/out-of-stock",
                "title": "Out of stock",
                "status": 409,
                "detail": "Item 7 is sold out",
                "instance": "/orders",
                "item_id": 7,
            },
        ),
    ],
    "pagination.md": [
        (
            "app",
            "GET",
            "/items?limit=1&offset=1",
            None,
            200,
            {"items": [{"id": 1}], "total": 95, "limit": 1, "offset": 1},
        ),
        (
            "app",
            "GET",
            "/rows?limit=1",
            None,
            200,
            {"items": [{"id": 0}], "total": 95, "limit": 1, "offset": 0},
        ),
        ("app", "GET", "/feed", None, 200, {"items": [], "next_cursor": None, "previous_cursor": None}),
    ],
    "controllers.md": [
        ("app", "GET", "/items", None, 200, ["one"]),
        ("app", "POST", "/items?name=two", None, 201, 2),
        ("app", "GET", "/reports/count?language=de", None, 200, "Dinge: 2"),
        ("app", "GET", "/loud/first", None, 200, "ONE"),
    ],
    "routing.md": [
        ("app", "QUERY", "/search", {"a": "b"}, 200, {"a": "b"}),
        ("app", "GET", "/reports/year", None, 200, list(range(365))),
    ],
}


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_run_and_answer_as_it_says(page):
    namespace: dict[str, object] = {"__name__": page}
    for block in re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL):
        exec(compile(block, page, "exec"), namespace)
    for app, method, path, body, status, answer in PAGES[page]:
        response = TestClient(namespace[app]).request(method, path, json=body)
        assert (response.status_code, response.json()) == (status, answer), (page, path)
