"""Forms, urlencoded and multipart: any chunking, bounded memory, no file left open."""

import asyncio
import os
import random
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fasterapi.datastructures import Headers, UploadFile
from fasterapi.formparsers import FormParser, MultiPartException, MultiPartParser, parse_options_header


async def stream(chunks):
    for chunk in chunks:
        yield chunk


def parse_urlencoded(*chunks, **limits):
    return asyncio.run(FormParser(Headers(), stream(chunks), **limits).parse()).multi_items()


def parse_multipart(
    *chunks, content_type="multipart/form-data; boundary=b", parser=MultiPartParser, **limits
):
    """Fields as text, files as (name, bytes, headers)."""

    async def main():
        form = await parser(Headers({"content-type": content_type}), stream(chunks), **limits).parse()
        items = []
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                data = await value.read()
                assert value.size == len(data)
                value = (value.filename, data, value.content_type)
            items.append((name, value))
        await form.close()
        return items

    return asyncio.run(main())


def part(disposition, data, *headers):
    lines = [f"Content-Disposition: form-data; {disposition}".encode("latin-1"), *headers]
    return b"--b\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + data + b"\r\n"


END = b"--b--\r\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", []),
        (b"a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")]),
        (b"a=x+y%2B%C3%BC", [("a", "x y+ü")]),
        (b"a&b=&=c&&", [("a", ""), ("b", ""), ("", "c")]),
        (b"a=%FF", [("a", "\ufffd")]),
        (b"role=user&x=;role=admin", [("role", "user"), ("x", ";role=admin")]),  # CVE-2026-53538
    ],
)
def test_urlencoded_forms(body, expected):
    assert parse_urlencoded(body) == expected
    assert parse_urlencoded(*(body[place : place + 1] for place in range(len(body)))) == expected


@pytest.mark.parametrize(
    ("chunks", "limits", "status"),
    [
        ([b"a=1&b=2"], {"max_fields": 1}, 400),
        ([b"a=1&"] * 200_000, {}, 400),  # CVE-2026-54283
        ([b"a" * 100], {"max_part_size": 99}, 413),
        ([b"a=", b"x" * 100], {"max_part_size": 100}, 413),
        ([b"x"] * 200, {"max_part_size": 100}, 413),
    ],
)
def test_limits_of_urlencoded_forms(chunks, limits, status):
    with pytest.raises(MultiPartException) as caught:
        parse_urlencoded(*chunks, **limits)
    assert caught.value.status_code == status
    assert caught.value.message == str(caught.value)


def test_a_field_may_be_as_large_as_the_limit():
    assert parse_urlencoded(b"a=" + b"x" * 99, max_part_size=100) == [("a", "x" * 99)]


FORM = (
    part('name="n"', b"1")
    + part('name="f"; filename="a.txt"', b"hello\r\n--x", b"Content-Type: text/plain")
    + part('name="n"', "ü".encode())
    + part('name="f"; filename=""', b"")
    + END
)
PARSED = [("n", "1"), ("f", ("a.txt", b"hello\r\n--x", "text/plain")), ("n", "ü"), ("f", ("", b"", None))]


@pytest.mark.parametrize("size", [1, 2, 7, 30, 10_000])
def test_multipart_forms_in_any_chunks(size):
    assert parse_multipart(*(FORM[place : place + size] for place in range(0, len(FORM), size))) == PARSED


@settings(max_examples=50)
@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=5), st.integers(1, 400))
def test_data_survives_whatever_it_looks_like(parts, size):
    parts = [(is_file, data.replace(b"--b", b"")) for is_file, data in parts]
    body = (
        b"".join(part('name="x"' + ('; filename="f"' if is_file else ""), data) for is_file, data in parts)
        + END
    )
    found = parse_multipart(
        *(body[place : place + size] for place in range(0, len(body), size)),
        content_type="multipart/form-data; boundary=b; charset=latin-1",
    )
    assert found == [
        ("x", ("f", data, None) if is_file else data.decode("latin-1")) for is_file, data in parts
    ]


