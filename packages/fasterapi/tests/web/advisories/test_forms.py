"""Forms: many parts, large parts, and headers that two readers could read in two ways."""

import asyncio
import json
import os
import threading

import pytest

from fasterapi import Faster, Request
from fasterapi.datastructures import Headers
from fasterapi.formparsers import FormParser, MultiPartParser, parse_options_header

MIB = 2**20
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
END = b"--b--\r\n"


def part(disposition, data=b"", *headers):
    lines = [b"--b", b"Content-Disposition: form-data; " + disposition, *headers, b"", data, b""]
    return b"\r\n".join(lines)


def pieces(body, size=65_536):
    """A body as a server hands it on."""
    return [body[place : place + size] for place in range(0, len(body), size)] or [b""]


def post(call, app, path, headers, body):
    return call(app, "POST", path, headers=headers, body=pieces(body) if isinstance(body, bytes) else body)


@pytest.mark.parametrize("path", ["/form", "/field"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(part(b'name="a"') * 5000 + END, 400, id="5,000 fields"),
        pytest.param(part(b'name="a"; filename="x"') * 5000 + END, 400, id="5,000 files"),
        pytest.param(part(b'name="a"', b"x" * 20 * MIB) + END, 413, id="a text of 20 MB"),
        pytest.param(part(b'name="a"', b"x" * (MIB + 1)) + END, 413, id="one byte too many"),
    ],
)
def test_parts_are_counted_and_measured__GHSA_f96h_pmfr_66vw__CVE_2024_47874__CVE_2023_30798__CVE_2023_25578__CVE_2024_52581__CVE_2023_25577(
    call, app, path, body, status
):
    assert post(call, app, path, MULTIPART, body).status == status


def test_the_size_is_that_of_all_parts_together__CVE_2025_69228(call, app):
    """Each part is small, and there are as many as may be: what counts is the sum."""
    limited = {"max_part_size": 1000}

    app = Faster(max_body_size=100_000, form_limits=limited)

    @app.post("/form")
    async def form(request: Request) -> int:
        return len(await request.form())

    below, above = (part(b'name="a"', b"x" * 900) * number + END for number in (50, 200))
    assert post(call, app, "/form", MULTIPART, below).status == 200
    assert post(call, app, "/form", MULTIPART, above).status == 413
    small = part(b'name="a"', b"x" * MIB) * 20 + END
    with pytest.raises(Exception, match="Part exceeded") as caught:
        asyncio.run(MultiPartParser(Headers(MULTIPART), stream(small)).parse())
    assert caught.value.status_code == 413


async def stream(body):
    for piece in pieces(body):
        yield piece


@pytest.mark.parametrize("path", ["/form", "/field"])
@pytest.mark.parametrize(
    "body", [b"a=1&" * 200_000, b"&".join(b"f%d=1" % n for n in range(200_000)), b"name=" + b"x" * 20 * MIB]
)
def test_fields_of_an_urlencoded_form_are_counted__CVE_2026_54283(call, app, path, body):
    assert 400 <= post(call, app, path, URLENCODED, body).status < 500


def test_a_large_file_never_touches_the_disk_on_the_event_loop__CVE_2025_54121(monkeypatch):
    """Every write to a spooled file, counted by thread: time would measure the disk."""
    import tempfile

    threads = {"rollover": [], "write": []}
    spool = tempfile.SpooledTemporaryFile
    real_rollover, real_write, real_writev = spool.rollover, spool.write, getattr(os, "writev", None)

    def rollover(self):
        threads["rollover"].append(threading.current_thread())
        real_rollover(self)

    def write(self, data):
        if self._rolled:
            threads["write"].append(threading.current_thread())
        return real_write(self, data)

    def writev(descriptor, pieces):
        threads["write"].append(threading.current_thread())
        return real_writev(descriptor, pieces)

    monkeypatch.setattr(spool, "rollover", rollover)
    monkeypatch.setattr(spool, "write", write)
    monkeypatch.setattr(os, "writev", writev, raising=False)
    body = part(b'name="f"; filename="a"', b"x" * 8 * MIB) + END

    async def main():
        form = await MultiPartParser(Headers(MULTIPART), stream(body)).parse()
        assert form["f"].size == 8 * MIB
        await form.close()

    asyncio.run(main())
    assert threads["rollover"]
    assert threads["write"]
    assert threading.main_thread() not in threads["rollover"] + threads["write"]


@pytest.mark.parametrize(
    "headers",
    [
        [b"x: y"] * 10_000,
        [b"x: " + b"y" * 100_000],
        [b"x" * 100_000 + b": y"],
        [b"x%d: y" % n for n in range(10_000)],
    ],
    ids=["many", "a long value", "a long name", "many names"],
)
def test_headers_of_a_part_are_counted_and_measured__GHSA_pp6c_gr5w_3c5g(call, app, headers):
    assert post(call, app, "/form", MULTIPART, part(b'name="a"', b"", *headers) + END).status == 400


