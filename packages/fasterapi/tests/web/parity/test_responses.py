"""Responses and static files: what a client of either library sees."""

import asyncio
import os
from datetime import UTC, datetime

import pytest

RESPONSES = [
    lambda r: r.Response(),
    lambda r: r.Response("hé"),
    lambda r: r.Response(b"x", 201, {"X-A": "ü"}, "image/png"),
    lambda r: r.Response(memoryview(b"abcd")[::2]),
    lambda r: r.Response("x", headers={"content-length": "5"}),
    lambda r: r.Response("x", headers={"Content-Type": "a/b"}, media_type="c/d"),
    lambda r: r.Response(status_code=204),
    lambda r: r.Response(status_code=304),
    lambda r: r.Response(status_code=101),
    lambda r: r.Response(5),
    lambda r: r.PlainTextResponse("x"),
    lambda r: r.PlainTextResponse("x", media_type="text/x; charset=y"),
    lambda r: r.HTMLResponse("<p>ü"),
    lambda r: r.JSONResponse({"a": [1, 2.5, None, True], "ü": 'x\n\u2028"\\/'}),
    lambda r: r.JSONResponse(None, 201),
    lambda r: r.JSONResponse("text", headers={"x-a": "1"}),
    lambda r: r.JSONResponse([], media_type="application/problem+json"),
    lambda r: r.JSONResponse({1: 2, "1": 3}),
    lambda r: r.JSONResponse([0.1, -1.5, 123456789012345678901234567890]),
    lambda r: r.JSONResponse("\ud800"),
    *(
        lambda r, url=url: r.RedirectResponse(url)
        for url in ["/", "/a b?x=ü#y", "https://h/[]@!$&'()*+,;=:%20", "/\r\nx: y", "//evil", "\\evil", ""]
    ),
    lambda r: r.RedirectResponse("/", 303, {"x-a": "1"}),
    lambda r: r.StreamingResponse(iter(["a", b"b"]), media_type="text/plain"),
    lambda r: r.StreamingResponse(["a", b"b"], 201, {"x-a": "1"}),
    lambda r: r.StreamingResponse(iter([])),
]


@pytest.mark.parametrize("make", RESPONSES)
@pytest.mark.parametrize("spec", ["2.3", "2.4"])
def test_responses(agree, call, seen, make, spec):
    agree(lambda library: seen(call(make(library.responses), spec=spec)))


COOKIES = [
    {},
    {"value": "x y"},
    {"value": 'a"b\\c;d,eü'},
    {"value": "a\r\nb\0"},
    {"max_age": 0},
    {
        "max_age": 60,
        "path": "/x",
        "domain": "example.org",
        "secure": True,
        "httponly": True,
        "samesite": "none",
    },
    {"samesite": "Strict"},
    {"samesite": None},
    {"samesite": "loose"},
    {"path": None},
    {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"},
    {"expires": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)},
    {"expires": datetime(2030, 1, 2, 3, 4, 5)},
    {"key": "a b"},
    {"key": ""},
    {"key": "a=b"},
    {"key": "__Host-a", "secure": True},
]


@pytest.mark.parametrize("options", COOKIES)
def test_cookies(agree, options):
    def ask(library):
        response = library.responses.Response()
        response.set_cookie(**{"key": "a", "value": "1", **options})
        return response.headers.getlist("set-cookie")

    agree(ask)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    static = tmp_path_factory.mktemp("parity") / "static"
    (static / "sub" / "empty").mkdir(parents=True)
    (static / "data.bin").write_bytes(bytes(range(100)))
    (static / "page.html").write_text("<p>ü")
    (static / "empty.txt").touch()
    (static / "sub" / "index.html").write_text("<p>sub")
    (static / "index.html").write_text("<p>root")
    (static.parent / "secret.txt").write_text("secret")
    os.symlink(static.parent / "secret.txt", static / "link.txt")
    for file in static.rglob("*.*"):
        if not file.is_symlink():
            os.utime(file, (784111777, 784111777))
    return static