@pytest.mark.parametrize(
    ("disposition", "expected"),
    [
        ('name="a\\"b"', ('a"b', None)),
        ("name=a", ("a", None)),
        ('NAME="a"', ("a", None)),
        ('name="a;b"; filename="x;y.txt"', ("a;b", "x;y.txt")),
        ('name="a"; filename="C:\\Users\\ada\\x.txt"', ("a", "x.txt")),
        ('name="a"; filename="../../etc/passwd"', ("a", "../../etc/passwd")),
        # GHSA-vffw-93wf-4j4q: the extended spelling must not override the plain one.
        ("name=\"a\"; name*=utf-8''b; filename=\"x\"; filename*=utf-8''y", ("a", "x")),
        ("name=\"a\"; filename*=utf-8''y", ("a", None)),
        ('name="\xc3\xbc"; filename="\xc3\xbc"', ("ü", "ü")),
    ],
)
def test_names_of_parts(disposition, expected):
    ((name, value),) = parse_multipart(part(disposition, b"data") + END)
    assert (name, value[0] if isinstance(value, tuple) else None) == expected


@pytest.mark.parametrize(
    ("charset", "data", "expected"),
    [
        ("utf-8", "ü".encode(), "ü"),
        ("latin-1", b"\xfc", "ü"),
        ("utf-8", b"\xfc", "ü"),  # not UTF-8: decoded all the same
        ("shift_jis", "あ".encode("shift_jis"), "あ"),
        ("nonsense", b"\xfc", "ü"),
        ("utf-16-le", "ü".encode("utf-16-le"), "ü"),
        ("zlib_codec", b"\xfc", "ü"),
        ("punycode", b"a-b", "a-b"),
        ("idna", b"xn--", "xn--"),
        ("unicode_escape", b"\\x41", "\\x41"),
        ("utf-7", b"+AGE-", "+AGE-"),
        ("a\0b", b"\xfc", "ü"),
    ],
)
def test_character_sets(charset, data, expected):
    content_type = f"multipart/form-data; boundary=b; charset={charset}"
    assert parse_multipart(part('name="a"', data) + END, content_type=content_type) == [("a", expected)]


MALFORMED = [
    ([FORM], "multipart/form-data", "Missing boundary"),
    ([FORM], "multipart/form-data; boundary=", "Missing boundary"),
    ([FORM], "multipart/form-data; boundary=" + "x" * 5000, "Invalid boundary"),
    ([], "multipart/form-data; boundary=b", "closing boundary is missing"),
    ([b""], "multipart/form-data; boundary=b", "closing boundary is missing"),
    ([FORM[:-20]], "multipart/form-data; boundary=b", "closing boundary is missing"),
    ([FORM[:100]], "multipart/form-data; boundary=b", "closing boundary is missing"),
    ([b"nonsense"], "multipart/form-data; boundary=b", "Invalid multipart data"),
    ([FORM], "multipart/form-data; boundary=other", "Invalid multipart data"),
    ([b"--b\r\n\r\ndata\r\n" + END], "multipart/form-data; boundary=b", '"name" must be provided'),
    ([part("filename=x", b"") + END], "multipart/form-data; boundary=b", '"name" must be provided'),
    ([b"--b\r\nbad header\r\n\r\n" + END], "multipart/form-data; boundary=b", "Invalid multipart data"),
]


@pytest.mark.parametrize(("chunks", "content_type", "message"), MALFORMED)
def test_malformed_and_cut_forms(chunks, content_type, message):
    with pytest.raises(MultiPartException, match=message) as caught:
        parse_multipart(*chunks, content_type=content_type)
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("chunks", "limits", "status", "message"),
    [
        ([part('name="a"', b"") * 3 + END], {"max_fields": 2}, 400, "Too many fields"),
        ([part('name="a"', b"") * 5000 + END], {}, 400, "Too many fields"),  # GHSA-f96h-pmfr-66vw
        ([part('name="a"; filename="x"', b"") * 3 + END], {"max_files": 2}, 400, "Too many files"),
        ([part('name="a"', b"x" * 20) + END], {"max_part_size": 19}, 413, "Part exceeded"),
        ([part('name="a"', b"x" * 20 * 2**20) + END], {}, 413, "Part exceeded"),
        # CVE-2025-69228: many parts below the limit of one count together.
        ([part('name="a"', b"x" * 2**20) * 20 + END], {}, 413, "Part exceeded"),
        # GHSA-pp6c-gr5w-3c5g
        ([part('name="a"', b"", *([b"x: y"] * 10_000)) + END], {}, 400, "Invalid multipart data"),
        ([part('name="a"', b"", b"x: " + b"y" * 100_000) + END], {}, 400, "Invalid multipart data"),
    ],
)
def test_limits_of_multipart_forms(chunks, limits, status, message):
    with pytest.raises(MultiPartException, match=message) as caught:
        parse_multipart(*chunks, **limits)
    assert caught.value.status_code == status


