"""Ranges, paths and links: what a request can make of the files that are served."""

import os

import pytest

from fasterapi import Depends, Faster, HTTPException
from fasterapi.responses import FileResponse
from fasterapi.staticfiles import StaticFiles, is_local_path

SIZE = 2**20


@pytest.fixture
def root(tmp_path):
    """A directory with a secret beside it, one whose name begins like its own, and links."""
    root = tmp_path / "static"
    for folder in (root, root / "private", root / "evil", tmp_path / "static_secret"):
        folder.mkdir()
    (root / "large").write_bytes(os.urandom(SIZE))
    (root / "a.txt").write_text("public")
    (root / "private" / "x").write_text("SECRET")
    (root / "evil" / "index.html").write_text("page")
    (tmp_path / "x").write_text("SECRET")
    (tmp_path / "static_secret" / "x").write_text("SECRET")
    return root


@pytest.fixture
def files(root):
    app = Faster()

    @app.get("/file")
    async def file() -> FileResponse:
        return FileResponse(root / "large")

    app.mount("/static", StaticFiles(directory=root))
    app.mount("/site", StaticFiles(directory=root, html=True))
    return app


def ranges(number, width=1):
    return "bytes=" + ",".join(
        f"{start}-{start + width - 1}" for start in range(0, 2 * number * width, 2 * width)
    )


@pytest.mark.parametrize("path", ["/file", "/static/large"])
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (ranges(20_000), 200),
        (ranges(101), 200),
        (ranges(100), 206),
        ("bytes=" + "0-," * 20_000, 200),
        ("bytes=" + ",".join(["0-99"] * 100), 206),  # overlapping: sent once
        ("bytes=0-99,50-149,120-", 206),
        ("bytes=9-3", 400),  # inverted
        ("bytes=99999999-", 416),
        ("bytes=" + "9" * 5000 + "-", 400),
    ],
    ids=lambda value: str(value)[:24],
)
def test_many_ranges_are_refused_or_joined__CVE_2025_62727(call, files, path, header, status):
    answer = call(files, "GET", path, headers={"range": header})
    assert answer.status == status
    assert len(answer.body) <= SIZE + 100 * 200  # never more than the file, and a frame for each of 100 parts


def test_the_cost_of_ranges_does_not_grow_beyond_the_limit__CVE_2025_62727(call, files, steps):
    def ask(number):
        headers = {"range": ranges(number)}
        return steps(lambda: call(files, "GET", "/file", headers=headers))

    ask(1000)  # the first request compiles
    assert ask(20_000) < 1.2 * ask(1000)


@pytest.mark.parametrize("header", [None, "bytes=0-99", "bytes=0-99,200-299", "bytes=900-"])
def test_a_file_that_shrinks_while_it_is_sent_ends_the_answer(call, root, header):
    """Starlette 1.8: an endless loop. Fewer bytes than promised must end, and must not look complete."""
    before = os.stat(root / "large")
    os.truncate(root / "large", 10)
    answer = None
    try:
        answer = call(
            FileResponse(root / "large", stat_result=before),
            headers={} if header is None else {"range": header},
        )
    except Exception as error:
        assert not isinstance(error, TimeoutError)
    assert answer is None or len(answer.body) < int(answer.header("content-length"))


