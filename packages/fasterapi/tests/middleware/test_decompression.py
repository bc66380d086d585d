"""Encoded request bodies arrive decoded, whole and within limits, or not at all."""

import asyncio
import gzip
import json
import tracemalloc
import zlib

import pytest

from fasterapi import Faster, Request
from fasterapi.middleware import Middleware
from fasterapi.middleware._decodings import MAX_MEMBERS, find_decoders
from fasterapi.middleware._encodings import find_encoders
from fasterapi.middleware.decompression import DecompressionMiddleware
from fasterapi.testclient import TestClient

TEXT = json.dumps([{"id": number, "name": f"name {number}"} for number in range(3000)]).encode()
CODINGS = sorted(find_decoders())


def raw_deflate(data):
    stream = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(data) + stream.flush()


def encoded(coding, data=TEXT):
    if coding == "deflate":
        return zlib.compress(data)
    return find_encoders()[coding](3)(data, True)


async def echo(scope, receive, send):
    """Answers with the body, and with the header names that were left."""
    pieces, more = [], True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        assert len(message["body"]) <= 128 * 1024
        pieces.append(message["body"])
        more = message["more_body"]
    names = b",".join(name for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"names", names)]})
    await send({"type": "http.response.body", "body": b"".join(pieces)})


def chunks(data, size):
    return [data[start : start + size] for start in range(0, len(data), size)] or [b""]


def post(ask, body, coding, *, size=64 * 1024, app=echo, **options):
    headers = {"Content-Encoding": coding, "Content-Length": str(len(body)), "X-Other": "1"}
    return ask(
        DecompressionMiddleware(app, **options), method="POST", headers=headers, body=chunks(body, size)
    )


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_body_arrives_decoded_however_it_is_cut(ask, coding, size):
    answer = post(ask, encoded(coding), coding, size=size)
    assert (answer.status, answer.body) == (200, TEXT)
    assert answer.headers["names"] == "x-other"


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("x-gzip", gzip.compress(TEXT)),
        ("GZip", gzip.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("gzip, deflate", zlib.compress(gzip.compress(TEXT))),
        ("identity, gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("gzip", gzip.compress(b"") + gzip.compress(TEXT)),
        *(
            (coding, encoded(coding, TEXT[:9]) + encoded(coding, TEXT[9:]))
            for coding in CODINGS
            if coding == "zstd"
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 1 << 20])
def test_spellings_chains_and_members(ask, header, body, size):
    answer = post(ask, body, header, size=size)
    assert (answer.status, answer.body) == (200, TEXT)


@pytest.mark.parametrize("coding", CODINGS)
def test_an_empty_body_is_empty(ask, coding):
    assert post(ask, encoded(coding, b""), coding).body == b""
    assert post(ask, b"", coding).status == 200  # a client that sets the header on every request


@pytest.mark.parametrize("size", [1, 1 << 20])
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda body: body[:-1],
        lambda body: body[: len(body) // 2],
        lambda body: body + b"x",
        lambda body: body + body[:1],
        lambda body: b"\xff" + body,
        lambda body: b"plain text",
    ],
    ids=[
        "cut at the end",
        "cut in the middle",
        "garbage behind",
        "begun again",
        "garbage before",
        "no coding",
    ],
)
def test_what_is_no_such_coding_is_refused(ask, coding, spoil, size):
    answer = post(ask, spoil(encoded(coding)), coding, size=size)
    assert (answer.status, answer.body) == (400, b"Malformed Content-Encoding")


@pytest.mark.parametrize("header", ["compress", "gzip, unknown", "gzip, gzip, gzip", "gzip;q=1", "br x"])
def test_other_codings_are_refused_with_those_that_there_are(ask, header):
    answer = post(ask, b"", header, encodings=["gzip", "deflate"])
    assert answer.status == 415
    assert answer.headers["accept-encoding"] == "gzip, deflate"


def test_too_many_members_are_refused(ask):
    answer = post(ask, gzip.compress(b"") * (MAX_MEMBERS + 1), "gzip")
    assert answer.status == 400


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"max_body_size": len(TEXT)}, 200),
        ({"max_body_size": len(TEXT) - 1}, 413),
        ({"max_body_size": 0}, 413),
        ({"max_body_size": None, "max_ratio": 1.5}, 200),
    ],
)
def test_the_limit_is_on_the_decoded_size(ask, coding, options, status):
    assert post(ask, encoded(coding), coding, **options).status == status


