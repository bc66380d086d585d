"""A handler is found by status code first, then by the nearest class."""

import functools

import pytest

from fasterapi.exceptions import HTTPException, WebSocketException
from fasterapi.middleware import ExceptionMiddleware, lookup_handler
from fasterapi.responses import PlainTextResponse


class Teapot(HTTPException):
    def __init__(self):
        super().__init__(418)


class Own(LookupError):
    pass


HANDLERS = {404: "404", HTTPException: "http", LookupError: "lookup", Teapot: "teapot"}


@pytest.mark.parametrize(
    ("error", "handler"),
    [
        (HTTPException(404), "404"),
        (HTTPException(400), "http"),
        (Teapot(), "teapot"),  # the nearest class
        (Own(), "lookup"),
        (KeyError(), "lookup"),
        (ValueError(), None),
    ],
)
def test_lookup(error, handler):
    assert lookup_handler(HANDLERS, error) == handler


def test_a_status_code_wins_over_a_class():
    assert lookup_handler({418: "status", Teapot: "class"}, Teapot()) == "status"


def test_a_status_code_is_only_for_http_exceptions():
    error = ValueError()
    error.status_code = 404

    assert lookup_handler(HANDLERS, error) is None


def raising(error):
    async def app(scope, receive, send):
        raise error

    return app


def text(request, error):
    return PlainTextResponse(f"{request.method} {error}", status_code=409)


async def async_text(request, error):
    return text(request, error)


class CallableHandler:
    async def __call__(self, request, error):
        return text(request, error)


@pytest.mark.parametrize(
    "handler",
    [text, async_text, CallableHandler(), functools.partial(async_text)],
    ids=["def", "async def", "object", "partial"],
)
def test_every_kind_of_handler_answers(ask, handler):
    app = ExceptionMiddleware(raising(KeyError("gone")), {LookupError: handler})

    answer = ask(app)

    assert (answer.status, answer.body) == (409, b"GET 'gone'")


def test_handlers_can_be_added_later(ask):
    app = ExceptionMiddleware(raising(HTTPException(402)))
    app.add_exception_handler(402, text)

    assert ask(app).status == 409


def test_http_exceptions_are_answered_by_their_detail(ask):
    app = ExceptionMiddleware(raising(HTTPException(401, "no", headers={"WWW-Authenticate": "Bearer"})))

    answer = ask(app)

    assert (answer.status, answer.body) == (401, b"no")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_get_none(ask, status):
    answer = ask(ExceptionMiddleware(raising(HTTPException(status))))

    assert (answer.status, answer.body) == (status, b"")


def test_an_error_without_a_handler_goes_on(ask):
    with pytest.raises(KeyError):
        ask(ExceptionMiddleware(raising(KeyError())))


def test_a_handled_error_after_the_start_is_an_error(ask):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise HTTPException(404)

    with pytest.raises(RuntimeError, match="has already begun") as caught:
        ask(ExceptionMiddleware(app))

    assert isinstance(caught.value.__cause__, HTTPException)


def test_websocket_exceptions_close_the_websocket(ask):
    async def app(scope, receive, send):
        raise WebSocketException(1008, "policy")

    answer = ask(ExceptionMiddleware(app), type="websocket")

    assert answer.messages == [{"type": "websocket.close", "code": 1008, "reason": "policy"}]
