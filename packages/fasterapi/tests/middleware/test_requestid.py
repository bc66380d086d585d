"""Every request has an id, the client's own if it is harmless, and everybody can read it."""

import asyncio
import contextvars
import logging
import types

import pytest

from fasterapi import Depends, Faster, Request, Response, WebSocket
from fasterapi.middleware.requestid import RequestIDFilter, RequestIDMiddleware, current_request_id
from fasterapi.testclient import TestClient

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
NEW = "made-here"


def application(**options):
    app = Faster()
    app.add_middleware(RequestIDMiddleware, **{"make_id": lambda: NEW, **options})

    @app.get("/")
    async def show(request: Request) -> list[str | None]:
        return [request.state.request_id, current_request_id()]

    @app.get("/sync")
    def sync(request: Request, depended: str | None = Depends(current_request_id)) -> list[str | None]:
        return [depended, current_request_id()]

    @app.get("/own")
    async def own() -> Response:
        return Response("", headers={"x-request-id": "the handler's"})

    @app.websocket("/live")
    async def live(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(websocket.state.request_id)
        await websocket.close()

    return app


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, NEW),
        ({"X-Request-ID": "abc-123"}, "abc-123"),
        (
            {"X-Request-ID": "Root=1-67891233-abcdef012345678912345678"},
            "Root=1-67891233-abcdef012345678912345678",
        ),
        ({"X-Request-ID": "a" * 128}, "a" * 128),
        ({"X-Request-ID": "a" * 129}, NEW),
        ({"X-Request-ID": ""}, NEW),
        ({"X-Request-ID": "a b"}, NEW),
        ({"X-Request-ID": 'a"b'}, NEW),
        ({"X-Request-ID": "a\x1b[31m"}, NEW),
        ({"X-Request-ID": "é"}, NEW),
        ({"X-Request-ID": "-a"}, NEW),
        ({"X-Request-ID": "a\n"}, NEW),
        ({"traceparent": PARENT}, TRACE),
        ({"traceparent": f"cc-{TRACE}-b7ad6b7169203331-01-what-the-future-will-be"}, TRACE),
        ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01", "X-Request-ID": "mine"}, "mine"),
        ({"traceparent": PARENT, "X-Request-ID": "not valid"}, TRACE),
        ({"traceparent": f"ff-{TRACE}-b7ad6b7169203331-01"}, NEW),
        ({"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"}, NEW),
        ({"traceparent": f"00-{TRACE}-{'0' * 16}-01"}, NEW),
        ({"traceparent": f"00-{TRACE.upper()}-b7ad6b7169203331-01"}, NEW),
        ({"traceparent": f"00-{TRACE[:-1]}-b7ad6b7169203331-01"}, NEW),
    ],
)
def test_the_id_is_the_requests_own_or_its_traces_or_a_new_one(ask, headers, expected):
    seen = []

    async def app(scope, receive, send):
        seen.append((scope["state"]["request_id"], current_request_id()))
        await Response("")(scope, receive, send)

    answer = ask(RequestIDMiddleware(app, make_id=lambda: NEW), headers=headers)
    assert seen == [(expected, expected)]
    assert answer.headers["x-request-id"] == expected


def test_nothing_of_the_request_is_taken_without_trust(ask):
    app = RequestIDMiddleware(Response(""), make_id=lambda: NEW, trust_incoming=False)
    answer = ask(app, headers={"x-request-id": "mine", "traceparent": PARENT})
    assert answer.headers["x-request-id"] == NEW


def test_new_ids_are_32_hexadecimal_digits_and_differ(ask):
    ids = {ask(RequestIDMiddleware(Response(""))).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(len(value) == 32 and int(value, 16) >= 0 for value in ids)


@pytest.mark.parametrize("path", ["/", "/sync"])
def test_handlers_and_dependencies_see_the_id_on_the_loop_and_in_threads(path):
    response = TestClient(application()).get(path, headers={"x-request-id": "mine"})
    assert response.json() == ["mine", "mine"]
    assert response.headers["x-request-id"] == "mine"


def test_an_unhandled_error_is_answered_and_logged_with_the_id(caplog):
    app = application()

    @app.get("/fails")
    async def fails() -> None:
        raise LookupError

    added = RequestIDFilter()
    caplog.handler.addFilter(added)  # which all tests share
    response = TestClient(app, raise_server_exceptions=False).get("/fails", headers={"x-request-id": "mine"})
    caplog.handler.removeFilter(added)
    assert (response.status_code, response.headers["x-request-id"]) == (500, "mine")
    assert [record.request_id for record in caplog.records if record.name == "fasterapi.error"] == ["mine"]


def test_an_id_that_the_handler_has_set_stays():
    response = TestClient(application()).get("/own")
    assert response.headers.get_list("x-request-id") == ["the handler's"]


def test_another_header_can_carry_it():
    client = TestClient(application(header="X-Correlation-ID"))
    response = client.get("/", headers={"x-correlation-id": "mine", "x-request-id": "other"})
    assert response.headers["x-correlation-id"] == "mine"
    assert "x-request-id" not in response.headers


def test_a_websocket_has_an_id_too():
    with TestClient(application()).websocket_connect("/live", headers={"x-request-id": "mine"}) as websocket:
        assert websocket.receive_text() == "mine"


def test_requests_at_the_same_time_do_not_see_each_others_ids(new_scope):
    seen = {}

    async def main():
        barrier = asyncio.Barrier(2)

        async def app(scope, receive, send):
            before = current_request_id()
            await barrier.wait()
            seen[before] = current_request_id()

        ask = RequestIDMiddleware(app)
        scopes = [new_scope(headers={"x-request-id": name}) for name in ("a", "b")]
        await asyncio.gather(*(ask(scope, None, None) for scope in scopes))
        assert current_request_id() is None

    asyncio.run(main())
    assert seen == {"a": "a", "b": "b"}


def test_a_request_that_a_server_closes_from_outside_ends_without_an_error(new_scope):
    @types.coroutine
    def waiting():
        yield

    async def app(scope, receive, send):
        await waiting()

    coroutine = RequestIDMiddleware(app)(new_scope(), None, None)
    contextvars.copy_context().run(coroutine.send, None)
    coroutine.close()


def test_the_filter_adds_the_id_to_records_of_all_loggers_below_its_handler(ask):
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(record.request_id)

    handler = Keep()
    handler.addFilter(RequestIDFilter())
    logger = logging.getLogger("tests.requestid")
    logger.addHandler(handler)

    async def app(scope, receive, send):
        logging.getLogger("tests.requestid.deep").warning("inside")
        logger.warning("own", extra={"request_id": "own"})
        await Response("")(scope, receive, send)

    try:
        ask(RequestIDMiddleware(app), headers={"x-request-id": "mine"})
        logger.warning("outside")
    finally:
        logger.removeHandler(handler)
    assert records == ["mine", "own", "-"]


@pytest.mark.parametrize("header", ["", "a b", "a:b", "é", "a\n"])
def test_a_header_that_cannot_be_is_refused_at_once(header):
    with pytest.raises(ValueError, match="no name of a header"):
        RequestIDMiddleware(None, header=header)
