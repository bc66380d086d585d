"""An unhandled error is logged, answered by 500 and raised again; nothing of it reaches the client."""

import asyncio
import logging

import pytest

from fasterapi.middleware import CORSMiddleware, ServerErrorMiddleware
from fasterapi.responses import PlainTextResponse

SECRET = "password=hunter2"


async def failing(scope, receive, send):
    raise RuntimeError(SECRET)


async def failing_late(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError(SECRET)


@pytest.fixture
def fail(new_scope):
    """`fail(app, **scope)` gives the messages that were sent before the error, which must be raised."""

    def run(app, **changes):
        sent = []

        async def send(message):
            sent.append(message)

        with pytest.raises(RuntimeError, match=SECRET):
            asyncio.run(app(new_scope(**changes), None, send))
        return sent

    return run


def test_the_client_gets_500_and_nothing_else(fail):
    start, body = fail(ServerErrorMiddleware(failing))

    assert start["status"] == 500
    assert (b"content-type", b"text/plain; charset=utf-8") in start["headers"]
    assert body["body"] == b"Internal Server Error"


def test_a_response_that_has_begun_is_left_alone(fail):
    sent = fail(ServerErrorMiddleware(failing_late))

    assert [message["type"] for message in sent] == ["http.response.start"]


class HoldsStartsBack:
    """Sends the start with the first piece of the body, as compression does."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        held = []

        async def later(message):
            held.append(message)
            if message["type"] == "http.response.body":
                for kept in held:
                    await send(kept)

        await self.app(scope, receive, later)


class Starts(CORSMiddleware):
    """Sends a start of its own, past what it inherits."""

    async def __call__(self, scope, receive, send):
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await super().__call__(scope, receive, send)


def cors(app, cls=CORSMiddleware):
    return cls(app, allow_origins=["*"])


@pytest.mark.parametrize(
    ("app", "statuses"),
    [
        (cors(failing), [500]),
        (cors(failing_late), [200]),
        (HoldsStartsBack(failing_late), [500]),
        (cors(HoldsStartsBack(failing_late)), [500]),
        (cors(HoldsStartsBack(cors(failing_late))), [500]),
        (HoldsStartsBack(ServerErrorMiddleware(cors(failing_late))), [500]),
        (cors(ServerErrorMiddleware(cors(failing_late))), [200]),
        (cors(failing, Starts), [299]),
        (cors(failing_late, Starts), [299, 200]),
    ],
)
def test_who_marks_starts_tells_the_same_as_who_is_watched(fail, app, statuses):
    sent = fail(ServerErrorMiddleware(app))

    assert [message["status"] for message in sent if "status" in message] == statuses


def test_a_preflight_response_that_has_begun_is_left_alone(new_scope):
    sent = []
    headers = {"origin": "https://a.example", "access-control-request-method": "GET"}

    async def send(message):
        sent.append(message["type"])
        if message["type"] == "http.response.body":
            raise RuntimeError(SECRET)

    with pytest.raises(RuntimeError, match=SECRET):
        app = ServerErrorMiddleware(cors(failing))
        asyncio.run(app(new_scope(method="OPTIONS", headers=headers), None, send))

    assert sent == ["http.response.start", "http.response.body"]


def test_the_error_is_logged_with_its_traceback(fail, caplog):
    with caplog.at_level(logging.ERROR, "fasterapi.error"):
        fail(ServerErrorMiddleware(failing), method="POST", path="/users")

    (record,) = caplog.records
    assert record.name == "fasterapi.error"
    assert record.getMessage() == "Unhandled error in POST '/users'"
    assert record.exc_info[1].args == (SECRET,)


def test_line_breaks_in_the_path_do_not_reach_the_log(fail, caplog):
    """CVE-2020-7694: a path could forge log lines."""
    fail(ServerErrorMiddleware(failing), path="/a\r\nERROR forged\x1b[2J")

    assert caplog.records[0].getMessage() == "Unhandled error in GET '/a\\r\\nERROR forged\\x1b[2J'"


@pytest.mark.parametrize("is_async", [True, False], ids=["async def", "def"])
def test_a_handler_makes_the_response(fail, is_async):
    def handler(request, error):
        return PlainTextResponse(f"{request.url.path}: {type(error).__name__}", status_code=503)

    async def async_handler(request, error):
        return handler(request, error)

    start, body = fail(
        ServerErrorMiddleware(failing, handler=async_handler if is_async else handler), path="/x"
    )

    assert (start["status"], body["body"]) == (503, b"/x: RuntimeError")


def test_a_handler_hears_of_an_error_in_mid_response_too(fail):
    heard = []

    def handler(request, error):
        heard.append(error)
        return PlainTextResponse("never sent")

    sent = fail(ServerErrorMiddleware(failing_late, handler=handler))

    assert len(heard) == len(sent) == 1


def test_debug_shows_html_to_browsers(fail):
    start, body = fail(ServerErrorMiddleware(failing, debug=True), headers={"accept": "text/html,*/*"})

    assert (b"content-type", b"text/html; charset=utf-8") in start["headers"]
    assert b"RuntimeError" in body["body"]
    assert b"raise RuntimeError(SECRET)" in body["body"]


def test_debug_shows_text_to_others(fail):
    start, body = fail(ServerErrorMiddleware(failing, debug=True))

    assert (b"content-type", b"text/plain; charset=utf-8") in start["headers"]
    assert body["body"].startswith(b"Traceback (most recent call last):")
    assert body["body"].endswith(b"RuntimeError: password=hunter2\n")


def test_the_debug_page_escapes_what_the_error_says(fail):
    async def evil(scope, receive, send):
        raise RuntimeError(SECRET + "<script>alert(1)</script>")

    _, body = fail(ServerErrorMiddleware(evil, debug=True), headers={"accept": "text/html"})

    assert b"<script>" not in body["body"]
    assert b"&lt;script&gt;" in body["body"]


def test_an_error_without_a_traceback_has_a_page_too():
    from fasterapi.middleware._debugpage import render_html

    assert "ValueError: x" in render_html(ValueError("x"))


def test_a_frame_without_source_has_a_page_too():
    from fasterapi.middleware._debugpage import render_html

    try:
        exec(compile("1 / 0", "<no file>", "exec"))
    except ZeroDivisionError as error:
        assert "&lt;no file&gt;" in render_html(error)


def test_a_websocket_gets_no_http_response(fail, caplog):
    assert fail(ServerErrorMiddleware(failing), type="websocket") == []
    assert caplog.records[0].name == "fasterapi.error"


def test_lifespan_errors_are_not_logged_here(fail, caplog):
    assert fail(ServerErrorMiddleware(failing), type="lifespan") == []
    assert caplog.records == []


def test_success_passes_through(ask, reply):
    assert ask(ServerErrorMiddleware(reply(201, body=b"made"))).status == 201
