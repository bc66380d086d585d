"""Bodies and forms: what both libraries read from the same messages."""

import asyncio

import pytest

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def part(disposition, data, *headers):
    lines = [f"Content-Disposition: form-data; {disposition}".encode("latin-1"), *headers]
    return b"--b\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + data + b"\r\n"


END = b"--b--\r\n"


@pytest.fixture
def read(http_scope, receive_from):
    def ask(library, use, body, content_type=None, then="wait"):
        headers = {"content-type": content_type} if content_type else {}
        chunks = [body] if isinstance(body, bytes) else body

        async def main():
            request = library.requests.Request(
                http_scope("POST", headers=headers), receive_from(chunks, then)
            )
            return await use(request)

        return asyncio.run(main())

    return ask


async def body_then_stream(request):
    return await request.body(), [chunk async for chunk in request.stream()], await request.body()


async def stream_then_stream(request):
    return [chunk async for chunk in request.stream()], [chunk async for chunk in request.stream()]


async def stream_then_body(request):
    return [chunk async for chunk in request.stream()], await request.body()


async def stream_then_form(request):
    return [chunk async for chunk in request.stream()], await form(request)


async def form_then_body(request):
    return await form(request), await request.body()


async def body_then_form(request):
    return await request.body(), await form(request)


async def form(request):
    async with request.form() as data:
        items = []
        for name, value in data.multi_items():
            if not isinstance(value, str):
                value = (
                    value.filename,
                    value.size,
                    value.content_type,
                    await value.read(),
                    dict(value.headers),
                )
            items.append((name, value))
        return items


READERS = [
    lambda request: request.body(),
    lambda request: request.json(),
    body_then_stream,
    stream_then_stream,
    stream_then_body,
    stream_then_form,
    form_then_body,
    body_then_form,
    lambda request: request.is_disconnected(),
]


@pytest.mark.parametrize("use", READERS)
@pytest.mark.parametrize("body", [b"", b'{"a": 1}', [b'{"a"', b"", b": 1}"], b"nonsense"])
@pytest.mark.parametrize("then", ["wait", "cut"])
def test_bodies(agree, read, use, body, then):
    agree(read, use, body, URLENCODED, then)


FORMS = [
    (URLENCODED, b""),
    (URLENCODED, b"a=1&b=2&a=3"),
    (URLENCODED, b"a=x+y%2B%C3%BC&b=%FF&c=%zz"),
    (URLENCODED, b"a&b=&c=1=2&&"),
    (URLENCODED, b"a=1;b=2"),
    ("application/x-www-form-urlencoded; charset=utf-8", b"a=1"),
    ("APPLICATION/X-WWW-FORM-URLENCODED", b"a=1"),
    ("text/plain", b"a=1"),
    ("application/json", b"{}"),
    (None, b"a=1"),
    (MULTIPART, part('name="a"', b"1") + part('name="a"', b"2") + END),
    (
        MULTIPART,
        part('name="f"; filename="a.txt"', b"hello", b"Content-Type: text/plain", b"X-Other: 1") + END,
    ),
    (MULTIPART, part('name="f"; filename=""', b"") + END),
    (MULTIPART, part('name="f"; filename="big"', b"x" * (2**20 + 10)) + part('name="n"', b"1") + END),
    (MULTIPART, part("name=\"f\"; filename*=utf-8''x", b"data") + END),
    (MULTIPART, part('name="f"; filename="C:\\a\\b.txt"', b"data") + END),
    (MULTIPART, part('name="f"; filename="\xc3\xbc;x.txt"', b"data") + END),
    (MULTIPART, part('name="a\\"b"', b"1") + END),
    (MULTIPART, part("name=a", b"1") + END),
    (MULTIPART, part('name="a"', "ü".encode()) + END),
    (MULTIPART, part('name="a"', b"\xfc") + END),
    (MULTIPART + "; charset=latin-1", part('name="a"', b"\xfc") + END),
    (MULTIPART + "; charset=nonsense", part('name="a"', b"\xfc") + END),
    (MULTIPART, b"\r\n" + part('name="a"', b"1") + END + b"epilogue"),
    ('multipart/form-data; boundary="b"', part('name="a"', b"1") + END),
    ("Multipart/Form-Data; Boundary=b", part('name="a"', b"1") + END),
    ("multipart/form-data", END),
    (MULTIPART, b"nonsense"),
    (MULTIPART, b"--c\r\n\r\n"),
    (MULTIPART, part('filename="x"', b"") + END),
    (MULTIPART, b"--b\r\n\r\nx\r\n" + END),
    (MULTIPART, part('name="a"', b"", *([b"x: y"] * 20)) + END),
    ("multipart/mixed; boundary=b", part('name="a"', b"1") + END),
]


@pytest.mark.parametrize(("content_type", "body"), FORMS)
@pytest.mark.parametrize("size", [None, 11])
def test_forms(agree, read, content_type, body, size):
    if size is not None:
        size = max(size, len(body) // 50)
        body = [body[place : place + size] for place in range(0, len(body), size)] or [b""]
    agree(read, form, body, content_type)


@pytest.mark.parametrize(
    ("content_type", "body", "limits"),
    [
        (URLENCODED, b"a=1&b=2&c=3", {"max_fields": 3}),
        (URLENCODED, b"a=1&b=2&c=3", {"max_fields": 2}),
        (URLENCODED, b"a=" + b"x" * 20, {"max_part_size": 21}),
        (URLENCODED, b"a=" + b"x" * 20, {"max_part_size": 20}),
        (MULTIPART, part('name="a"', b"1") * 3 + END, {"max_fields": 3}),
        (MULTIPART, part('name="a"', b"1") * 3 + END, {"max_fields": 2}),
        (MULTIPART, part('name="a"; filename="x"', b"1") * 3 + END, {"max_files": 3}),
        (MULTIPART, part('name="a"; filename="x"', b"1") * 3 + END, {"max_files": 2}),
        (MULTIPART, part('name="a"', b"x" * 20) + END, {"max_part_size": 20}),
        (MULTIPART, part('name="a"', b"x" * 20) + END, {"max_part_size": 19}),
        (MULTIPART, part('name="a"; filename="x"', b"x" * 20) + END, {"max_part_size": 1}),
    ],
)
def test_limits_of_forms(agree, libraries, http_scope, receive_from, content_type, body, limits):
    def ask(library):
        async def main():
            request = library.requests.Request(
                http_scope("POST", headers={"content-type": content_type}), receive_from([body])
            )
            async with request.form(**limits) as data:
                return [name for name, _ in data.multi_items()]

        try:
            return asyncio.run(main())
        except library.formparsers.MultiPartException as error:
            return error.message

    agree(ask)