def bomb(coding, size=64 * 1024 * 1024):
    encode = None if coding == "deflate" else find_encoders()[coding](3)
    stream = zlib.compressobj()
    body = b""
    zeros = bytes(1024 * 1024)
    for number in range(size // len(zeros)):
        is_last = number == size // len(zeros) - 1
        body += stream.compress(zeros) if encode is None else encode(zeros, is_last)
    return body + (stream.flush() if encode is None else b"")


@pytest.mark.parametrize("coding", CODINGS)
def test_a_bomb_is_refused_in_constant_memory(coding):
    body = bomb(coding)
    read = 0

    async def count(scope, receive, send):
        nonlocal read
        while True:
            message = await receive()
            read += len(message["body"])
            if not message["more_body"]:
                break

    async def run(**options):
        sent = []

        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "headers": [(b"content-encoding", coding.encode())]}
        await DecompressionMiddleware(count, max_body_size=None, **options)(scope, receive, send)
        return sent

    tracemalloc.start()
    try:
        assert asyncio.run(run())[0]["status"] == 413
        assert read <= 3 * 1024 * 1024 + 100 * len(body)
        assert asyncio.run(run(max_ratio=None)) == []
        assert tracemalloc.get_traced_memory()[1] < 2 * 1024 * 1024 + len(body)
    finally:
        tracemalloc.stop()
    assert read > 64 * 1024 * 1024


def test_a_bomb_in_a_bomb_is_one(ask):
    body = gzip.compress(bomb("gzip"))
    assert post(ask, body, "gzip, gzip").status == 413


@pytest.fixture
def client():
    app = Faster(middleware=[Middleware(DecompressionMiddleware, max_body_size=1000)])

    @app.post("/json")
    async def read(item: dict[str, int]):
        return item

    @app.post("/limited", max_body_size=10)
    async def limited(item: dict[str, int]):
        return item

    @app.post("/stream")
    async def stream(request: Request):
        return [len(chunk) async for chunk in request.stream()]

    @app.exception_handler(413)
    async def too_large(request, error):
        from fasterapi.responses import PlainTextResponse

        return PlainTextResponse("mine", status_code=413)

    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "data", "status", "body"),
    [
        ("/json", gzip.compress(b'{"a": 1}'), 200, '{"a":1}'),
        ("/stream", gzip.compress(b"x" * 500), 200, "[500,0]"),
        ("/json", b"garbage", 400, '{"detail":"Malformed Content-Encoding"}'),
        ("/json", gzip.compress(b" " * 1001), 413, "mine"),
        ("/limited", gzip.compress(b'{"a":       1}'), 413, "mine"),
    ],
)
def test_applications_read_and_answer_as_ever(client, path, data, status, body):
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    response = client.post(path, content=data, headers=headers)
    assert (response.status_code, response.text) == (status, body)


def test_an_error_after_the_start_of_the_response_is_not_answered_again(ask):
    async def early(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    with pytest.raises(Exception, match="Malformed"):
        post(ask, b"garbage", "gzip", app=early)


def test_a_client_that_leaves_is_seen():
    seen = []

    async def app(scope, receive, send):
        seen.append(await receive())

    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "headers": [(b"content-encoding", b"gzip")]}
    asyncio.run(DecompressionMiddleware(app)(scope, receive, None))
    assert seen == [{"type": "http.disconnect"}]


def test_the_disconnect_comes_after_the_body(ask):
    async def app(scope, receive, send):
        while (await receive())["more_body"]:
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body"})
        assert (await receive())["type"] == "http.disconnect"

    assert post(ask, gzip.compress(b"x"), "gzip", app=app).status == 200


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"encodings": ["lzma"]}, "no safe decoder for 'lzma'"),
        ({"encodings": "gzip"}, "encodings is a list"),
        ({"max_body_size": -1}, "max_body_size"),
        ({"max_ratio": 0}, "must be positive"),
        ({"max_codings": 0}, "must be positive"),
    ],
)
def test_options_that_cannot_be_meant_are_errors(options, text):
    with pytest.raises(ValueError, match=text):
        DecompressionMiddleware(echo, **options)


def test_without_the_libraries_there_are_gzip_and_deflate(monkeypatch):
    from fasterapi.middleware import _decodings

    monkeypatch.setattr(_decodings, "first_module", lambda *names: None)
    assert sorted(find_decoders()) == ["deflate", "gzip"]
    monkeypatch.setattr(
        _decodings, "first_module", lambda name, other: _OldBrotli if name == "brotli" else None
    )
    assert sorted(find_decoders()) == ["deflate", "gzip"]


class _OldBrotli:
    class Decompressor:
        """Gives out everything at once."""