@pytest.mark.parametrize("data", [b"x" * 100, b"x" * 2**20, b"x" * (2**20 + 1), b"x" * 3 * 2**20])
def test_files_are_whole_in_memory_and_on_disk(data):
    body = part('name="f"; filename="a"', data) + part('name="g"; filename="b"', b"small") + END
    chunks = [body[place : place + 65536] for place in range(0, len(body), 65536)]
    assert parse_multipart(*chunks) == [("f", ("a", data, None)), ("g", ("b", b"small", None))]


@pytest.mark.skipif(not hasattr(os, "writev"), reason="POSIX")
@pytest.mark.parametrize("most", [10_000, 700, 1, 0])
def test_a_file_on_disk_is_whole_however_little_the_system_takes_at_once(monkeypatch, most):
    """POSIX lets `writev` take less than it is given; of more pieces than IOV_MAX it takes none."""

    class SpoolingSoon(MultiPartParser):
        spool_max_size = 1000

    writev = os.writev
    monkeypatch.setattr(os, "writev", lambda number, pieces: writev(number, _cut(pieces, most)))
    monkeypatch.setattr("fasterapi.formparsers._FLUSH_SIZE", 3000)
    data = random.Random(1).randbytes(20_000)
    body = part('name="f"; filename="a"', data) + part('name="g"; filename="b"', data[:500]) + END
    for size in (1, 97, 5000, len(body)):
        chunks = [body[place : place + size] for place in range(0, len(body), size)]
        assert parse_multipart(*chunks, parser=SpoolingSoon) == [
            ("f", ("a", data, None)),
            ("g", ("b", data[:500], None)),
        ]


def _cut(pieces, most):
    """The first `most` bytes of `pieces`, which stay as many as fit in."""
    cut = []
    for piece in pieces:
        cut.append(piece[: max(0, most)])
        most -= len(piece)
    return cut


def test_a_large_file_goes_to_disk_off_the_event_loop(monkeypatch):
    """CVE-2025-54121: not only the writes behind the roll-over, the roll-over itself as well."""
    threads = set()

    class Noted(MultiPartParser):
        spool_max_size = 1000

    import tempfile

    real = tempfile.SpooledTemporaryFile.rollover

    def rollover(self):
        threads.add(threading.current_thread())
        real(self)

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", rollover)

    async def main():
        body = part('name="f"; filename="a"', b"x" * 3000) + END
        form = await Noted(
            Headers({"content-type": "multipart/form-data; boundary=b"}), stream([body])
        ).parse()
        assert len(await form["f"].read()) == 3000
        await form.close()

    asyncio.run(main())
    assert threads
    assert threading.main_thread() not in threads


def test_a_form_that_fails_leaves_no_file_open():
    opened = []

    class Noted(MultiPartParser):
        def _end_headers(self):
            super()._end_headers()
            opened.append(self._part.file)

    async def broken():
        yield FORM[:-10]
        raise OSError("gone")

    async def main():
        with pytest.raises(OSError, match="gone"):
            await Noted(Headers({"content-type": "multipart/form-data; boundary=b"}), broken()).parse()

    asyncio.run(main())
    files = [file for file in opened if file is not None]
    assert files
    assert all(file.file.closed for file in files)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ("", {})),
        ("Text/HTML", ("text/html", {})),
        ('form-data; name="a"', ("form-data", {"name": "a"})),
        ('a; b="c;d"; e=f', ("a", {"b": "c;d", "e": "f"})),
        ('a; b="c', ("a", {"b": '"c'})),
        ("a; ;=x; b", ("a", {"b": ""})),
        ('a; b="x\\"y\\\\"', ("a", {"b": 'x"y\\'})),
    ],
)
def test_options_of_a_header(value, expected):
    assert parse_options_header(value) == expected
