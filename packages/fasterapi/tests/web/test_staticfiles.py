"""Files below a directory: found, refused, unchanged, compressed; and nothing outside of it."""

import gzip
import os
import sys
import threading

import pytest

from fasterapi.exceptions import FasterAPIError, HTTPException
from fasterapi.staticfiles import StaticFiles, is_local_path, route_path


@pytest.fixture
def root(tmp_path):
    static = tmp_path / "static"
    (static / "sub").mkdir(parents=True)
    (static / "a.txt").write_text("hello")
    (static / "ü b.txt").write_text("unicode")
    (static / "sub" / "index.html").write_text("<p>sub")
    (static / "index.html").write_text("<p>root")
    (static / ".hidden").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "static_secret").mkdir()
    (tmp_path / "static_secret" / "x").write_text("secret")
    return static


def get(call, files, path, method="GET", **more):
    """The status and body that a client sees."""
    try:
        answer = call(files, method, path, **more)
    except HTTPException as error:
        return error.status_code, error.headers
    return answer.status, answer.body


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a.txt", (200, b"hello")),
        ("//a.txt", (404, None)),  # a file has one path: what guards it must not be walked around
        ("/./a.txt", (404, None)),
        ("/sub/../a.txt", (404, None)),
        ("/ü b.txt", (200, b"unicode")),
        ("/.hidden", (200, b"hidden")),
        ("/missing", (404, None)),
        ("/sub", (404, None)),
        ("/", (404, None)),
        ("", (404, None)),
        ("/a.txt/", (404, None)),
        ("//", (404, None)),
        ("/a.txt/x", (404, None)),
    ],
)
def test_files(call, root, path, expected):
    assert get(call, StaticFiles(directory=root), path) == expected


OUTSIDE = [
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/../static_secret/x",  # CVE-2023-29159: a sibling whose name begins like the directory
    "/..",
    "/../..",
    "//etc/passwd",
    "/..\\secret.txt",
    "\\..\\secret.txt",
    "/\\\\host\\share\\x",  # CVE-2026-48818
    "//host/share/x",
    "/C:/Windows/win.ini",
    "/C:secret.txt",
    "/NUL",
    "/sub/con.txt",
    "/COM1",
    "/a.txt:stream",
    "/a.txt\0",
    "/\0",
    "/" + "x" * 5000,
    "/" + "x/" * 3000,
    "/\ud800",
    "/%2e%2e/secret.txt",  # decoded once by the server: these are names of files
    "/..%2fsecret.txt",
    "/a.txt?x",
]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("options", [{}, {"html": True}, {"follow_symlink": True}])
def test_nothing_outside_of_the_directory_is_served_or_told_about(call, root, path, options):
    files = StaticFiles(directory=root, **options)
    assert get(call, files, path) == (404, None)


@pytest.mark.parametrize(("options", "status"), [({}, 404), ({"follow_symlink": True}, 200)])
def test_a_link_that_leaves_the_directory(call, root, options, status):
    """CVE-2024-23334."""
    os.symlink(root.parent / "secret.txt", root / "link.txt")
    os.symlink(root.parent / "static_secret", root / "linked")
    for path in ("/link.txt", "/linked/x"):
        assert get(call, StaticFiles(directory=root, **options), path)[0] == status


def test_a_link_inside_the_directory_and_a_linked_directory(call, root):
    os.symlink(root / "a.txt", root / "inner.txt")
    os.symlink(root, root.parent / "alias")
    assert get(call, StaticFiles(directory=root.parent / "alias"), "/inner.txt") == (200, b"hello")


def test_a_link_to_itself_is_missing(call, root):
    os.symlink("loop", root / "loop")
    for options in ({}, {"follow_symlink": True}):
        assert get(call, StaticFiles(directory=root, **options), "/loop") == (404, None)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_missing(call, root):
    """CVE-2025-69226: "forbidden" would tell that it exists."""
    (root / "sub").chmod(0)
    try:
        assert get(call, StaticFiles(directory=root), "/sub/index.html") == (404, None)
    finally:
        (root / "sub").chmod(0o755)


@pytest.mark.parametrize(
    ("error", "status"),
    [(PermissionError(13, "no"), 404), (OSError(36, "too long"), 404), (ValueError("null byte"), 404)],
)
def test_a_path_that_the_system_refuses_is_missing(call, root, monkeypatch, error, status):
    def refuse(*args):
        raise error

    files = StaticFiles(directory=root)
    monkeypatch.setattr(files, "lookup_path", refuse)
    assert get(call, files, "/a.txt") == (status, None)


