"""The same requests to Starlette's middleware and to ours: the same answers. Differences that are meant are listed.

Runs where Starlette is installed (a session of its own installs it); it is no dependency.
"""

import base64

import pytest

from fasterapi import authentication as our_authentication
from fasterapi import middleware as ours

starlette = pytest.importorskip("starlette", reason="Starlette is not installed")

from starlette import authentication as their_authentication  # noqa: E402
from starlette.middleware.authentication import AuthenticationMiddleware  # noqa: E402
from starlette.middleware.base import BaseHTTPMiddleware  # noqa: E402
from starlette.middleware.body_limit import RequestBodyLimitMiddleware  # noqa: E402
from starlette.middleware.cors import CORSMiddleware  # noqa: E402
from starlette.middleware.gzip import GZipMiddleware  # noqa: E402
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402

TEXT = b"lorem ipsum " * 200
A = "https://a.example"
B = "https://b.example"


def facts(answer):
    """What a client sees. The order of headers, and their case, say nothing."""
    headers = sorted(
        (name.lower(), value)
        for name, value in answer.start["headers"]
        if name.lower() not in (b"server", b"date")
    )
    return answer.status, headers, answer.body


def same(ask, ours_app, theirs_app, **request):
    assert facts(ask(ours_app, **request)) == facts(ask(theirs_app, **request))


CORS_OPTIONS = [
    {},
    {"allow_origins": [A]},
    {"allow_origins": [A, B], "allow_credentials": True},
    {"allow_origins": ["*"]},
    {"allow_origins": ["*"], "allow_credentials": True},
    {"allow_origins": ["*"], "allow_methods": ["*"], "allow_headers": ["*"]},
    {"allow_origins": [A], "allow_methods": ["GET", "POST"], "allow_headers": ["X-Token", "x-other"]},
    {"allow_origins": [A], "expose_headers": ["X-A", "X-B"], "max_age": 10},
    {"allow_origin_regex": r"https://[a-c]\.example"},
    {"allow_origin_regex": r"https://a\.example", "allow_origins": [B], "allow_credentials": True},
    {"allow_origins": [A], "allow_private_network": True},
]
PREFLIGHT = {"Access-Control-Request-Method": "GET"}
CORS_REQUESTS = [
    ("GET", {}),
    ("GET", {"Origin": A}),
    ("GET", {"Origin": B}),
    ("GET", {"Origin": A + ".evil.com"}),
    ("GET", {"Origin": "null"}),
    ("OPTIONS", {}),
    ("OPTIONS", {"Origin": A}),
    ("OPTIONS", {"Origin": A, **PREFLIGHT}),
    ("OPTIONS", {"Origin": B, **PREFLIGHT}),
    ("OPTIONS", {"Origin": A, "Access-Control-Request-Method": "DELETE"}),
    ("OPTIONS", {"Origin": A, **PREFLIGHT, "Access-Control-Request-Headers": "X-Token"}),
    ("OPTIONS", {"Origin": A, **PREFLIGHT, "Access-Control-Request-Headers": "x-token , X-OTHER,accept"}),
    ("OPTIONS", {"Origin": B, **PREFLIGHT, "Access-Control-Request-Headers": "X-Evil"}),
    ("OPTIONS", {"Origin": A, **PREFLIGHT, "Access-Control-Request-Private-Network": "true"}),
]


@pytest.mark.parametrize("method_and_headers", CORS_REQUESTS, ids=str)
@pytest.mark.parametrize("options", CORS_OPTIONS, ids=str)
def test_cors(ask, reply, options, method_and_headers):
    method, headers = method_and_headers

    same(
        ask,
        ours.CORSMiddleware(reply(headers={"Vary": "Cookie", "X": "y"}), **options),
        CORSMiddleware(reply(headers={"Vary": "Cookie", "X": "y"}), **options),
        method=method,
        headers=headers,
    )


@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "EXAMPLE.com:80",
        "www.example.com",
        "a.example.com",
        "other.org",
        "[::1]:80",
        "a b",
        "",
        None,
    ],
)
@pytest.mark.parametrize(
    "allowed",
    [None, ["*"], ["example.com"], ["*.example.com"], ["www.example.com"], ["[::1]", "example.com"]],
)
def test_trusted_host(ask, reply, allowed, host):
    same(
        ask,
        ours.TrustedHostMiddleware(reply(), allowed),
        TrustedHostMiddleware(reply(), allowed),
        path="/a",
        query_string=b"b=c",
        headers={} if host is None else {"Host": host},
    )


@pytest.mark.parametrize(("type", "scheme"), [("http", "http"), ("http", "https"), ("websocket", "ws")])
@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "example.com:80",
        "example.com:000080",
        "example.com:8000",
        "[::1]:8443",
        "[:::]",
        "a b",
        None,
    ],
)
def test_https_redirect(ask, reply, type, scheme, host):
    same(
        ask,
        ours.HTTPSRedirectMiddleware(reply()),
        HTTPSRedirectMiddleware(reply()),
        type=type,
        scheme=scheme,
        path="/a b",
        query_string=b"c=%20d",
        headers={} if host is None else {"Host": host},
    )


@pytest.mark.parametrize("accepted", [None, "", "gzip", "br", "gzip, br", "deflate, gzip;q=1.0"])
@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, TEXT),
        (200, {}, b"short"),
        (200, {"Content-Length": str(len(TEXT))}, TEXT),
        (200, {}, [TEXT, TEXT, b""]),
        (200, {"Vary": "Origin"}, TEXT),
        (200, {"Content-Encoding": "br"}, TEXT),
        (200, {"Content-Type": "image/png"}, TEXT),
        (200, {"Content-Type": "text/event-stream; charset=utf-8"}, [TEXT, TEXT]),
        (206, {"Content-Range": "bytes 0-2399/9999"}, TEXT),
        (404, {"Content-Type": "text/html"}, TEXT),
        (204, {}, b""),
    ],
    ids=str,
)
def test_gzip(ask, reply, answer, accepted):
    same(
        ask,
        ours.GZipMiddleware(reply(*answer)),
        GZipMiddleware(reply(*answer)),
        headers={} if accepted is None else {"Accept-Encoding": accepted},
    )


