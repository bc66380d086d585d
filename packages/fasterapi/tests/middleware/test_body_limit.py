"""No more bytes than the limit are handed on, however they are sent."""

import asyncio

import pytest

from fasterapi.exceptions import HTTPException
from fasterapi.middleware import BodyLimitMiddleware, ExceptionMiddleware, ServerErrorMiddleware
from fasterapi.middleware.body_limit import COUNT_KEY
from fasterapi.requests import Request
from fasterapi.responses import PlainTextResponse


async def echo(scope, receive, send):
    body = b"".join([chunk async for chunk in Request(scope, receive).stream()])
    await PlainTextResponse(str(len(body)))(scope, receive, send)


@pytest.mark.parametrize(
    ("limit", "body", "length", "status"),
    [
        (5, b"12345", "5", 200),
        (5, b"123456", "6", 413),
        (5, [b"123", b"45"], None, 200),
        (5, [b"123", b"456"], None, 413),
        (5, [b"123", b"456"], "1", 413),  # a lie
        (5, b"12345", "nonsense", 200),
        (5, b"123456", "-1", 413),
        (5, b"", "9" * 40, 200),  # no length at all: the bytes are counted
        (0, b"", None, 200),
        (0, b"1", None, 413),
        (None, b"1" * 1000, "1000", 200),
    ],
)
def test_limits(ask, limit, body, length, status):
    headers = {} if length is None else {"Content-Length": length}

    answer = ask(BodyLimitMiddleware(echo, limit), method="POST", body=body, headers=headers)

    assert answer.status == status
    if status == 413:
        assert answer.body == b"Content Too Large"


def test_a_body_that_nobody_reads_is_refused_when_it_is_declared_too_large(ask, reply):
    answer = ask(BodyLimitMiddleware(reply(body=[b"a", b"b"]), 5), headers={"Content-Length": "6"})

    assert (answer.status, answer.body) == (413, b"Content Too Large")


def test_after_the_refusal_the_application_hears_that_the_client_has_gone(ask):
    heard = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        heard.append(await receive())

    ask(BodyLimitMiddleware(app, 5), headers={"Content-Length": "6"})

    assert heard == [{"type": "http.disconnect"}]


def test_an_application_may_answer_the_error_itself(ask):
    async def sorry(request, error):
        return PlainTextResponse(f"sorry: {error.detail}", status_code=error.status_code)

    app = BodyLimitMiddleware(ExceptionMiddleware(echo, {413: sorry}), 5)

    answer = ask(app, body=b"123456", headers={"Content-Length": "6"})

    assert (answer.status, answer.body) == (413, b"sorry: Content Too Large")


def test_an_error_after_the_response_has_begun_is_raised(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    with pytest.raises(HTTPException):
        ask(BodyLimitMiddleware(app, 1), body=b"12")


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "6"}], ids=["streamed", "declared"])
def test_an_application_that_makes_a_500_of_the_error_is_corrected(ask, headers):
    """As other frameworks do, which do not know the exception."""
    app = BodyLimitMiddleware(ServerErrorMiddleware(echo), 5)

    answer = ask(app, body=b"123456", headers=headers)

    assert (answer.status, answer.body) == (413, b"Content Too Large")


@pytest.mark.parametrize(("outer", "inner", "status"), [(1, 10, 200), (10, 1, 413), (1, None, 200)])
@pytest.mark.parametrize("headers", [{}, {"Content-Length": "5"}], ids=["streamed", "declared"])
def test_the_inner_limit_counts(ask, outer, inner, status, headers):
    app = BodyLimitMiddleware(BodyLimitMiddleware(echo, inner), outer)

    assert ask(app, body=b"12345", headers=headers).status == status


def test_what_was_read_outside_counts_inside_too(ask):
    async def reading(scope, receive, send):
        await receive()
        await BodyLimitMiddleware(echo, 3)(scope, receive, send)

    assert ask(BodyLimitMiddleware(reading, 100), body=b"12345").status == 413


def test_the_scope_is_left_as_it_was(new_scope, reply):
    scope = new_scope()

    async def send(message):
        pass

    asyncio.run(BodyLimitMiddleware(reply(), 5)(scope, None, send))

    assert COUNT_KEY not in scope


@pytest.mark.parametrize("size", [-1, True, "10", 1.5])
def test_a_size_is_a_number_of_bytes(size):
    with pytest.raises(ValueError, match="max_body_size"):
        BodyLimitMiddleware(None, size)
