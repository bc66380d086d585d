"""Responses whose body is known at once."""

import asyncio

import pytest

from fasterapi.background import BackgroundTask
from fasterapi.datastructures import URL
from fasterapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response


@pytest.mark.parametrize(
    ("response", "body", "headers"),
    [
        (Response(), b"", [("content-length", "0")]),
        (Response("hé"), "hé".encode(), [("content-length", "3")]),
        (Response(b"x"), b"x", [("content-length", "1")]),
        (Response(bytearray(b"x")), b"x", [("content-length", "1")]),
        (Response(memoryview(b"xyz")[1:]), b"yz", [("content-length", "2")]),
        (Response(memoryview(b"abcd")[::2]), b"ac", [("content-length", "2")]),
        (
            Response("x", media_type="text/css"),
            b"x",
            [("content-length", "1"), ("content-type", "text/css; charset=utf-8")],
        ),
        (
            Response("x", media_type="text/css; charset=x"),
            b"x",
            [("content-length", "1"), ("content-type", "text/css; charset=x")],
        ),
        (
            Response("x", media_type="image/png"),
            b"x",
            [("content-length", "1"), ("content-type", "image/png")],
        ),
        (
            PlainTextResponse("x"),
            b"x",
            [("content-length", "1"), ("content-type", "text/plain; charset=utf-8")],
        ),
        (HTMLResponse("x"), b"x", [("content-length", "1"), ("content-type", "text/html; charset=utf-8")]),
        (JSONResponse([1]), b"[1]", [("content-length", "3"), ("content-type", "application/json")]),
        (
            JSONResponse([], media_type="application/problem+json"),
            b"[]",
            [("content-length", "2"), ("content-type", "application/problem+json")],
        ),
        (
            PlainTextResponse("x", headers={"Content-Type": "a/b"}),
            b"x",
            [("content-type", "a/b"), ("content-length", "1")],
        ),
        (
            PlainTextResponse("x", headers={"Content-Length": "9"}),
            b"x",
            [("content-length", "9"), ("content-type", "text/plain; charset=utf-8")],
        ),
        (Response(headers={"X-A": "1"}), b"", [("x-a", "1"), ("content-length", "0")]),
    ],
)
def test_body_and_headers(call, response, body, headers):
    answer = call(response)
    assert answer.status == 200
    assert answer.body == body
    assert [(n.decode(), v.decode()) for n, v in answer.raw_headers] == headers


@pytest.mark.parametrize("status", [100, 101, 103, 204, 304])
def test_a_status_without_body_has_no_length(call, status):
    """RFC 9110, section 8.6."""
    assert call(Response(status_code=status)).header("content-length") is None


def test_a_head_request_gets_the_headers_only(call):
    answer = call(PlainTextResponse("hello"), "HEAD")
    assert answer.header("content-length") == "5"
    assert answer.body == b""


def test_subclasses_say_what_they_render():
    class Shout(Response):
        media_type = "text/x-shout"
        charset = "latin-1"

        def render(self, content):
            return content.upper().encode(self.charset)

    response = Shout("é")
    assert response.body == b"\xc9"
    assert response.headers["content-type"] == "text/x-shout; charset=latin-1"


def test_subclasses_may_have_a_say_in_the_headers():
    class Tagged(PlainTextResponse):
        def init_headers(self, headers=None):
            super().init_headers(headers)
            self.raw_headers.append((b"x-tag", b"1"))

    assert Tagged("x").headers["x-tag"] == "1"


def test_headers_are_shared_with_what_is_sent(call):
    response = Response()
    response.headers["x-a"] = "1"
    assert response.headers is response.headers
    assert call(response).header("x-a") == "1"


def test_anything_may_be_attached():
    response = JSONResponse({})
    response.context = "mine"
    assert response.context == "mine"


@pytest.mark.parametrize(
    "make",
    [
        lambda text: Response(headers={"x": text}),
        lambda text: Response(media_type=text),
        lambda text: Response().headers.append("x", text),
        lambda text: Response().set_cookie("a", path=text),
        lambda text: Response().set_cookie("a", domain=text),
        lambda text: Response().set_cookie("a", expires=text),
        lambda text: Response().set_cookie(text),
    ],
)
@pytest.mark.parametrize("text", ["a\r\nset-cookie: b=c", "a\nb", "a\0b"])
def test_nothing_that_is_set_can_start_another_header(make, text):
    """Header injection (class of CVE-2020-7695) ends where the header is set, not in the server."""
    with pytest.raises(ValueError):
        make(text)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("/a", "/a"),
        ("/a b?x=ü#y", "/a%20b?x=%C3%BC#y"),
        ("https://u:p@[::1]:80/a;b,c'(d)!$&*+~?x=[1]@", "https://u:p@[::1]:80/a;b,c'(d)!$&*+~?x=[1]@"),
        ("/a%20b", "/a%20b"),
        ("/a\r\nset-cookie: b=c", "/a%0D%0Aset-cookie:%20b=c"),
        (URL("/a?b=1"), "/a?b=1"),
    ],
)
def test_a_redirect_quotes_what_may_not_stand_in_a_url(call, url, location):
    answer = call(RedirectResponse(url))
    assert (answer.status, answer.header("location"), answer.header("content-length")) == (307, location, "0")


def test_a_redirect_has_a_status_and_headers(call):
    answer = call(RedirectResponse("/", status_code=303, headers={"x-a": "1"}))
    assert (answer.status, answer.header("x-a"), answer.header("location")) == (303, "1", "/")


def test_the_background_runs_after_the_body_was_sent():
    order = []

    async def send(message):
        order.append(message["type"])

    response = Response("x", background=BackgroundTask(order.append, "background"))
    asyncio.run(response({"type": "http"}, None, send))
    assert order == ["http.response.start", "http.response.body", "background"]


def test_to_asgi_sends_the_response_only(call):
    messages = []

    async def send(message):
        messages.append(message)

    ran = []
    asyncio.run(Response("x", background=BackgroundTask(ran.append, 1)).to_asgi(send))
    assert [message["type"] for message in messages] == ["http.response.start", "http.response.body"]
    assert ran == []


def test_a_response_denies_a_websocket():
    messages = []

    async def send(message):
        messages.append(message)

    asyncio.run(PlainTextResponse("no", status_code=403)({"type": "websocket"}, None, send))
    assert [message["type"] for message in messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert messages[0]["status"] == 403
