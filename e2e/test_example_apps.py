"""The examples of pages, of mounted applications and of the catalogue, served by real servers."""

import re

import httpx
import pytest

from .conftest import Server

PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """One server per example for all tests of this module."""
    servers = []

    def start(example: str) -> Server:
        server = Server("uvicorn", f"examples.{example}:app", tmp_path_factory.mktemp(example) / "log", {})
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def browser(serve):
    server = serve("htmx_notes")
    with httpx.Client(base_url=server.url, follow_redirects=True) as client:
        yield client


def test_a_plain_form_is_redirected_and_its_message_is_shown_once(browser):
    first = browser.post("/notes", data={"text": "Milk & <bread>"})
    assert [response.status_code for response in (*first.history, first)] == [303, 200]
    assert "Added: Milk &amp; &lt;bread&gt;" in first.text
    again = browser.get("/")
    assert "Added:" not in again.text
    assert "Milk &amp; &lt;bread&gt;" in re.findall(r"<li .*?>(.*?)</li>", again.text)


def test_htmx_is_answered_with_the_fragment_alone(browser):
    response = browser.post("/notes", data={"text": "Tea"}, headers={"HX-Request": "true"})
    assert (response.status_code, response.headers["vary"]) == (200, "HX-Request, Cookie")
    assert response.text.startswith('<section id="notes">')
    assert "<html" not in response.text
    assert '<p role="status">Added: Tea</p>' in response.text


def test_an_empty_note_is_refused(browser):
    assert browser.post("/notes", data={"text": ""}).status_code == 422


@pytest.fixture(scope="module")
def mounted(serve):
    server = serve("mounted_apps")
    with httpx.Client(base_url=server.url) as client:
        yield client


def rpc(client, method, id_=1, **params):
    return client.post("/mcp/", json={"jsonrpc": "2.0", "id": id_, "method": method, "params": params})


def test_a_mounted_tool_server_is_started_with_the_application(mounted):
    assert mounted.get("/health").json() == {"tools": True}
    assert rpc(mounted, "initialize").json()["result"]["serverInfo"]["isRunning"] is True


def test_its_tools_are_listed_and_called(mounted):
    tools = rpc(mounted, "tools/list").json()["result"]["tools"]
    assert tools == [{"name": "add", "description": "Add two numbers."}]
    called = rpc(mounted, "tools/call", name="add", arguments={"a": 2, "b": 3}).json()
    assert called == {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": "5"}]}}


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"{", 400), (b'{"method":"x","id":1}', 200), (b'{"method":"notifications/x"}', 202)],
)
def test_it_answers_what_it_does_not_know(mounted, content, status):
    assert mounted.post("/mcp/", content=content).status_code == status
    assert mounted.get("/mcp/").headers["allow"] == "POST"


def test_a_wsgi_application_sees_its_own_path(mounted):
    assert mounted.get("/old/a/b").text == "/old | /a/b"


@pytest.fixture(scope="module")
def catalogue(serve):
    server = serve("catalogue")
    with httpx.Client(base_url=server.url) as client:
        yield client


def test_pages_lead_through_the_catalogue_and_keep_the_supplier_secret(catalogue):
    seen, target = [], "/products?limit=40"
    while target:
        response = catalogue.get(target)
        assert "ACME" not in response.text
        seen += [product["id"] for product in response.json()["items"]]
        target = response.links.get("next", {}).get("url")
        target = target and f"/products{target}"
    assert seen == list(range(1, 96))


def test_a_version_is_sent_once_and_changed_once(catalogue):
    first = catalogue.get("/products/7")
    tag = first.headers["etag"]
    assert catalogue.get("/products/7", headers={"If-None-Match": tag}).status_code == 304
    answers = [
        catalogue.patch("/products/7", json={"price": 9.5}, headers=headers)
        for headers in ({}, {"If-Match": '"0"'}, {"If-Match": tag}, {"If-Match": tag})
    ]
    assert [answer.status_code for answer in answers] == [428, 412, 200, 412]
    assert answers[2].json() == {"id": 7, "name": "Product 7", "price": 9.5, "version": 2}
    assert catalogue.get("/products/7", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "type_"),
    [
        ("GET", "/products/1000", None, 404, "/problems/no-such-product"),
        ("GET", "/products/x", None, 422, "about:blank"),
        ("POST", "/products", {"name": ""}, 422, "about:blank"),
        ("GET", "/nowhere", None, 404, "about:blank"),
        ("DELETE", "/products", None, 405, "about:blank"),
    ],
)
def test_errors_are_problems(catalogue, method, path, body, status, type_):
    response = catalogue.request(method, path, json=body)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert (response.json()["type"], response.json()["status"]) == (type_, status)


def test_options_names_the_methods(catalogue):
    response = catalogue.options("/products/7")
    assert (response.status_code, response.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")