async def read_all(scope, receive, send):
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message["body"])
        more = message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


@pytest.mark.parametrize("limit", [0, 5, 10])
@pytest.mark.parametrize("body", [b"", b"12345", b"123456", [b"123", b"45"], [b"123", b"456"]], ids=str)
@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize("is_read", [True, False])
def test_body_limit(ask, reply, limit, body, declared, is_read):
    app = read_all if is_read else reply()
    length = len(body if isinstance(body, bytes) else b"".join(body))

    same(
        ask,
        ours.BodyLimitMiddleware(app, limit),
        RequestBodyLimitMiddleware(app, limit),
        method="POST",
        body=body,
        headers={"Content-Length": str(length)} if declared else {},
    )


def backend_of(module):
    class Backend(module.AuthenticationBackend):
        async def authenticate(self, conn):
            if "authorization" not in conn.headers:
                return None
            try:
                name = base64.b64decode(conn.headers["authorization"], validate=True).decode()
            except ValueError as error:
                raise module.AuthenticationError("bad credentials") from error
            return module.AuthCredentials(["a", "b"]), module.SimpleUser(name)

    return Backend()


async def who(scope, receive, send):
    user, scopes = scope["user"], scope["auth"].scopes
    text = f"{user.is_authenticated} {user.display_name} {scopes}"
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})


@pytest.mark.parametrize("credentials", [None, "YWRh", "!"])
def test_authentication(ask, credentials):
    same(
        ask,
        ours.AuthenticationMiddleware(who, backend_of(our_authentication)),
        AuthenticationMiddleware(who, backend_of(their_authentication)),
        headers={} if credentials is None else {"Authorization": credentials},
    )


async def stamp(request, call_next):
    body = await request.body()
    response = await call_next(request)
    response.headers["x-size"] = str(len(body))
    return response


@pytest.mark.parametrize("body", [b"", b"abc", [b"a", b"bc"]], ids=str)
@pytest.mark.parametrize("dispatch", [stamp, None], ids=["stamp", "nothing"])
def test_base(ask, body, dispatch):
    async def nothing(request, call_next):
        return await call_next(request)

    same(
        ask,
        ours.BaseHTTPMiddleware(read_all, dispatch or nothing),
        BaseHTTPMiddleware(read_all, dispatch or nothing),
        method="POST",
        body=body,
    )


def test_their_sessions_are_ours_and_ours_are_theirs(ask):
    pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")
    from starlette.middleware.sessions import SessionMiddleware

    def app_of(cls, change):
        async def app(scope, receive, send):
            if change:
                scope["session"]["user"] = "ada"
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": repr(dict(scope["session"])).encode()})

        return cls(app, "key")

    for write, read in [
        (ours.SessionMiddleware, SessionMiddleware),
        (SessionMiddleware, ours.SessionMiddleware),
    ]:
        headers = ask(app_of(write, True)).headers
        cookie, _, attributes = headers["set-cookie"].partition("; ")
        assert attributes == "path=/; Max-Age=1209600; httponly; samesite=lax"
        assert ask(app_of(read, False), headers={"Cookie": cookie}).body == b"{'user': 'ada'}"


@pytest.mark.parametrize("wrap", ["inside", "outside"])
@pytest.mark.parametrize(
    ("cls", "options"),
    [
        (CORSMiddleware, {"allow_origins": ["*"]}),
        (GZipMiddleware, {}),
        (TrustedHostMiddleware, {"allowed_hosts": ["example.com"]}),
        (BaseHTTPMiddleware, {"dispatch": stamp}),
        (RequestBodyLimitMiddleware, {"max_body_size": 100}),
    ],
)
def test_their_middleware_works_in_our_stack(ask, cls, options, wrap):
    """Among our own layers, on both sides, with a body to read and one to send."""

    async def app(scope, receive, send):
        body = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body * 100})

    theirs = ours.Middleware(cls, **options)
    mine = [
        ours.Middleware(ours.CORSMiddleware, allow_origins=[A]),
        ours.Middleware(ours.BaseHTTPMiddleware, dispatch=stamp),
        ours.Middleware(ours.BodyLimitMiddleware, max_body_size=1000),
    ]
    stack = ours.build_stack(app, [theirs, *mine] if wrap == "outside" else [*mine, theirs])

    headers = {"Host": "example.com", "Origin": A, "Accept-Encoding": "identity"}
    answer = ask(stack, method="POST", body=b"12345", headers=headers)

    assert answer.status == 200
    assert answer.body == b"12345" * 100
    assert answer.headers["x-size"] == "5"


MEANT_DIFFERENCES = [
    # Vary names Origin once
    (ours.CORSMiddleware, CORSMiddleware, {"allow_origins": [A]}, {"Vary": "Origin"}, {}, b"ok"),
    # a client that says `gzip;q=0` gets no gzip
    (ours.GZipMiddleware, GZipMiddleware, {}, {}, {"Accept-Encoding": "gzip;q=0"}, TEXT),
]


@pytest.mark.parametrize(("our", "their", "options", "answer", "headers", "body"), MEANT_DIFFERENCES)
def test_meant_differences_are_still_differences(ask, reply, our, their, options, answer, headers, body):
    def seen(cls):
        return facts(ask(cls(reply(headers=answer, body=body), **options), headers=headers))

    assert seen(our) != seen(their)
