"""Published weaknesses of other frameworks that no rule of one module covers: each input must be cheap, and answered.

Quadratic work on these inputs would take minutes: the time-out of the test run is the bound, no clock is read. The
advisories about one module stand in its own test file, with their numbers.
"""

import asyncio

import pytest

from fasterapi.datastructures import Headers
from fasterapi.exceptions import WebSocketException
from fasterapi.formparsers import FormParser, MultiPartException, MultiPartParser, parse_options_header
from fasterapi.requests import Request, parse_cookies, parse_query_first, parse_query_multi
from fasterapi.responses import FileResponse
from fasterapi.sse import format_sse_event
from fasterapi.staticfiles import StaticFiles
from fasterapi.websockets import WebSocket

MIB = 2**20


async def stream(*chunks):
    for chunk in chunks:
        yield chunk


def multipart(*chunks):
    headers = Headers({"content-type": "multipart/form-data; boundary=b"})
    return asyncio.run(MultiPartParser(headers, stream(*chunks)).parse())


@pytest.mark.parametrize(
    "filler", [b"\r\n" * (5 * MIB), b"\r" * (2 * MIB), b"\n" * (2 * MIB), b"-" * (2 * MIB)]
)
def test_a_long_preamble(filler):
    """CVE-2026-40347, CVE-2024-53981: megabytes before the first boundary."""
    try:
        assert multipart(filler, b"--b--\r\n").multi_items() == []
    except MultiPartException as error:
        assert error.status_code == 400


def test_a_long_epilogue():
    """CVE-2026-40347: megabytes behind the last boundary."""
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
    assert multipart(part, *([b"\r\n" * 32768] * 100)).multi_items() == [("a", "1")]


def test_almost_a_boundary_everywhere():
    part = b'--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\n'
    form = multipart(part, b"\r\n--" * MIB, b"\r\n--b--\r\n")
    assert form["a"].size == 4 * MIB
    asyncio.run(form.close())


@pytest.mark.parametrize(
    "value",
    [
        "multipart/form-data; " + ";" * MIB,
        'multipart/form-data; a="' + ";" * MIB,
        'multipart/form-data; a="' + '\\"' * MIB,
        'multipart/form-data; a="' + "\\" * MIB,
        "multipart/form-data; " + "a=b; " * (MIB // 4),
        "multipart/form-data; a=" + " " * MIB + "x",
        " " * MIB + "multipart/form-data",
    ],
    ids=lambda value: repr(value[20:30]),
)
def test_options_of_a_long_header(value):
    """CVE-2024-24762, CVE-2026-28356: no regular expression, no searching from the start again."""
    assert parse_options_header(value)[0] == "multipart/form-data"


@pytest.mark.parametrize("parse", [parse_query_first, parse_query_multi])
@pytest.mark.parametrize(
    "query", [b"a;" * MIB, b"a&" * MIB, b"%" * MIB, b"%41" * MIB, b"a=" * MIB, b"+" * MIB, b"%ff" * MIB]
)
def test_a_long_query(parse, query):
    """CVE-2026-53539: `a;a;a;...` and its relatives."""
    parse(query)


@pytest.mark.parametrize("body", [b"a;" * (MIB // 2), b"%" * MIB, b"+" * MIB])
def test_a_long_field_of_a_form(body):
    """CVE-2026-53539."""
    form = asyncio.run(
        FormParser(
            Headers(), stream(*(body[place : place + 1000] for place in range(0, len(body), 1000)))
        ).parse()
    )
    assert len(form) == 1


@pytest.mark.parametrize(
    "cookie", ['a="' + "\\" * MIB + '"', 'a="' + "\\0" * MIB, "a=1;" * MIB, ";" * MIB, "=" * MIB]
)
def test_a_long_cookie(cookie):
    """CVE-2024-7592."""
    parse_cookies(cookie)


def test_one_header_many_times(http_scope):
    """CVE-2025-14550."""
    request = Request(http_scope(headers=[("cookie", f"a{number}=1") for number in range(50_000)]))
    assert len(request.headers.getlist("cookie")) == 50_000
    assert len(request.cookies) == 50_000


@pytest.mark.parametrize("number", [200, 20_000])
def test_many_ranges_of_a_large_file(call, tmp_path, number):
    """CVE-2025-62727: beyond a hundred ranges the header is ignored."""
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MIB)
    header = "bytes=" + ",".join(f"{start}-{start}" for start in range(0, 2 * number, 2))
    answer = call(FileResponse(tmp_path / "large"), headers={"range": header})
    assert (answer.status, len(answer.body)) == (200, MIB)


def test_a_message_beyond_the_limit():
    """CVE-2026-44545, CVE-2026-42544: refused with the close code for it (RFC 6455, 1009)."""

    async def main():
        incoming = [{"type": "websocket.connect"}, {"type": "websocket.receive", "bytes": b"x" * 101}]

        async def receive():
            return incoming.pop(0)

        async def send(message):
            pass

        ws = WebSocket({"type": "websocket", "headers": []}, receive, send, max_message_size=100)
        await ws.accept()
        with pytest.raises(WebSocketException) as caught:
            await ws.receive_bytes()
        assert caught.value.code == 1009

    asyncio.run(main())


@pytest.mark.parametrize("character", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028"])
def test_only_real_line_ends_are_line_ends(character):
    """CVE-2026-44546: `str.splitlines` knows more of them than HTTP and event streams do."""
    wire = format_sse_event(data_str=f"a{character}b")
    assert wire == f"data: a{character}b\n\n".encode()
    headers = Headers(raw=[(b"x", f"a{character}b".encode())])
    assert len(headers) == 1


def test_a_path_that_names_a_host_does_not_move_the_redirect(call, tmp_path):
    """CVE-2026-54282."""
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "index.html").touch()
    for path in ("//evil", "/\\evil/../evil", "@evil", "//user@evil/../evil"):
        try:
            location = call(StaticFiles(directory=tmp_path, html=True), "GET", path).header("location")
        except Exception as error:
            assert getattr(error, "status_code", None) == 404
        else:
            assert not location.startswith(("//", "@", "/\\", "http"))