@pytest.mark.parametrize("filler", [b"\r\n", b"\r", b"\n", b"-", b"\r\n--", b"--", b"\r\n\r\n--a"], ids=repr)
def test_megabytes_before_and_behind_the_parts_are_skipped__CVE_2026_40347__CVE_2024_53981(call, app, filler):
    long = filler * (10 * MIB // len(filler))
    field = part(b'name="a"', b"1")
    for body in (long + b"\r\n" + field + END, field + END + long):
        answer = post(call, app, "/form", MULTIPART, body)
        assert answer.status in {200, 400, 413}
        assert len(answer.body) < 1000


def test_almost_a_boundary_everywhere_is_data__CVE_2026_40347(call, app):
    body = part(b'name="file"; filename="x"')[:-2] + b"\r\n--" * MIB + b"\r\n" + END
    assert json.loads(post(call, app, "/upload", MULTIPART, body).body) == ["x", "x", 4 * MIB]


@pytest.mark.parametrize("number", [0, 1])
def test_the_cost_of_a_preamble_is_that_of_its_pieces__CVE_2026_40347(steps, number):
    def cost(size):
        body = [
            b"\r\n" * size + part(b'name="a"', b"1") + END,
            part(b'name="a"', b"1") + END + b"\r\n" * size,
        ]
        return steps(lambda: asyncio.run(MultiPartParser(Headers(MULTIPART), stream(body[number])).parse()))

    assert cost(400_000) < 11 * cost(40_000)


@pytest.mark.parametrize(
    "text",
    [
        "a;" * (MIB // 2),
        "a&" * 999,
        "%" * MIB,
        "%41" * 300_000,
        "+" * MIB,
        "%ff" * 300_000,
        "=" * MIB,
        ";" * MIB,
    ],
    ids=lambda text: repr(text[:4]),
)
def test_a_long_query_or_field_is_read_once__CVE_2026_53539(call, app, steps, text):
    assert call(app, "GET", "/query", query=text.encode()).status == 200
    assert post(call, app, "/form", URLENCODED, text.encode()).status in {200, 413}
    cut = len(text) // 10

    def cost(body):
        return steps(lambda: asyncio.run(FormParser(Headers(), stream(body)).parse()))

    assert cost(text[: cut * 10].encode()) < 11 * cost(text[:cut].encode())


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("role=user&x=;role=admin", [["role", "user"], ["x", ";role=admin"]]),
        ("a=1;b=2", [["a", "1;b=2"]]),
        ("a=1;b=2&c", [["a", "1;b=2"], ["c", ""]]),
    ],
)
def test_a_semicolon_separates_nothing__CVE_2026_53538__CVE_2021_23336(call, app, text, fields):
    """A cache or firewall in front that reads other fields than the application is led around."""
    assert json.loads(post(call, app, "/form", URLENCODED, text.encode()).body) == fields
    asked = json.loads(call(app, "GET", "/query", query=text.encode()).body)
    assert [field for field in asked if field[1]] == [field for field in fields if field[1]]


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        (b"name=\"a\"; name*=utf-8''b", [["a", ""]]),
        (b"name*=utf-8''b; name=\"a\"", [["a", ""]]),
        (b'name="a"; filename="x"; filename*=utf-8\'\'y', [["a", "x"]]),
        (b'name="a"; filename*=utf-8\'\'y; filename="x"', [["a", "x"]]),
        (b'name="a"; filename*0="y"; filename="x"', [["a", "x"]]),
    ],
)
def test_the_extended_spelling_overrides_nothing__GHSA_vffw_93wf_4j4q(call, app, disposition, expected):
    assert json.loads(post(call, app, "/form", MULTIPART, part(disposition) + END).body) == expected


@pytest.mark.parametrize(
    "value",
    [
        "multipart/form-data; " + ";" * 50_000,
        'multipart/form-data; a="' + ";" * 50_000,
        'multipart/form-data; a="' + '\\"' * 25_000,
        'multipart/form-data; a="' + "\\" * 50_000,
        "multipart/form-data; " + "a=b; " * 10_000,
        "multipart/form-data; a=" + " " * 50_000 + "x",
        " " * 50_000 + "multipart/form-data",
        "multipart/form-data; " + '"' * 50_000,
        'multipart/form-data; !="' + "!" * 50_000,
    ],
    ids=lambda value: repr(value[20:30]),
)
def test_a_long_content_type_is_read_once__CVE_2026_28356__CVE_2024_24762(call, app, steps, value):
    assert parse_options_header(value)[0] == "multipart/form-data"
    assert parse_options_header(value * 20)
    small, large = (steps(lambda text=text: parse_options_header(text)) for text in (value[:5000], value))
    assert large < 12 * small
    assert post(call, app, "/form", {"content-type": value}, END).status in {200, 400, 422}


@pytest.mark.parametrize(
    ("filename", "basename"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("..\\\\..\\\\win.ini", "win.ini"),
        ("a/../b", "b"),
        ("..", ""),
    ],
)
def test_the_name_of_an_upload_is_no_path__CVE_2026_24486(
    call, app, filename, basename, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    body = part(b'name="file"; filename="%s"' % filename.encode(), b"data") + END
    found, name, size = json.loads(post(call, app, "/upload", MULTIPART, body).body)
    assert (name, size) == (basename, 4)
    assert list(tmp_path.iterdir()) == []


WHOLE = part(b'name="a"', b"1") + part(b'name="b"; filename="x"', b"2") + END


@pytest.mark.parametrize("end", range(0, len(WHOLE) - 4, 7))
def test_a_form_that_is_cut_anywhere_is_no_form(call, app, end):
    assert post(call, app, "/form", MULTIPART, WHOLE[:end]).status == 400


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=c"],
)
def test_a_form_without_its_boundary_is_no_form(call, app, content_type):
    assert post(call, app, "/form", {"content-type": content_type}, WHOLE).status == 400
