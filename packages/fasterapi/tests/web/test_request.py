"""A request's body in every form, for several readers."""

import asyncio

import pytest

from fasterapi._limits import BodyLimits
from fasterapi.exceptions import ClientDisconnect, HTTPException
from fasterapi.requests import Request

URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
FILE_BODY = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n'
    b'--b\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n--b--\r\n'
)


def run(coroutine):
    return asyncio.run(coroutine)


async def collect(stream):
    return [chunk async for chunk in stream]


def test_a_request_is_made_of_an_http_scope(http_scope):
    with pytest.raises(RuntimeError, match="not 'websocket'"):
        Request({"type": "websocket"})
    assert Request(http_scope("PUT")).method == "PUT"


@pytest.mark.parametrize("use", [lambda r: r.body(), lambda r: r.send_push_promise("/a")])
def test_channels_that_were_not_given(http_scope, use):
    request = Request(http_scope(extensions={"http.response.push": {}}))
    with pytest.raises(RuntimeError, match="channel has not been made available"):
        run(use(request))


def test_a_body_can_be_read_again_in_any_form(make_request):
    async def main():
        request = make_request(body=[b'{"a"', b": 1}"])
        assert await request.body() == b'{"a": 1}'
        assert await request.json() == {"a": 1}
        assert await request.json() is await request.json()
        assert await collect(request.stream()) == [b'{"a": 1}', b""]
        assert await Request(request.scope).body() == b'{"a": 1}'
        assert await collect(Request(request.scope).stream()) == [b'{"a": 1}', b""]

    run(main())


def test_a_stream_gives_the_chunks_as_they_come(make_request):
    assert run(collect(make_request(body=[b"a", b"", b"b"]).stream())) == [b"a", b"b", b""]


def test_a_body_that_was_streamed_is_gone(make_request):
    async def main():
        request = make_request(body=[b"a", b"b"])
        await collect(request.stream())
        with pytest.raises(RuntimeError, match="Stream consumed"):
            await collect(request.stream())
        for reader in (request, Request(request.scope, request.receive)):
            with pytest.raises(RuntimeError, match="the body was streamed before and is gone"):
                await reader.body()

    run(main())


def test_a_stream_can_be_continued_but_half_a_body_is_none(make_request):
    async def main():
        request = make_request(body=[b"a", b"b", b"c"])
        stream = request.stream()
        assert await anext(stream) == b"a"
        with pytest.raises(RuntimeError, match="partly streamed"):
            await request.body()
        assert await collect(request.stream()) == [b"b", b"c", b""]
        await stream.aclose()

    run(main())


@pytest.mark.parametrize(
    "read", [lambda r: r.body(), lambda r: r.json(), lambda r: collect(r.stream()), lambda r: r.form()]
)
def test_a_client_that_leaves_in_mid_body(make_request, read):
    async def main():
        request = make_request(body=[b"a="], then="cut", headers=URLENCODED)
        with pytest.raises(ClientDisconnect):
            await read(request)
        assert await request.is_disconnected()

    run(main())


def test_a_subclass_may_change_the_body(http_scope, receive_from):
    """The way in which FastAPI's documentation decompresses requests."""

    class Upper(Request):
        async def body(self):
            if not hasattr(self, "_body"):
                self._body = (await super().body()).upper()
            return self._body

    async def main():
        request = Upper(http_scope("POST"), receive_from([b'{"a": 1}']))
        assert await request.json() == {"A": 1}
        assert await collect(request.stream()) == [b'{"A": 1}', b""]

    run(main())


def test_limits_come_from_the_scope(make_request):
    limits = BodyLimits(max_body_size=3, max_form_size=3)
    for headers, read in (({}, lambda r: r.body()), (URLENCODED, lambda r: r.form())):
        request = make_request(body=[b"ab", b"cd"], headers=headers, **{"fasterapi.limits": limits})
        with pytest.raises(HTTPException, match="413"):
            run(read_coroutine(read(request)))


async def read_coroutine(awaitable):
    return await awaitable


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        (URLENCODED, b"a=1&a=2", [("a", "1"), ("a", "2")]),
        ({"content-type": "Application/X-WWW-Form-Urlencoded; charset=utf-8"}, b"a=1", [("a", "1")]),
        ({"content-type": "application/json"}, b"a=1", []),
        ({}, b"a=1", []),
    ],
)
def test_a_form_by_its_content_type(make_request, headers, body, expected):
    async def main():
        form = await make_request(body=body, headers=headers).form()
        assert form.multi_items() == expected

    run(main())


