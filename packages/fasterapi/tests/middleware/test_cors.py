"""Which origins may read answers, and what the answers say about it."""

import logging

import pytest

from fasterapi.middleware import CORSMiddleware

ORIGIN = "https://ok.example"
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}


def cors_headers(answer):
    return {
        name.removeprefix("access-control-"): value
        for name, value in answer.headers.items()
        if name.startswith("access-control-")
    }


@pytest.mark.parametrize(
    ("options", "origin", "expected"),
    [
        ({"allow_origins": [ORIGIN]}, ORIGIN, {"allow-origin": ORIGIN}),
        ({"allow_origins": [ORIGIN]}, "https://other.example", {}),
        ({"allow_origins": [ORIGIN]}, "https://ok.example.evil.com", {}),
        ({"allow_origins": [ORIGIN]}, None, {}),
        ({"allow_origins": ["*"]}, "https://any.example", {"allow-origin": "*"}),
        ({"allow_origins": ["*"]}, None, {}),
        (
            {"allow_origins": ["*"], "allow_credentials": True},
            "https://any.example",
            {"allow-origin": "https://any.example", "allow-credentials": "true"},
        ),
        (
            {"allow_origins": [ORIGIN], "allow_credentials": True, "expose_headers": ["X-A", "X-B"]},
            ORIGIN,
            {"allow-origin": ORIGIN, "allow-credentials": "true", "expose-headers": "X-A, X-B"},
        ),
        ({"allow_origin_regex": r"https://.*\.example"}, ORIGIN, {"allow-origin": ORIGIN}),
        # CVE-2026-25478: the pattern must match the whole origin, not its beginning
        ({"allow_origin_regex": r"https://ok\.example"}, "https://ok.example.evil.com", {}),
        ({"allow_origin_regex": r"https://ok\.example"}, "xhttps://ok.example", {}),
    ],
)
def test_simple_answers(ask, reply, options, origin, expected):
    headers = {} if origin is None else {"Origin": origin}

    answer = ask(CORSMiddleware(reply(), **options), headers=headers)

    assert answer.status == 200
    assert cors_headers(answer) == expected
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Accept-Encoding", "Accept-Encoding, Origin"),
        ("Origin", "Origin"),
        ("accept, origin", "accept, origin"),
        ("*", "*"),
    ],
)
def test_vary_names_origin_once(ask, reply, before, after):
    answer = ask(CORSMiddleware(reply(headers={"Vary": before}), allow_origins=["*"]))

    assert answer.headers["vary"] == after


def test_the_middleware_replaces_what_the_application_says(ask, reply):
    app = reply(headers={"Access-Control-Allow-Origin": "https://evil.example"})

    answer = ask(CORSMiddleware(app, allow_origins=[ORIGIN]), headers={"Origin": "https://evil.example"})

    assert cors_headers(answer) == {}


def test_the_application_keeps_its_header_list(ask):
    fixed = {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]}

    async def app(scope, receive, send):
        await send(fixed)
        await send({"type": "http.response.body"})

    middleware = CORSMiddleware(app, allow_origins=["*"])
    first, second = ask(middleware), ask(middleware)

    assert first.start == second.start
    assert fixed["headers"] == [(b"x", b"y")]