def test_a_broken_disk_is_no_missing_file(call, root, monkeypatch):
    def fail(*args):
        raise OSError(5, "input/output error")

    files = StaticFiles(directory=root)
    monkeypatch.setattr(files, "lookup_path", fail)
    with pytest.raises(OSError, match="input/output"):
        call(files, "GET", "/a.txt")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_get_and_head(call, root, method):
    assert get(call, StaticFiles(directory=root), "/a.txt", method) == (405, {"Allow": "GET, HEAD"})


def test_head(call, root):
    answer = call(StaticFiles(directory=root), "HEAD", "/a.txt")
    assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "5")


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/", 200, b"<p>root"),
        ("/sub/", 200, b"<p>sub"),
        ("/sub", 307, b""),
        ("/missing", 404, None),
        ("/a.txt", 200, b"hello"),
    ],
)
def test_html(call, root, path, status, body):
    assert get(call, StaticFiles(directory=root, html=True), path) == (status, body)


def test_html_of_a_directory_without_an_index(call, root):
    (root / "empty").mkdir()
    assert get(call, StaticFiles(directory=root, html=True), "/empty/") == (404, None)


def test_html_has_its_own_404(call, root):
    (root / "404.html").write_text("<p>not here")
    for path in ("/missing", "/sub/missing", "/../secret.txt"):
        assert get(call, StaticFiles(directory=root, html=True), path) == (404, b"<p>not here")


@pytest.mark.parametrize(
    ("path", "more", "location"),
    [
        ("/sub", {}, "/sub/"),
        ("/sub", {"query": b"a=1&b=2"}, "/sub/?a=1&b=2"),
        ("/sub", {"headers": {"host": "evil.example"}}, "/sub/"),
        ("/static/sub", {"root_path": "/static"}, "/static/sub/"),
        ("//static/sub", {"root_path": "//static"}, "/%2Fstatic/sub/"),
        ("/x y?/sub", {"root_path": "/x y?"}, "/x%20y%3F/sub/"),
        ("/100%/sub", {"root_path": "/100%"}, "/100%25/sub/"),
    ],
)
def test_redirects_stay_on_the_host(call, root, path, more, location):
    """Neither `Host` nor the path can name another host: the target is relative, and never begins with `//`."""
    answer = call(StaticFiles(directory=root, html=True), "GET", path, **more)
    assert (answer.status, answer.header("location")) == (307, location)


def test_below_a_mount(call, root):
    files = StaticFiles(directory=root)
    assert get(call, files, "/static/a.txt", root_path="/static") == (200, b"hello")
    assert get(call, files, "/static/a.txt", root_path="/static/") == (200, b"hello")


@pytest.mark.parametrize(
    ("path", "root_path", "expected"),
    [
        ("/a/b", "", "/a/b"),
        ("/a/b", "/a", "/b"),
        ("/a", "/a", ""),
        ("/ab", "/a", "/ab"),
        ("/a/b", "/c", "/a/b"),
    ],
)
def test_the_path_below_a_mount(path, root_path, expected):
    assert route_path({"path": path, "root_path": root_path}) == expected


def test_unchanged_files(call, root):
    files = StaticFiles(directory=root)
    known = call(files, "GET", "/a.txt")
    for headers in (
        {"if-none-match": known.header("etag")},
        {"if-modified-since": known.header("last-modified")},
    ):
        answer = call(files, "GET", "/a.txt", headers=headers)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.header("etag") == known.header("etag")
    assert files.is_not_modified({"etag": '"1"'}, {"if-none-match": "*"})


