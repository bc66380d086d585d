"""A page of somebody else cannot make a browser do something here."""

import asyncio
import re

import pytest

from fasterapi import Faster, File, Form, HTTPException, Request, UploadFile
from fasterapi.exceptions import FasterAPIError
from fasterapi.middleware import BaseHTTPMiddleware, Middleware
from fasterapi.middleware._formfield import MAX_SEARCH
from fasterapi.middleware.csrf import CSRFMiddleware, csrf_token
from fasterapi.requests import HTTPConnection
from fasterapi.responses import JSONResponse
from fasterapi.testclient import TestClient

HOST = {"Host": "example.org"}

# What a browser says, and whether it may.
ORIGINS = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "nonsense"}, False),
    ({"Sec-Fetch-Site": ""}, False),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://example.org"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://example.org"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://friend.example"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "HTTPS://Friend.Example"}, True),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://friend.example"}, False),
    ({"Origin": "https://example.org"}, True),
    ({"Origin": "http://example.org"}, True),
    ({"Origin": "https://EXAMPLE.org"}, True),
    ({"Origin": "https://example.org", "Host": "example.org:443"}, True),
    ({"Origin": "https://example.org:8443", "Host": "example.org:8443"}, True),
    ({"Origin": "https://example.org:8443"}, False),
    ({"Origin": "https://example.org.evil.example"}, False),
    ({"Origin": "https://evilexample.org"}, False),
    ({"Origin": "https://user@example.org"}, False),
    ({"Origin": "https://friend.example"}, True),
    ({"Origin": "https://friend.example:8443"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
    ({"Origin": "example.org"}, False),
    ({"Referer": "https://evil.example/"}, True),  # no browser leaves out Origin
    ({}, True),
]


@pytest.mark.parametrize(("headers", "is_allowed"), ORIGINS)
def test_without_a_key_the_word_of_the_browser_counts(ask, reply, headers, is_allowed):
    app = CSRFMiddleware(reply(), trusted_origins=["https://friend.example"])

    answer = ask(app, method="POST", headers={**HOST, **headers})

    assert answer.status == (200 if is_allowed else 403)
    if not is_allowed:
        assert answer.body == b'{"detail":"The request comes from another origin"}'


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 200), ("HEAD", 200), ("OPTIONS", 200), ("TRACE", 200), ("QUERY", 200)]
    + [(method, 403) for method in ("POST", "PUT", "PATCH", "DELETE", "get", "MKCOL")],
)
def test_only_what_changes_something_is_looked_at(ask, reply, method, status):
    app = CSRFMiddleware(reply())

    assert ask(app, method=method, headers={"Sec-Fetch-Site": "cross-site"}).status == status


def test_without_a_key_nothing_is_added(ask, reply):
    assert ask(CSRFMiddleware(reply())).headers == {}


EXEMPT = [
    ("/hook", True),
    ("/hook/", False),
    ("/hook/x", False),
    ("/hooks/a/b", True),
    ("/hooks", False),
    ("/hooksx", False),
    ("/x/hook", False),
    ("//hook", False),
    ("/Hook", False),
]