def test_a_form_with_a_file(make_request):
    async def main():
        request = make_request(body=FILE_BODY, headers=MULTIPART)
        async with request.form() as form:
            assert await form["f"].read() == b"hello"
            assert form["n"] == "1"
        assert form["f"].file.closed
        assert await Request(request.scope).form() is form

    run(main())


def test_close_closes_the_files_of_the_form(make_request):
    async def main():
        request = make_request(body=FILE_BODY, headers=MULTIPART)
        await request.close()
        form = await request.form()
        await request.close()
        assert form["f"].file.closed

    run(main())


def test_a_form_of_a_body_that_was_read(make_request):
    async def main():
        request = make_request(body=FILE_BODY, headers=MULTIPART)
        await request.body()
        form = await request.form()
        assert form["n"] == "1"
        await form.close()

    run(main())


@pytest.mark.parametrize(
    ("headers", "body", "limits", "status"),
    [
        (URLENCODED, b"a=1&b=2", {"max_fields": 1}, 400),
        (URLENCODED, b"a=12345", {"max_part_size": 5}, 413),
        (MULTIPART, FILE_BODY, {"max_fields": 0}, 400),
        (MULTIPART, FILE_BODY, {"max_files": 0}, 400),
        (MULTIPART, FILE_BODY, {"max_part_size": 0}, 413),
        (MULTIPART, b"nonsense", {}, 400),
        ({"content-type": "multipart/form-data"}, b"", {}, 400),
    ],
)
def test_a_bad_form_is_an_http_error_inside_an_application(make_request, headers, body, limits, status):
    from fasterapi.formparsers import MultiPartException

    async def main():
        with pytest.raises(HTTPException) as caught:
            await make_request(body=body, headers=headers, app=object()).form(**limits)
        assert caught.value.status_code == status
        with pytest.raises(MultiPartException, match=re_escape(caught.value.detail)):
            await make_request(body=body, headers=headers).form(**limits)

    run(main())


def re_escape(text):
    import re

    return re.escape(text)


def test_urlencoded_forms_take_the_limit_of_files_and_ignore_it(make_request):
    async def main():
        assert (await make_request(body=b"a=1", headers=URLENCODED).form(max_files=0))["a"] == "1"

    run(main())


def test_is_disconnected_does_not_wait_and_loses_nothing(make_request):
    async def main():
        request = make_request(body=[b"a", b"b"])
        assert not await request.is_disconnected()
        assert not await request.is_disconnected()
        assert await request.body() == b"ab"
        assert not await request.is_disconnected()
        gone = make_request(body=[], then="disconnect")
        assert await gone.is_disconnected()
        assert await gone.is_disconnected()

    run(main())


@pytest.mark.parametrize("headers", [{"content-length": "2"}, {"transfer-encoding": "chunked"}])
def test_is_disconnected_leaves_a_body_that_is_still_to_come_alone(http_scope, headers):
    """Granian loses the message that a cancelled `receive` was waiting for."""

    async def main():
        chunks = [b"b", b"a"]

        async def receive():
            chunk = chunks.pop()
            await asyncio.sleep(0.001)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        request = Request(http_scope("POST", headers=headers), receive)
        assert not await request.is_disconnected()
        stream = request.stream()
        assert await anext(stream) == b"a"
        assert not await request.is_disconnected()
        assert await anext(stream) == b"b"
        await stream.aclose()

    run(main())


def test_is_disconnected_is_not_swallowed_by_a_cancellation(make_request):
    async def main():
        async def poll():
            request = make_request(body=[])
            while not await request.is_disconnected():
                pass

        task = asyncio.create_task(poll())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_push_promises_and_early_hints_where_the_server_can(http_scope):
    sent = []

    async def send(message):
        sent.append(message)

    async def main(**more):
        headers = {"host": "h", "accept": "text/html", "user-agent": "x"}
        request = Request(http_scope(headers=headers, **more), send=send)
        await request.send_push_promise("/a.css")
        await request.send_early_hints("</a.css>; rel=preload", "</b.css>; rel=preload")

    run(main())
    run(main(extensions=None))
    assert sent == []
    run(main(extensions={"http.response.push": {}, "http.response.early_hint": {}}))
    assert sent == [
        {
            "type": "http.response.push",
            "path": "/a.css",
            "headers": [(b"accept", b"text/html"), (b"user-agent", b"x")],
        },
        {"type": "http.response.early_hint", "links": [b"</a.css>; rel=preload", b"</b.css>; rel=preload"]},
    ]


def test_early_hints_can_not_start_another_header(http_scope):
    request = Request(http_scope(extensions={"http.response.early_hint": {}}))
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        run(request.send_early_hints("a\r\nb: c"))