@pytest.mark.parametrize("condition", ['W/"{etag}"', '"other"', "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_range_for_another_or_a_weakly_equal_version_is_not_cut_out(call, files, condition):
    etag = call(files, "GET", "/file").header("etag").strip('"')
    headers = {"range": "bytes=0-9", "if-range": condition.format(etag=etag)}
    assert call(files, "GET", "/file", headers=headers).status == 200


OUTSIDE = [
    "/../x",
    "/../static_secret/x",
    "/..\\static_secret\\x",
    "/%2e%2e/static_secret/x",
    "/..%2fstatic_secret%2fx",
    "/%2e%2e%5cx",
    "/private/../../x",
    "/....//x",
    "//../x",
    "/.",
    "/..",
]


@pytest.mark.parametrize("mount", ["/static", "/site"])
@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_stays_below_the_directory__CVE_2023_29159(call, files, mount, path):
    for written in (path, path.replace("%2e", ".").replace("%2f", "/").replace("%5c", "\\")):
        answer = call(files, "GET", mount + written)
        assert answer.status == 404
        assert b"SECRET" not in answer.body


@pytest.mark.parametrize("mount", ["/static", "/site"])
@pytest.mark.parametrize(
    "path",
    ["/\\\\host\\share\\x", "//host/share/x", "/C:", "/C:/x", "/c:\\x", "/NUL", "/nul.txt", "/CON", "/COM1"]
    + ["/a.txt:stream", "/a.txt::$DATA", "/\0", "/a.txt\0", "/a.txt\0.html", "/\ud800", "/" + "x" * 5000],
)
def test_names_of_other_systems_are_404__CVE_2026_48818(call, files, mount, path):
    assert call(files, "GET", mount + path).status == 404
    name = path.removeprefix("/")
    if name.isascii() and "\0" not in name and len(name) < 100:
        assert not is_local_path(name, is_windows=True)


def test_a_link_does_not_leave_the_directory__CVE_2024_23334(call, root, files):
    os.symlink(root.parent / "x", root / "link.txt")
    os.symlink(root.parent / "static_secret", root / "linked")
    for path in ("/static/link.txt", "/static/linked/x", "/site/link.txt", "/site/linked"):
        assert call(files, "GET", path).status == 404
    allowed = StaticFiles(directory=root, follow_symlink=True)
    assert call(allowed, "GET", "/link.txt").body == b"SECRET"


def test_what_is_there_and_what_is_not_answer_alike__CVE_2025_69226(call, root, files):
    """Outside, a directory, forbidden, or missing: nothing tells which."""
    os.symlink(root.parent / "x", root / "link.txt")
    answers = [
        call(files, "GET", f"/static{path}")
        for path in ("/missing", "/link.txt", "/private", "/../x", "/../missing", "/a.txt/x")
    ]
    assert {(answer.status, answer.body, tuple(answer.raw_headers)) for answer in answers} == {
        (404, answers[0].body, tuple(answers[0].raw_headers))
    }


GUARDED = [
    "/static/private/x",
    "/static//private/x",
    "/static/./private/x",
    "/static/a/../private/x",
    "/static/private//x",
    "/static/private/./x",
    "/static/private/x/",
    "/static/private/y/../x",
    "//static/private/x",
    "/static\\private\\x",
    "/static/private\\x",
    "/static/private%2fx",
    "/static/private%5cx",
    "/static/%70rivate/x",
    "/static/private;/x",
    "/static/private/x\0",
    "/static/private/x.",
    "/static/\u2215private/x",
]


@pytest.mark.parametrize("path", GUARDED)
@pytest.mark.parametrize("options", [{}, {"html": True}])
def test_a_guard_sees_the_path_that_is_opened__CVE_2022_35920__CVE_2024_32982__CVE_2026_6414__CVE_2026_54286(
    call, root, path, options
):
    """Two layers that read one path in two ways let the second open what the first guards."""
    asked = []

    def refuse() -> None:
        asked.append(path)
        raise HTTPException(403)

    app = Faster()

    @app.get("/static/private/{rest:path}", dependencies=[Depends(refuse)])
    async def guarded(rest: str) -> str:
        return "in"

    app.mount("/static", StaticFiles(directory=root, **options))
    answer = call(app, "GET", path)
    assert b"SECRET" not in answer.body
    assert answer.status in {403, 404, 307}


def test_a_frontend_is_guarded_in_the_same_way__CVE_2022_35920(call, root):
    app = Faster()

    def refuse() -> None:
        raise HTTPException(403)

    @app.get("/private/{rest:path}", dependencies=[Depends(refuse)])
    async def guarded(rest: str) -> str:
        return "in"

    app.frontend("/", directory=root, fallback=None)
    assert call(app, "GET", "/a.txt").body == b"public"
    for path in (
        "/private/x",
        "//private/x",
        "///private/x",
        "/./private/x",
        "/a/../private/x",
        "/private/x/",
    ):
        assert b"SECRET" not in call(app, "GET", path).body


@pytest.mark.parametrize(
    "path", ["//evil", "/\\evil/../evil", "@evil", "//user@evil/../evil", "/site//evil", "/site/evil"]
)
def test_a_redirect_to_a_directory_names_no_host__CVE_2026_54282(call, files, root, path):
    for app in (files, StaticFiles(directory=root, html=True)):
        try:
            answer = call(app, "GET", path, headers={"host": "evil.example"})
        except HTTPException as error:
            assert error.status_code == 404
            continue
        location = answer.header("location")
        assert answer.status == 404 or (location.startswith("/") and location[1] not in "/\\")
