"""What clients can send that nobody should; answered with default settings (features: hostile input)."""

import asyncio

import msgspec
import pytest

from fasterapi import Faster, Form, Response
from fasterapi.testclient import TestClient

JSON = {"content-type": "application/json"}


class Item(msgspec.Struct):
    name: str
    number: float = 0


app = Faster()
handled: list[object] = []


@app.post("/item")
async def item(item: Item) -> Item:
    handled.append(item)
    return item


@app.post("/form")
async def form(name: str = Form()) -> str:
    return name


@app.get("/injected")
async def injected(value: str, response: Response) -> str:
    response.headers["x-value"] = value
    return value


client = TestClient(app, raise_server_exceptions=False)

BODIES = {
    "bad UTF-8": b'{"name": "\xff"}',
    "deep nesting": b"[" * 200_000,
    "deep nesting that ends": b"[" * 100_000 + b"]" * 100_000,
    "NaN": b'{"name": "a", "number": NaN}',
    "infinity": b'{"name": "a", "number": 1e999}',
    "a lone surrogate": b'{"name": "\\ud800"}',
    "a huge integer": b'{"name": ' + b"9" * 5000 + b"}",
    "a byte order mark": b'\xef\xbb\xbf{"name": "a"}',
    "truncated": b'{"name": "a',
    "a NUL": b'{"name": \x00}',
    "a number with a sign": b"+1",
    "nothing but white space": b"   ",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_hostile_json_is_never_a_500(body):
    response = client.post("/item", content=body, headers=JSON)
    assert 400 <= response.status_code < 500
    assert response.json()["detail"]


def test_json_sent_as_text_is_refused():  # CVE-2021-32677
    assert (
        client.post("/item", content=b'{"name": "a"}', headers={"content-type": "text/plain"}).status_code
        == 422
    )


def test_a_body_of_30_megabytes_is_413():
    assert client.post("/item", content=b"x" * 30_000_000, headers=JSON).status_code == 413


def test_too_many_form_fields_are_refused():  # CVE-2026-54283
    body = "&".join(f"f{number}=1" for number in range(200_000))
    response = client.post(
        "/form", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert 400 <= response.status_code < 500


def test_a_cut_multipart_body_is_400():
    body = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na'
    assert (
        client.post(
            "/form", content=body, headers={"content-type": "multipart/form-data; boundary=x"}
        ).status_code
        == 400
    )


def test_a_header_set_by_the_application_cannot_end_its_line():
    assert client.get("/injected", params={"value": "a\r\nx-evil: 1"}).status_code == 500
    assert client.get("/injected", params={"value": "fine"}).headers["x-value"] == "fine"


def test_a_client_that_leaves_in_mid_body_reaches_no_handler():
    handled.clear()
    messages = [
        {"type": "http.request", "body": b'{"name": "a"}', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/item",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(app(scope, receive, send))
    assert handled == sent == []


@pytest.mark.parametrize("length", [b"-1", b"+1", b"0x10", b"1" * 21])
def test_a_content_length_that_is_no_number_is_400(length):  # CVE-2026-53540
    messages = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.request", "body": b"}"},
    ]
    sent = []

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/item", "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"content-length", length)],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400


def test_a_million_one_byte_chunks_are_joined_once():  # CVE-2025-69229
    count = 200_000
    state = {"left": count}

    async def receive():
        state["left"] -= 1
        return {"type": "http.request", "body": b" ", "more_body": state["left"] > 0}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/item",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json")],
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 422