@pytest.mark.parametrize(("path", "is_exempt"), EXEMPT)
@pytest.mark.parametrize("key", [None, "key"])
def test_exempt_paths_are_not_looked_at(ask, reply, path, is_exempt, key):
    app = CSRFMiddleware(reply(), key, exempt=["/hook", "/hooks/*"])

    answer = ask(app, method="POST", path=path, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == (200 if is_exempt else 403)


def test_an_exempt_path_is_the_one_below_the_application(ask, reply):
    app = CSRFMiddleware(reply(), "key", exempt=["/hook"])

    assert ask(app, method="POST", path="/v1/hook", root_path="/v1").status == 200


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"secret_key": ""}, "anybody could sign"),
        ({"cookie_name": "__Host-csrf", "https_only": True, "path": "/a"}, "__Host- demands"),
        ({"exempt": "/hook"}, "is a list"),
        ({"exempt": ["hook"]}, "is written as"),
        ({"exempt": ["/a/*/b"]}, "is written as"),
        ({"exempt": ["/a*"]}, "is written as"),
        ({"trusted_origins": "https://a.example"}, "is a list"),
        ({"trusted_origins": ["a.example"]}, "is written as"),
        ({"trusted_origins": ["https://a.example/"]}, "is written as"),
        ({"trusted_origins": ["null"]}, "is written as"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_at_once(options, text):
    with pytest.raises(ValueError, match=text):
        CSRFMiddleware(None, **options)


def cookie_of(answer):
    (cookie,) = [value.decode() for name, value in answer.start["headers"] if name == b"set-cookie"]
    return cookie


def token_of(answer):
    return cookie_of(answer).removeprefix("csrftoken=").partition(";")[0]


async def page(scope, receive, send):
    """Answers the token, as a page with a form does."""
    token = csrf_token(HTTPConnection(scope))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": token.encode()})


@pytest.fixture
def token(ask):
    return token_of(ask(CSRFMiddleware(page, "key")))


def cookie(token):
    return {"Cookie": f"csrftoken={token}"}


def test_whoever_asks_for_the_token_makes_the_answer_set_it(ask):
    answer = ask(CSRFMiddleware(page, "key"))

    assert re.fullmatch(r"csrftoken=[\w-]{22}\.[\w-]{43}; Path=/; SameSite=lax", cookie_of(answer))
    assert answer.headers["vary"] == "Cookie"
    assert answer.body.decode() == token_of(answer)


def test_an_answer_without_the_token_stays_as_it_is(ask, reply, token):
    """So it can be kept in caches."""
    app = CSRFMiddleware(reply(), "key")

    assert ask(app).headers == ask(app, headers=cookie(token)).headers == {}


def test_a_token_that_is_good_is_not_sent_again(ask, token):
    answer = ask(CSRFMiddleware(page, "key"), headers=cookie(token))

    assert (answer.headers, answer.body.decode()) == ({"vary": "Cookie"}, token)


def test_two_clients_have_two_tokens(ask):
    app = CSRFMiddleware(page, "key")

    assert token_of(ask(app)) != token_of(ask(app))


def test_attributes_of_the_cookie(ask):
    app = CSRFMiddleware(
        page,
        "key",
        cookie_name="__Secure-csrf",
        https_only=True,
        same_site="strict",
        path="/a",
        domain="example.org",
    )

    attributes = cookie_of(ask(app)).partition("; ")[2]

    assert set(attributes.split("; ")) == {"Domain=example.org", "Path=/a", "SameSite=strict", "Secure"}


def test_with_the_token_in_cookie_and_header_a_request_passes(ask, reply, token):
    app = CSRFMiddleware(reply(), "key")

    assert ask(app, method="POST", headers={**cookie(token), "X-CSRFToken": token}).status == 200


def wrong(token):
    nonce, _, signature = token.partition(".")
    other = "A" if signature[0] != "A" else "B"
    return [
        {},
        cookie(token),
        {"X-CSRFToken": token},
        {**cookie(token), "X-CSRFToken": ""},
        {**cookie(token), "X-CSRFToken": token + "x"},
        {**cookie(token), "X-CSRFToken": nonce},
        {**cookie(token), "X-CSRFToken": "ä"},
        {**cookie(""), "X-CSRFToken": ""},
        {**cookie("."), "X-CSRFToken": "."},
        {**cookie("x"), "X-CSRFToken": "x"},
        {**cookie("x.y"), "X-CSRFToken": "x.y"},
        {**cookie(nonce), "X-CSRFToken": nonce},
        {**cookie(f"{nonce}."), "X-CSRFToken": f"{nonce}."},
        {**cookie(f"{nonce}.{other}{signature[1:]}"), "X-CSRFToken": f"{nonce}.{other}{signature[1:]}"},
        {**cookie(f"x{nonce}.{signature}"), "X-CSRFToken": f"x{nonce}.{signature}"},
        {**cookie(token), "X-CSRFToken": token, "Sec-Fetch-Site": "cross-site"},
        {**cookie(token), "X-CSRFToken": token, "Origin": "https://evil.example"},
    ]


def test_with_anything_else_it_is_refused(ask, reply, token):
    app = CSRFMiddleware(reply(), "key")

    answers = [ask(app, method="POST", headers=headers) for headers in wrong(token)]

    assert {answer.status for answer in answers} == {403}
    assert answers[0].body == b'{"detail":"CSRF token missing or incorrect"}'


def test_a_token_of_another_key_is_refused_and_replaced(ask):
    other = token_of(ask(CSRFMiddleware(page, "other")))
    app = CSRFMiddleware(page, "key")

    assert ask(app, method="POST", headers={**cookie(other), "X-CSRFToken": other}).status == 403
    assert token_of(ask(app, headers=cookie(other))) != other


def test_a_token_is_bound_to_a_user(ask):
    app = CSRFMiddleware(page, "key", bind=lambda connection: connection.headers.get("x-user", ""))
    eves = token_of(ask(app, headers={"X-User": "eve"}))
    planted = {**cookie(eves), "X-CSRFToken": eves}

    assert ask(app, method="POST", headers={**planted, "X-User": "eve"}).status == 200
    assert ask(app, method="POST", headers={**planted, "X-User": "ada"}).status == 403
    assert token_of(ask(app, headers={**cookie(eves), "X-User": "ada"})) != eves


def test_names_can_be_chosen(ask):
    app = CSRFMiddleware(page, "key", cookie_name="XSRF-TOKEN", header_name="X-XSRF-TOKEN")
    token = cookie_of(ask(app)).removeprefix("XSRF-TOKEN=").partition(";")[0]

    answer = ask(app, method="POST", headers={"Cookie": f"XSRF-TOKEN={token}", "X-XSRF-TOKEN": token})

    assert answer.status == 200


def echo():
    """Answers the body that reaches it, piece by piece."""

    async def app(scope, receive, send):
        pieces = []
        while True:
            message = await receive()
            pieces.append(message.get("body", b""))
            if not message.get("more_body", False):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"|".join(pieces)})

    return app


