"""A form is read part by part while it arrives; nothing of it is kept."""

import asyncio
import tracemalloc

import pytest

from fasterapi import Faster, Request
from fasterapi.exceptions import ClientDisconnect
from fasterapi.formparsers import MultiPartException
from fasterapi.testclient import TestClient

HEADERS = {"content-type": "multipart/form-data; boundary=b"}
END = b"--b--\r\n"


def part(disposition, data, extra=b""):
    return b"--b\r\nContent-Disposition: form-data; %b\r\n%b\r\n%b\r\n" % (disposition.encode(), extra, data)


FORM = (
    part('name="title"', "Grüße".encode())
    + part('name="file"; filename="../a.png"', b"x" * 1000, b"Content-Type: image/png\r\n")
    + part('name="empty"; filename=""', b"")
    + part('name="title"', b"again")
    + END
)


def request_of(chunks, headers=HEADERS, then=None):
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1 or then is not None}
        for place, chunk in enumerate(chunks)
    ]

    async def receive():
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": pairs}, receive)


def cut(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
def test_parts_arrive_in_order_however_the_body_is_cut(size):
    async def read():
        return [
            (part.name, part.filename, part.content_type, await part.read())
            async for part in request_of(cut(FORM, size)).parts()
        ]

    assert asyncio.run(read()) == [
        ("title", None, None, "Grüße".encode()),
        ("file", "../a.png", "image/png", b"x" * 1000),
        ("empty", "", None, b""),
        ("title", None, None, b"again"),
    ]


@pytest.mark.parametrize("size", [1, 64, 10_000])
def test_what_is_not_read_is_skipped(size):
    async def read():
        seen = []
        async for part in request_of(cut(FORM, size)).parts():
            seen.append(part.name)
            if part.name == "file":
                async for _ in part:
                    break
        return seen

    assert asyncio.run(read()) == ["title", "file", "empty", "title"]


def test_a_part_begins_before_it_has_arrived():
    """The handler may refuse a file before its bytes are there."""

    async def read():
        messages = [{"type": "http.request", "body": FORM[:120], "more_body": True}]
        request = request_of([])

        async def receive():
            return messages.pop(0)

        request._receive = receive
        async for part in request.parts():
            return part.name

    assert asyncio.run(read()) == "title"


def test_texts_are_decoded():
    async def read():
        return [await part.text() async for part in request_of([FORM]).parts() if part.filename is None]

    assert asyncio.run(read()) == ["Grüße", "again"]


def test_a_part_that_is_over_is_empty_and_one_that_is_gone_an_error():
    async def read():
        parts = []
        async for part in request_of([FORM]).parts():
            if part.name == "title":
                await part.read()
                assert await part.read() == b""
            parts.append(part)
        with pytest.raises(RuntimeError, match="part 'file' is gone"):
            await parts[1].read()
        assert repr(parts[1]) == "Part(name='file', filename='../a.png')"

    asyncio.run(read())


BROKEN = [
    ([FORM[:-6]], HEADERS, 400),
    ([FORM[:300]], HEADERS, 400),
    ([b"garbage"], HEADERS, 400),
    ([part('nothing="x"', b"") + END], HEADERS, 400),
    ([FORM], {"content-type": "multipart/form-data"}, 400),
    ([FORM], {"content-type": "application/json"}, 415),
    ([FORM], {}, 415),
    ([part('name="a"', b"") * 4 + END], HEADERS, 400),
    ([part('name="a"', b"x" * 2000) + END], HEADERS, 413),
]


@pytest.mark.parametrize("size", [16, 10_000])
@pytest.mark.parametrize(("body", "headers", "status"), BROKEN)
def test_broken_forms_are_refused(body, headers, status, size):
    async def read():
        request = request_of(cut(b"".join(body), size), headers)
        async for part in request.parts(max_parts=3 if b'"a"' in body[0] else None):
            await part.read(1500)

    with pytest.raises(MultiPartException) as caught:
        asyncio.run(read())
    assert caught.value.status_code == status


@pytest.mark.parametrize(("body", "headers", "status"), BROKEN)
def test_applications_answer_so_too(body, headers, status):
    app = Faster(form_limits={"max_fields": 3 if b'"a"' in body[0] else 100, "max_part_size": 1500})

    @app.post("/parts")
    async def parts(request: Request):
        return [len(await part.read()) async for part in request.parts()]

    response = TestClient(app).post("/parts", content=b"".join(body), headers=headers)
    assert response.status_code == status


def test_a_client_that_leaves_in_mid_body_is_an_error():
    async def read():
        async for part in request_of([FORM[:300]], then="gone").parts():
            await part.read()

    with pytest.raises(ClientDisconnect):
        asyncio.run(read())


def test_memory_does_not_grow_with_the_form():
    size = 50

    async def read():
        head = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
        chunk = bytes(256 * 1024)
        left = [head, *[chunk] * size * 4, b"\r\n" + END]
        left.reverse()

        async def receive():
            return {"type": "http.request", "body": left.pop(), "more_body": bool(left)}

        request = request_of([])
        request._receive = receive
        total = 0
        async for part in request.parts():
            async for data in part:
                total += len(data)
        return total

    tracemalloc.start()
    try:
        assert asyncio.run(read()) == size * 1024 * 1024
        assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    finally:
        tracemalloc.stop()
