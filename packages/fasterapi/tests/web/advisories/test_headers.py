"""Headers and cookies: what comes in is read once, what goes out is one line."""

import asyncio
import functools
import json
import logging

import pytest

from fasterapi import Faster, Request, Response
from fasterapi.datastructures import Headers
from fasterapi.middleware.accesslog import AccessLogMiddleware
from fasterapi.middleware.errors import ServerErrorMiddleware
from fasterapi.middleware.sessions import SessionMiddleware
from fasterapi.requests import parse_cookies
from fasterapi.responses import EventSourceResponse, JSONResponse, RedirectResponse, StreamingResponse
from fasterapi.sse import ServerSentEvent, format_sse_event
from fasterapi.websockets import WebSocket


@pytest.mark.parametrize(
    "text", ["a\r\nset-cookie: b=c", "a\nb", "a\rb", "a\0b", "\r\n", "a\r\n\r\n<script>"], ids=repr
)
@pytest.mark.parametrize(
    "make",
    [
        lambda text: Response(headers={"x": text}),
        lambda text: Response(headers={text: "x"}),
        lambda text: Response(media_type=text),
        lambda text: JSONResponse({}, headers={"x": text}),
        lambda text: StreamingResponse([], headers={"x": text}),
        lambda text: EventSourceResponse([], headers={"x": text}),
        lambda text: Response().headers.__setitem__("x", text),
        lambda text: Response().headers.append("x", text),
        lambda text: Response().headers.setdefault("x", text),
        lambda text: Response().set_cookie("a", path=text),
        lambda text: Response().set_cookie("a", domain=text),
        lambda text: Response().set_cookie("a", expires=text),
        lambda text: Response().set_cookie(text),
        lambda text: Response().delete_cookie("a", path=text),
    ],
)
def test_a_line_break_is_refused_where_it_is_set__CVE_2020_7695__CVE_2026_22779__CVE_2026_0865(make, text):
    with pytest.raises(ValueError):
        make(text)


def test_a_sub_protocol_is_one_line__CVE_2020_7695(text="a\r\nset-cookie: b=c"):
    async def connect():
        return {"type": "websocket.connect"}

    async def send(message):
        raise AssertionError(message)

    socket = WebSocket({"type": "websocket", "headers": []}, connect, send)
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        asyncio.run(socket.accept(subprotocol=text))


@pytest.mark.parametrize("text", ["a\r\ndata: b", "a\nb", "a\rb"], ids=repr)
@pytest.mark.parametrize("field", ["event", "id"])
def test_a_field_of_an_event_is_one_line__CVE_2026_22779(field, text):
    with pytest.raises(ValueError):
        format_sse_event(data_str="x", **{field: text})
    with pytest.raises(ValueError):
        ServerSentEvent(data="x", **{field: text})


@pytest.mark.parametrize("text", ["a\r\nset-cookie: b=c", "a\nb", "a\0b"], ids=repr)
def test_a_value_that_is_quoted_stays_one_line__CVE_2020_7695(text):
    cookie, redirect = Response(), RedirectResponse(f"/{text}")
    cookie.set_cookie("a", text)
    for response in (cookie, redirect):
        for name, value in response.raw_headers:
            assert not {10, 13, 0} & set(name + value)


def test_a_handler_that_sets_two_lines_is_a_500__CVE_2020_7695(call, app):
    answer = None
    try:
        answer = call(app, "GET", "/set", query=b"value=a%0d%0aset-cookie:%20b=c")
    except ValueError:
        pass
    assert answer is None or (answer.status, answer.header("set-cookie")) == (500, None)
    assert call(app, "GET", "/set", query=b"value=fine").header("x-value") == "fine"


FORGED = ["a\r\nERROR forged", "\x1b[2J\x07", "a\0b", "\u2028x\x85y", "\x9b31m"]


@pytest.mark.parametrize("text", FORGED, ids=repr)
@pytest.mark.parametrize(
    "wrap",
    [ServerErrorMiddleware, functools.partial(AccessLogMiddleware, path=True)],
    ids=["errors", "access"],
)
def test_control_characters_do_not_reach_the_log__CVE_2020_7694(call, app, caplog, wrap, text):
    """What a client wrote stands in a log line as a value, in quotes: it begins no line, and colours nothing."""
    logged = wrap(app)
    with caplog.at_level(logging.INFO, "fasterapi"), pytest.raises(ZeroDivisionError):
        call(logged, "GET", f"/fail/{text}")
    written = [record.getMessage() for record in caplog.records if record.name.startswith("fasterapi")]
    assert any("/fail/" in line for line in written)
    assert [line for line in written if not line.isprintable()] == []


