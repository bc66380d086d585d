"""Bodies: lengths that are none, a crowd of chunks, compressed bombs, and JSON that nobody should send."""

import gzip
import json
import zlib

import pytest

from fasterapi.middleware.decompression import DecompressionMiddleware

JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("path", ["/json", "/form", "/field", "/upload"])
@pytest.mark.parametrize(
    "length",
    ["-1", "+1", "0x10", str(10**20), "1_0", "1e3", "5, 5", "", " 5", "\N{ARABIC-INDIC DIGIT THREE}"],
)
def test_a_content_length_that_is_no_number_is_400__CVE_2026_53540(call, app, path, length):
    """hypercorn #284 as well: what a server lets pass must not reach arithmetic."""
    kind = {"/json": "application/json", "/upload": "multipart/form-data; boundary=b"}
    kind = kind.get(path, "application/x-www-form-urlencoded")
    headers = [(b"content-type", kind.encode()), (b"content-length", length.encode())]
    answer = call(with_raw_headers(app, headers), "POST", path, body=[b"{", b"}"])
    assert answer.status == 400
    assert b"Invalid Content-Length" in answer.body


def test_a_json_body_that_came_whole_has_the_length_that_it_has__CVE_2026_53540(call, app):
    """The header is not looked at, so it cannot lead anybody astray: not to 10 bytes, and not to -1."""
    for length in (b"-1", b"1", b"100"):
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        assert call(with_raw_headers(app, headers), "POST", "/json", body=b'{"a": 1}').body == b'{"a":1}'


@pytest.mark.parametrize("path", ["/json", "/form", "/upload"])
def test_a_body_that_says_it_is_too_large_is_not_waited_for__CVE_2026_53540(call, app, path):
    kind = {"/json": "application/json", "/upload": "multipart/form-data; boundary=b"}
    kind = kind.get(path, "application/x-www-form-urlencoded")
    headers = [(b"content-type", kind.encode()), (b"content-length", b"9" * 18)]
    assert call(with_raw_headers(app, headers), "POST", path, body=[b"{"], then="cut").status == 413


def with_raw_headers(app, headers):
    async def changed(scope, receive, send):
        await app({**scope, "headers": headers}, receive, send)

    return changed


@pytest.mark.parametrize("path", ["/json", "/form"])
def test_a_million_chunks_of_one_byte_are_joined_once__CVE_2025_69229(call, app, path):
    """Joining what there is with each new byte would copy half a terabyte."""
    left = 1_000_000
    sent = []

    async def receive():
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": b" " if path == "/json" else b"a", "more_body": left > 0}

    async def fed(scope, _, send):
        async def note(message):
            sent.append(message)
            await send(message)

        await app(scope, receive, note)

    kind = "application/json" if path == "/json" else "application/x-www-form-urlencoded"
    answer = call(fed, "POST", path, headers={"content-type": kind})
    assert answer.status in {200, 422}
    assert left == 0


def test_chunks_without_an_end_are_cut_off_at_the_limit__CVE_2025_69229(call, app):
    received = 0

    async def receive():
        nonlocal received
        received += 1
        assert received < 1000
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    async def fed(scope, _, send):
        await app(scope, receive, send)

    assert call(fed, "POST", "/json", headers=JSON).status == 413
    assert received == 16 * 2**20 // 65_536 + 1


@pytest.mark.parametrize("path", ["/json", "/field"])
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_a_compressed_body_is_not_inflated__CVE_2025_66471__CVE_2025_69223__GHSA_xvfx_w463_6fpp(
    call, app, path, coding
):
    """64 MiB in 64 KiB: by default nothing here inflates what a client sent."""
    kind = "application/json" if path == "/json" else "application/x-www-form-urlencoded"
    bomb = gzip.compress(b" " * 64 * 2**20)
    assert len(bomb) < 100_000
    answer = call(app, "POST", path, headers={"content-type": kind, "content-encoding": coding}, body=bomb)
    assert answer.status in {200, 400, 415, 422}
    assert len(answer.body) < 10 * len(bomb)
    assert b" " * 100 not in answer.body


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_where_bodies_are_inflated_a_bomb_is_cut_off__CVE_2025_66471__CVE_2025_69223__GHSA_xvfx_w463_6fpp(
    call, app, coding
):
    """What counts is what comes out, and reading stops there."""
    bomb = (gzip.compress if coding == "gzip" else zlib.compress)(b" " * 64 * 2**20)
    headers = {**JSON, "content-encoding": coding}
    answer = call(DecompressionMiddleware(app), "POST", "/json", headers=headers, body=bomb)
    assert answer.status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "",
        "text/json",
    ],
)
def test_json_that_a_page_may_send_without_asking_is_no_json__CVE_2021_32677(call, app, content_type):
    """A form of another site cannot pose as JSON: what is sent without a preflight is not read."""
    answer = call(app, "POST", "/object", headers={"content-type": content_type}, body=b'{"a": 1}')
    assert answer.status in {400, 415, 422}


def test_json_without_any_content_type_is_no_json__CVE_2021_32677(call, app):
    assert call(app, "POST", "/object", body=b'{"a": 1}').status == 422


HOSTILE = {
    "bad UTF-8": b'{"a": "\xff"}',
    "a lone surrogate": b'{"a": "\\ud800"}',
    "half a surrogate pair": b'{"a": "\\ud800\\u0041"}',
    "deep lists": b"[" * 200_000,
    "deep lists that end": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "a number beyond all": b'{"a": 1e999}',
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a NUL": b'{"a": "\x00"}',
    "cut": b'{"a": "b',
    "two values": b"1 2",
    "a comma too many": b"[1,]",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_json_that_is_none_is_4xx(call, app, body):
    answer = call(app, "POST", "/json", headers=JSON, body=body)
    assert 400 <= answer.status < 500
    assert len(answer.body) < 2000
    assert json.loads(answer.body)["detail"]


def test_a_huge_integer_is_answered(call, app):
    answer = call(app, "POST", "/json", headers=JSON, body=b"9" * 1_000_000)
    assert answer.status in {200, 400, 422}