URLENCODED = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": 'multipart/form-data; boundary="b"'}


def part(name, value, extra=""):
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'.encode()


def forms(token):
    """Media type and pieces of the body, and whether the token is in there."""
    half = len(token) // 2
    return [
        (URLENCODED, [f"csrf_token={token}"], True),
        (URLENCODED, [f"a=1&csrf_token={token}&b=2"], True),
        (URLENCODED, ["a=1&csrf_to", f"ken={token[:half]}", f"{token[half:]}", "&b=2"], True),
        (URLENCODED, ["csrf%5Ftoken=" + token.replace(".", "%2E")], True),
        (URLENCODED, [f"csrf_token={token}", "&b=2", "&c=3"], True),
        (URLENCODED, [f"csrf_token={token}x"], False),
        (URLENCODED, [f"xcsrf_token={token}"], False),
        (URLENCODED, [f"csrf_token=x&csrf_token={token}"], False),
        (URLENCODED, [""], False),
        (URLENCODED, ["&" * 1000, f"csrf_token={token}"], True),
        (URLENCODED, ["a=" + "x" * MAX_SEARCH, f"&csrf_token={token}"], False),
        (URLENCODED, ["a=" + "x" * MAX_SEARCH + f"&csrf_token={token}"], False),
        (MULTIPART, [part("csrf_token", token) + b"--b--\r\n"], True),
        (MULTIPART, [part("a", "1") + part("csrf_token", token) + part("b", "2") + b"--b--\r\n"], True),
        (
            MULTIPART,
            [bytes([byte]) for byte in part("a", "1") + part("csrf_token", token) + b"--b--\r\n"],
            True,
        ),
        (MULTIPART, [part("csrf_token", token) + part("f", "x", '; filename="f"'), b"cut"], True),
        (MULTIPART, [part("csrf_token", token, '; filename="f"') + b"--b--\r\n"], False),
        (MULTIPART, [part("other", token) + b"--b--\r\n"], False),
        (MULTIPART, [b"no multipart", b"at all"], False),
        (MULTIPART, [part("f", "x" * MAX_SEARCH) + part("csrf_token", token) + b"--b--\r\n"], False),
        ({"Content-Type": "multipart/form-data"}, [part("csrf_token", token) + b"--b--\r\n"], False),
        ({"Content-Type": "text/plain"}, [f"csrf_token={token}"], False),
        ({"Content-Type": "application/json"}, [f'{{"csrf_token": "{token}"}}'], False),
        ({}, [f"csrf_token={token}"], False),
    ]


@pytest.mark.parametrize("number", range(24))
def test_a_form_has_the_token_in_a_field_and_reaches_the_application_as_it_came(ask, token, number):
    headers, pieces, is_there = forms(token)[number]
    pieces = [piece.encode() if isinstance(piece, str) else piece for piece in pieces]

    answer = ask(
        CSRFMiddleware(echo(), "key"), method="POST", headers={**cookie(token), **headers}, body=pieces
    )

    assert answer.status == (200 if is_there else 403)
    if is_there:
        assert answer.body == b"|".join(pieces)