def test_ranges(call, root):
    answer = call(StaticFiles(directory=root), "GET", "/a.txt", headers={"range": "bytes=1-2"})
    assert (answer.status, answer.body, answer.header("content-range")) == (206, b"el", "bytes 1-2/5")


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip;q=0.5, br;q=0", "gzip"),
        ("br;q=0.0", None),
        ("GZIP", "gzip"),
        ("zstd", None),
        ("", None),
        ("identity", None),
    ],
)
def test_precompressed_files(call, root, accept, coding):
    packed = gzip.compress(b"hello")
    (root / "a.txt.gz").write_bytes(packed)
    (root / "a.txt.br").write_bytes(b"brotli")
    files = StaticFiles(directory=root, precompressed=True)
    answer = call(files, "GET", "/a.txt", headers={"accept-encoding": accept})
    assert answer.header("content-encoding") == coding
    assert answer.body == {"gzip": packed, "br": b"brotli", None: b"hello"}[coding]
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("vary") == "accept-encoding"
    again = call(
        files, "GET", "/a.txt", headers={"accept-encoding": accept, "if-none-match": answer.header("etag")}
    )
    assert again.status == 304
    assert (
        call(StaticFiles(directory=root), "GET", "/a.txt", headers={"accept-encoding": accept}).body
        == b"hello"
    )


def test_the_index_of_a_directory_may_be_precompressed(call, root):
    (root / "index.html.gz").write_bytes(b"packed")
    files = StaticFiles(directory=root, html=True, precompressed=True)
    answer = call(files, "GET", "/", headers={"accept-encoding": "gzip"})
    assert (answer.body, answer.header("content-encoding")) == (b"packed", "gzip")
    assert answer.header("content-type") == "text/html; charset=utf-8"


def test_packages(call, tmp_path, monkeypatch):
    package = tmp_path / "site" / "statics_of_mine"
    (package / "statics").mkdir(parents=True)
    (package / "other").mkdir()
    (package / "__init__.py").touch()
    (package / "statics" / "a.txt").write_text("statics")
    (package / "other" / "b.txt").write_text("other")
    monkeypatch.syspath_prepend(tmp_path / "site")
    files = StaticFiles(packages=["statics_of_mine", ("statics_of_mine", "other")])
    assert get(call, files, "/a.txt") == (200, b"statics")
    assert get(call, files, "/b.txt") == (200, b"other")
    for packages, error in (
        (["no_such_package"], "Package 'no_such_package' could not be found"),
        ([("statics_of_mine", "nowhere")], "Directory 'nowhere' in package"),
    ):
        with pytest.raises(FasterAPIError, match=error):
            StaticFiles(packages=packages)
    sys.modules.pop("statics_of_mine", None)


def test_the_directory_is_checked(call, tmp_path):
    with pytest.raises(FasterAPIError, match="does not exist"):
        StaticFiles(directory=tmp_path / "nowhere")
    late = StaticFiles(directory=tmp_path / "nowhere", check_dir=False)
    with pytest.raises(FasterAPIError, match="does not exist"):
        call(late, "GET", "/a.txt")
    (tmp_path / "nowhere").write_text("a file")
    with pytest.raises(FasterAPIError, match="is not a directory"):
        call(late, "GET", "/a.txt")


def test_the_disk_is_used_in_worker_threads_only(call, root, monkeypatch):
    threads = set()
    files = StaticFiles(directory=root, html=True)
    real = files.lookup_path

    def noted(path):
        threads.add(threading.current_thread())
        return real(path)

    monkeypatch.setattr(files, "lookup_path", noted)
    call(files, "GET", "/sub/")
    assert threads
    assert threading.main_thread() not in threads


def test_a_websocket_is_closed(root):
    import asyncio

    sent = []

    async def send(message):
        sent.append(message["type"])

    asyncio.run(StaticFiles(directory=root)({"type": "websocket"}, None, send))
    assert sent == ["websocket.close"]


@pytest.mark.parametrize("path", ["a.txt", "con_fig.txt", "null", "a/b", "", "..", "com10", "conx.txt"])
def test_ordinary_names_are_local(path):
    """`..` is for `lookup_path` to judge, which sees the whole path."""
    assert is_local_path(path, is_windows=True)


@pytest.mark.parametrize(
    ("path", "elsewhere"),
    [
        ("C:/Windows", True),
        ("C:a", True),
        ("a.txt:stream", True),
        ("NUL", True),
        ("sub/con.txt", True),
        ("aux .css", True),
        ("com1", True),
        ("/etc", False),
        ("\\\\host\\share", False),
        ("..\\a", False),
        ("a\0", False),
    ],
)
def test_names_that_mean_something_else_to_windows(path, elsewhere):
    """CVE-2026-48818: drives, streams and devices; other systems have files of these names."""
    assert not is_local_path(path, is_windows=True)
    assert is_local_path(path, is_windows=False) is elsewhere