@pytest.mark.parametrize("text", FORGED[:2], ids=repr)
def test_a_strangers_origin_does_not_forge_the_log__CVE_2020_7694(call, caplog, text):
    app = Faster()

    @app.websocket("/{rest:path}")
    async def live(websocket: WebSocket, rest: str) -> None: ...

    headers = {"host": "shop.example", "cookie": "a=b", "origin": f"https://{text}"}
    call(app, "GET", f"/{text}", headers=headers, type="websocket")
    (record,) = [record for record in caplog.records if record.name.startswith("fasterapi")]
    assert "refused" in record.getMessage()
    assert record.getMessage().isprintable()


COOKIES = {
    "backslashes": lambda size: 'a="' + "\\" * size + '"',
    "octal escapes": lambda size: 'a="' + "\\0" * (size // 2) + '"',
    "escaped quotes": lambda size: 'a="' + '\\"' * (size // 2) + '"',
    "no end": lambda size: 'a="' + "\\" * size,
    "many": lambda size: "a=1;" * (size // 4),
    "semicolons": lambda size: ";" * size,
    "equal signs": lambda size: "=" * size,
    "blanks": lambda size: " " * size,
}


@pytest.mark.parametrize("make", COOKIES.values(), ids=COOKIES)
def test_a_long_cookie_is_read_once__CVE_2024_7592(call, app, steps, make):
    assert call(app, "GET", "/cookies", headers={"cookie": make(60_000)}).status == 200
    assert steps(lambda: parse_cookies(make(60_000))) < 11 * steps(lambda: parse_cookies(make(6000)))
    parse_cookies(make(2_000_000))  # quadratic work in C, which has no lines, would take minutes


@pytest.mark.parametrize(
    "cookie", ["=__Host-session=bad", "=__Host-session", "__Host-session", " =__Host-session=bad"]
)
def test_a_cookie_without_a_name_gets_none__CVE_2023_23934(call, app, cookie):
    """A sibling domain must not be able to plant what browsers protect by the prefix."""
    cookies, session = json.loads(call(app, "GET", "/cookies", headers={"cookie": cookie}).body)
    assert "__Host-session" not in cookies
    assert session is None


@pytest.mark.parametrize("name", ["x", "cookie", "accept", "x-forwarded-for"])
def test_one_header_ten_thousand_times_is_read_once__CVE_2025_14550(call, app, steps, name):
    def cost(number):
        headers = [(name, "a=1")] * number
        return steps(lambda: call(app, "GET", "/cookies", headers=headers))

    cost(10)
    assert cost(10_000) < 11 * cost(1000)
    headers = [(name, f"a{number}=1") for number in range(50_000)]
    assert json.loads(call(app, "GET", "/headers", headers=headers).body) == 50_000
    assert call(app, "GET", "/cookies", headers=headers).status == 200


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_only_the_line_ends_of_http_are_line_ends__CVE_2026_44546(call, app, character):
    """`str.splitlines` knows more of them; nothing here reads a header or an event by it."""
    assert format_sse_event(data_str=f"a{character}b") == f"data: a{character}b\n\n".encode()
    assert len(Headers(raw=[(b"x", f"a{character}y: b".encode())])) == 1
    value = f"a{character}content-length: 0".encode().decode("latin-1")
    assert json.loads(call(app, "GET", "/headers", headers={"x": value}).body) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"transfer-encoding": "chunked", "content-length": "1"},
        {"transfer-encoding": "identity, chunked"},
        {"transfer-encoding": "xchunked"},
        {"transfer-encoding": "chunked\x0b"},
    ],
)
def test_the_body_is_what_the_server_received__GHSA_w3h3_4rj7_4ph4__CVE_2025_43859(call, app, headers):
    """Where a request ends is the server's to say: nothing here looks for it in headers or in the body's bytes."""
    body = b'{"a": "0\\r\\n\\r\\nGET /admin HTTP/1.1"}'
    headers = {"content-type": "application/json", **headers}
    answer = call(app, "POST", "/json", headers=headers, body=[body[:9], body[9:]])
    assert json.loads(answer.body) == {"a": "0\r\n\r\nGET /admin HTTP/1.1"}


@pytest.mark.parametrize("touch", ["read", "write", "nothing"])
def test_an_answer_that_depends_on_the_session_says_so__CVE_2023_30861(call, touch):
    """A shared cache that does not know of the cookie would give one user's page to another."""
    pytest.importorskip("itsdangerous")
    app = Faster()
    app.add_middleware(SessionMiddleware, secret_key="k" * 32)

    @app.get("/")
    async def page(request: Request) -> str:
        if touch == "read":
            request.session.get("user")
        elif touch == "write":
            request.session["user"] = "ada"
        return "page"

    vary = call(app, "GET", "/").header("vary")
    assert vary == (None if touch == "nothing" else "Cookie")