FILES = [
    ("data.bin", {}),
    ("empty.txt", {}),
    ("page.html", {}),
    ("data.bin", {"filename": "ü b.txt"}),
    ("data.bin", {"filename": "a.txt", "content_disposition_type": "inline"}),
    ("data.bin", {"media_type": "text/x", "headers": {"x-a": "1", "etag": '"mine"'}}),
    ("data.bin", {"status_code": 404}),
    ("missing", {}),
    ("sub", {}),
]
RANGES = [
    "bytes=0-9",
    "bytes=90-",
    "bytes=-5",
    "bytes=-500",
    "bytes=0-9,5-19",
    "bytes=0-9,20-29,90-",
    "bytes=50-500",
    "bytes=100-",
    "bytes=-0",
    "bytes=9-5",
    "bytes=x-y",
    "bytes=",
    "bytes",
    "items=0-9",
    "bytes=0-9,x",
    "bytes=" + ",".join(["0-0"] * 100),
    "bytes=" + ",".join(["0-0"] * 101),
]


@pytest.mark.parametrize(("name", "options"), FILES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("spec", ["2.3", "2.4"])
def test_files(agree, call, seen, root, name, options, method, spec):
    agree(
        lambda library: seen(call(library.responses.FileResponse(root / name, **options), method, spec=spec))
    )


@pytest.mark.parametrize("wanted", RANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("name", ["data.bin", "empty.txt"])
def test_ranges(agree, call, seen, root, wanted, method, name):
    def ask(library):
        status, headers, body = seen(
            call(library.responses.FileResponse(root / name), method, headers={"range": wanted})
        )
        return status, headers, b"" if method == "HEAD" else body

    agree(ask)


@pytest.mark.parametrize(
    "if_range",
    ["etag", "W/etag", '"other"', "Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT", ""],
)
def test_if_range(agree, call, seen, root, if_range):
    def ask(library):
        etag = call(library.responses.FileResponse(root / "data.bin")).header("etag")
        headers = {"range": "bytes=0-9", "if-range": if_range.replace("etag", etag)}
        return seen(call(library.responses.FileResponse(root / "data.bin"), headers=headers))

    agree(ask)


STATIC = [
    "/data.bin",
    "/page.html",
    "/sub",
    "/sub/",
    "/sub/empty/",
    "/",
    "",
    "/missing",
    "/data.bin/x",
    "/../secret.txt",
    "/link.txt",
    "/\0",
    "/" + "x" * 300,
    "/C:/x",
    "/%2e%2e/secret.txt",
]


@pytest.mark.parametrize("path", STATIC)
@pytest.mark.parametrize("options", [{}, {"html": True}, {"follow_symlink": True}])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_static_files(agree, call, seen, root, path, options, method):
    def ask(library):
        status, headers, body = seen(
            call(library.staticfiles.StaticFiles(directory=root, **options), method, path)
        )
        # Ours are relative: no header of the client names the host.
        headers = [(name, value.removeprefix(b"http://testserver")) for name, value in headers]
        return status, headers, body

    agree(ask)


@pytest.mark.parametrize(
    "headers",
    [
        {"if-none-match": "etag"},
        {"if-none-match": 'W/etag, "x"'},
        {"if-none-match": "*"},
        {"if-none-match": '"x"', "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"},
        {"if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"},
        {"if-modified-since": "nonsense"},
        {"range": "bytes=0-9"},
    ],
)
def test_conditional_static_files(agree, call, seen, root, headers):
    def ask(library):
        files = library.staticfiles.StaticFiles(directory=root)
        etag = call(files, "GET", "/data.bin").header("etag")
        sent = {name: value.replace("etag", etag) for name, value in headers.items()}
        return seen(call(files, "GET", "/data.bin", headers=sent))

    agree(ask)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS", "QUERY", "_X"])
def test_endpoints(agree, call, seen, method):
    def ask(library):
        class Endpoint(library.endpoints.HTTPEndpoint):
            async def get(self, request):
                return library.responses.PlainTextResponse("get")

            def post(self, request):
                return library.responses.PlainTextResponse("post")

            async def query(self, request):
                return library.responses.PlainTextResponse("query")

        async def app(scope, receive, send):
            await Endpoint(scope, receive, send)

        status, headers, body = seen(call(app, method))
        return status, headers, b"" if method == "HEAD" else body

    agree(ask)


def test_early_hints_and_push(agree, http_scope):
    def ask(library):
        sent = []

        async def send(message):
            sent.append(message)

        async def main():
            extensions = {"http.response.push": {}, "http.response.early_hint": {}}
            request = library.requests.Request(
                http_scope(headers={"accept": "x", "host": "h"}, extensions=extensions), send=send
            )
            await request.send_push_promise("/a")
            await request.send_early_hints("</a>; rel=preload", "</b>")

        asyncio.run(main())
        return sent

    agree(ask)