def test_no_more_is_read_than_up_to_the_token(token):
    """An upload behind it is not held in memory."""
    received = []

    async def receive():
        received.append(len(received))
        body = part("csrf_token", token) + part("file", "")[:-2] if len(received) == 1 else b"x" * 1000
        return {"type": "http.request", "body": body, "more_body": True}

    async def app(scope, receive, send):
        assert received == [0]
        assert (await receive())["body"].startswith(b"--b")
        assert (await receive())["body"] == b"x" * 1000
        received.append("called")

    headers = {**cookie(token), **MULTIPART}
    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    scope["headers"] = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(CSRFMiddleware(app, "key")(scope, receive, None))

    assert received == [0, 1, "called"]


@pytest.mark.parametrize("content_type", [URLENCODED, MULTIPART])
def test_a_form_that_never_comes_to_the_token_is_not_read_on(reply, content_type):
    received = []
    sent = []

    async def receive():
        received.append(1)
        assert len(received) <= 16
        return {"type": "http.request", "body": b"-" * (MAX_SEARCH // 16), "more_body": True}

    async def send(message):
        sent.append(message.get("status"))

    headers = [(name.lower().encode(), value.encode()) for name, value in content_type.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    asyncio.run(CSRFMiddleware(reply(), "key")(scope, receive, send))

    assert sent[0] == 403


@pytest.mark.parametrize("header", ["x", ""])
def test_a_wrong_header_is_not_made_good_by_a_field(ask, token, header):
    headers = {**cookie(token), **URLENCODED, "X-CSRFToken": header}

    answer = ask(
        CSRFMiddleware(echo(), "key"), method="POST", headers=headers, body=f"csrf_token={token}".encode()
    )

    assert answer.status == 403


def site(**options):
    app = Faster(**options)
    app.add_middleware(CSRFMiddleware, secret_key="key")

    @app.get("/")
    async def page(request: Request) -> str:
        return csrf_token(request)

    @app.post("/form")
    async def form(name: str = Form()) -> str:
        return name

    @app.post("/upload")
    async def upload(file: UploadFile = File()) -> int:
        return len(await file.read())

    @app.post("/body")
    async def body(request: Request) -> str:
        return (await request.body()).decode()

    @app.post("/json")
    async def json(item: dict[str, int]) -> dict[str, int]:
        return item

    return app


def test_a_page_has_the_token_in_a_form_and_the_handler_gets_the_form():
    client = TestClient(site())
    page = client.get("/")
    token = page.json()

    assert token == client.cookies["csrftoken"]
    assert page.headers["vary"] == client.get("/").headers["vary"] == "Cookie"
    assert client.post("/form", data={"csrf_token": token, "name": "ada"}).json() == "ada"
    assert client.post("/body", data={"csrf_token": token, "a": "1"}).json() == f"csrf_token={token}&a=1"
    found = client.post("/upload", data={"csrf_token": token}, files={"file": b"x" * 3_000_000})
    assert found.json() == 3_000_000
    assert client.post("/json", json={"a": 1}, headers={"X-CSRFToken": token}).json() == {"a": 1}
    assert client.post("/form", data={"name": "ada"}).status_code == 403
    assert client.post("/json", json={"a": 1}).status_code == 403


@pytest.mark.parametrize("reads", [True, False])
@pytest.mark.parametrize("is_outside", [True, False])
def test_it_works_with_middleware_that_reads_bodies(is_outside, reads):
    bodies = []

    async def look(request, call_next):
        if reads:
            bodies.append(await request.body())
        return await call_next(request)

    app = site(middleware=[] if is_outside else [Middleware(BaseHTTPMiddleware, dispatch=look)])
    if is_outside:
        app.add_middleware(BaseHTTPMiddleware, dispatch=look)
    client = TestClient(app)
    token = client.get("/").json()

    assert client.post("/form", data={"csrf_token": token, "name": "ada"}).json() == "ada"
    assert client.post("/body", data={"csrf_token": token}).json() == f"csrf_token={token}"
    assert len(bodies) == (3 if reads else 0)


def test_refusals_have_the_shape_that_the_application_gives_them():
    app = site()

    @app.exception_handler(HTTPException)
    async def own_shape(request, error):
        return JSONResponse({"problem": error.detail}, status_code=error.status_code)

    assert TestClient(app).post("/json", json={}).json() == {"problem": "CSRF token missing or incorrect"}


def test_without_the_middleware_there_is_no_token():
    with pytest.raises(FasterAPIError, match="CSRFMiddleware"):
        csrf_token(HTTPConnection({"type": "http"}))