@pytest.mark.parametrize(
    ("options", "request_headers", "status", "text", "expected"),
    [
        (
            {"allow_origins": [ORIGIN], "allow_methods": ["GET", "POST"], "max_age": 5},
            {},
            200,
            "OK",
            {
                "allow-origin": ORIGIN,
                "allow-methods": "GET, POST",
                "max-age": "5",
                "allow-headers": "Accept, Accept-Language, Content-Language, Content-Type",
            },
        ),
        (
            {"allow_origins": ["*"], "allow_headers": ["*"], "allow_methods": ["*"]},
            {"Access-Control-Request-Headers": "X-A, X-B"},
            200,
            "OK",
            {
                "allow-origin": "*",
                "allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY",
                "max-age": "600",
                "allow-headers": "X-A, X-B",
            },
        ),
        (
            {"allow_origins": [ORIGIN], "allow_headers": ["X-Token"]},
            {"Access-Control-Request-Headers": "x-token, content-type"},
            200,
            "OK",
            {
                "allow-origin": ORIGIN,
                "allow-methods": "GET",
                "max-age": "600",
                "allow-headers": "Accept, Accept-Language, Content-Language, Content-Type, X-Token",
            },
        ),
    ],
)
def test_preflight_allowed(ask, reply, options, request_headers, status, text, expected):
    app = CORSMiddleware(reply(), **options)

    answer = ask(app, method="OPTIONS", headers=PREFLIGHT | request_headers)

    assert (answer.status, answer.body.decode()) == (status, text)
    assert cors_headers(answer) == expected
    assert answer.headers["vary"].split(", ")[0] == "Origin"


@pytest.mark.parametrize(
    ("request_headers", "text"),
    [
        ({"Origin": "https://evil.example"}, "Disallowed CORS origin"),
        ({"Access-Control-Request-Method": "DELETE"}, "Disallowed CORS method"),
        ({"Access-Control-Request-Headers": "X-A"}, "Disallowed CORS headers"),
        ({"Access-Control-Request-Private-Network": "true"}, "Disallowed CORS private-network"),
        (
            {
                "Origin": "https://evil.example",
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "X-A",
            },
            "Disallowed CORS origin, method, headers",
        ),
    ],
)
def test_preflight_refused(ask, reply, request_headers, text):
    app = CORSMiddleware(reply(), allow_origins=[ORIGIN])

    answer = ask(app, method="OPTIONS", headers=PREFLIGHT | request_headers)

    assert (answer.status, answer.body.decode()) == (400, text)


def test_a_refused_origin_is_not_named(ask, reply):
    app = CORSMiddleware(reply(), allow_origins=[ORIGIN], allow_credentials=True)

    answer = ask(app, method="OPTIONS", headers=PREFLIGHT | {"Origin": "https://evil.example"})

    assert "allow-origin" not in cors_headers(answer)


def test_preflight_for_a_private_network(ask, reply):
    app = CORSMiddleware(reply(), allow_origins=[ORIGIN], allow_private_network=True)

    answer = ask(
        app, method="OPTIONS", headers=PREFLIGHT | {"Access-Control-Request-Private-Network": "true"}
    )

    assert answer.status == 200
    assert cors_headers(answer)["allow-private-network"] == "true"


@pytest.mark.parametrize("headers", [{}, {"Origin": ORIGIN}, {"Access-Control-Request-Method": "GET"}])
def test_other_options_requests_reach_the_application(ask, reply, headers):
    answer = ask(CORSMiddleware(reply(204), allow_origins=["*"]), method="OPTIONS", headers=headers)

    assert answer.status == 204


def test_all_origins_with_credentials_is_warned_about(reply, caplog):
    with caplog.at_level(logging.WARNING, "fasterapi"):
        CORSMiddleware(reply(), allow_origins=["*"], allow_credentials=True)

    (record,) = caplog.records
    assert "every web site" in record.getMessage()


def test_trusted_settings_are_not_warned_about(reply, caplog):
    CORSMiddleware(reply(), allow_origins=[ORIGIN], allow_credentials=True)
    CORSMiddleware(reply(), allow_origins=["*"])

    assert caplog.records == []


@pytest.mark.parametrize("option", ["allow_origins", "allow_methods", "allow_headers", "expose_headers"])
def test_a_text_in_the_place_of_a_list_is_refused_at_once(reply, option):
    with pytest.raises(ValueError, match=rf"{option} is a list, write \['GET'\]"):
        CORSMiddleware(reply(), **{option: "GET"})


def test_a_star_is_a_list(ask, reply):
    answer = ask(CORSMiddleware(reply(), allow_origins="*"), headers={"Origin": ORIGIN})

    assert cors_headers(answer) == {"allow-origin": "*"}
