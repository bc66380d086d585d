"""Where this framework answers otherwise, on purpose: each row says what Starlette does, and what happens here."""

import asyncio
import importlib
import json
import math

import pytest

MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
PART = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


def form_of(body):
    def ask(library, call, http_scope, receive_from, tmp_path):
        async def main():
            request = library.requests.Request(http_scope("POST", headers=MULTIPART), receive_from([body]))
            return (await request.form()).multi_items()

        return asyncio.run(main())

    return ask


def respond(make, *path, method="GET", **more):
    """Status, Location and body of an answer."""

    def ask(library, call, http_scope, receive_from, tmp_path):
        (tmp_path / "sub").mkdir(exist_ok=True)
        (tmp_path / "sub" / "index.html").write_text("x")
        answer = call(make(library, tmp_path), method, *path, **more)
        return answer.status, answer.header("location"), answer.body

    return ask


def status_of(make, path):
    """The status of an answer, which may be raised."""
    ask_whole = respond(make, path)

    def ask(*args):
        try:
            return ask_whole(*args)[0]
        except Exception as error:
            return error.status_code

    return ask


def raised(ask):
    def look(*args):
        try:
            ask(*args)
        except Exception as error:
            return type(error).__name__
        return "accepted"

    return look


def set_header(library, *_):
    library.responses.Response().headers["x"] = "a\r\nset-cookie: b=c"


def set_prefixed_cookie(library, *_):
    library.responses.Response().set_cookie("__Host-a", "1", domain="example.org")


def set_empty_cookie(library, *_):
    response = library.responses.Response()
    response.set_cookie("a", "")
    return response.headers["set-cookie"].partition(";")[0]


def url_on_a_socket(library, call, http_scope, *_):
    scope = http_scope(path="/a", headers={}, server=("/run/app.sock", None))
    return str(library.requests.Request(scope).url)


def url_with_a_line_break(library, call, http_scope, *_):
    return str(library.requests.Request(http_scope(path="/a\nb")).url)


def behind(module, name, path="/", headers=None, own_headers=None, **options):
    """Status and headers of an answer that comes through a middleware."""

    def ask(library, call, http_scope, receive_from, tmp_path):
        package = library.responses.__name__.partition(".")[0]
        middleware = getattr(importlib.import_module(f"{package}.middleware.{module}"), name)
        inner = library.responses.PlainTextResponse("x" * 1000, headers=own_headers)
        answer = call(middleware(inner, **options), "GET", path, headers=headers or {})
        names = ("location", "content-encoding", "access-control-allow-origin", "vary")
        return {name: value for name in names if (value := answer.header(name)) is not None}

    return ask


def read_nan(library, call, http_scope, receive_from, tmp_path):
    request = library.requests.Request(http_scope("POST"), receive_from([b"NaN"]))
    assert math.isnan(asyncio.run(request.json()))


def forgotten_chunk(library, call, http_scope, receive_from, tmp_path):
    async def main():
        request = library.requests.Request(http_scope("POST"), receive_from([b"a", b"b"]))
        await request.is_disconnected()
        return await request.body()

    return asyncio.run(main())


def files(**options):
    return lambda library, root: library.staticfiles.StaticFiles(directory=root, **options)


DIFFERENCES = {
    "a multipart form that is cut is no form": (raised(form_of(PART)), "accepted", "MultiPartException"),
    "an empty multipart body is no form": (raised(form_of(b"")), "accepted", "MultiPartException"),
    "a header can not be set to two lines": (raised(set_header), "accepted", "ValueError"),
    "a cookie that browsers drop is not set": (raised(set_prefixed_cookie), "accepted", "ValueError"),
    "NaN is no JSON": (raised(read_nan), "accepted", "MalformedJSON"),
    "what is_disconnected receives is kept": (forgotten_chunk, b"b", b"ab"),
    "redirects are relative": (
        respond(files(html=True), "/sub"),
        (307, "http://testserver/sub/", b""),
        (307, "/sub/", b""),
    ),
    "a file that the client has is not sent again": (
        respond(
            lambda library, root: library.responses.FileResponse(root / "sub" / "index.html"),
            headers={"if-none-match": "*"},
        ),
        (200, None, b"x"),
        (304, None, b""),
    ),
    **{
        f"a file has one path, and {path} is another": (
            status_of(files(), path),
            200,
            404,
        )
        for path in ("//sub/index.html", "/./sub/index.html", "/x/../sub/index.html", "/sub/index.html/")
    },
    "HEAD has no body before the server cuts it": (
        respond(lambda library, root: library.responses.Response("x"), method="HEAD"),
        (200, None, b"x"),
        (200, None, b""),
    ),
    "an empty cookie has no quotes": (set_empty_cookie, 'a=""', "a="),
    "a Unix socket's path is no host": (url_on_a_socket, "http:///run/app.sock:None/a", "/a"),
    "a URL has no line break": (url_with_a_line_break, "http://testserver/a\nb", "http://testserver/a%0Ab"),
    "a percent sign of the path stays one in a redirect": (
        behind("httpsredirect", "HTTPSRedirectMiddleware", "/a%2Fb", {"host": "h"}),
        {"location": "https://h/a%2Fb"},
        {"location": "https://h/a%252Fb"},
    ),
    "an IPv6 host keeps its brackets": (
        behind("httpsredirect", "HTTPSRedirectMiddleware", "/", {"host": "[::1]:80"}),
        {"location": "https://::1/"},
        {"location": "https://[::1]/"},
    ),
    "codings are named without case": (
        behind("gzip", "GZipMiddleware", headers={"accept-encoding": "GZIP"}),
        {"vary": "Accept-Encoding"},
        {"content-encoding": "gzip", "vary": "Accept-Encoding"},
    ),
    "the middleware says who may read": (
        behind(
            "cors",
            "CORSMiddleware",
            headers={"origin": "https://b.example"},
            own_headers={"access-control-allow-origin": "*"},
            allow_origins=["https://a.example"],
        ),
        {"access-control-allow-origin": "*", "vary": "Origin"},
        {"vary": "Origin"},
    ),
    "infinite numbers are null": (
        raised(lambda library, *_: library.responses.JSONResponse(math.inf)),
        "ValueError",
        "accepted",
    ),
    "floats are written as in JavaScript": (
        lambda library, *_: library.responses.JSONResponse([1e100, 1e-7]).body,
        b"[1e+100,1e-07]",
        b"[1e100,1e-7]",
    ),
}


@pytest.mark.parametrize("rule", DIFFERENCES)
def test_a_difference_is_what_the_table_says(libraries, call, http_scope, receive_from, tmp_path, rule):
    ask, *expected = DIFFERENCES[rule]
    assert [ask(library, call, http_scope, receive_from, tmp_path) for library in libraries] == expected


def test_numbers_are_equal_however_they_are_written(libraries):
    values = [0.1, 1e100, -1.5e-7, 5e-324, 2**70]
    theirs, ours = (json.loads(library.responses.JSONResponse(values).body) for library in libraries)
    assert theirs == ours == values
