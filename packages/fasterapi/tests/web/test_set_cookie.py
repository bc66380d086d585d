"""Set-Cookie lines: what browsers understand, and nothing that they would misread."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fasterapi.responses import Response
from fasterapi.responses._dates import format_http_date, parse_http_date


def cookies(**options):
    response = Response()
    response.set_cookie(**{"key": "a", "value": "1", "samesite": None, "path": None, **options})
    return [value.decode("latin-1") for name, value in response.raw_headers if name == b"set-cookie"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "a=1"),
        ({"value": ""}, "a="),
        ({"max_age": 5}, "a=1; Max-Age=5"),
        ({"max_age": 0}, "a=1; Max-Age=0"),
        ({"path": "/x"}, "a=1; Path=/x"),
        ({"domain": "example.org"}, "a=1; Domain=example.org"),
        ({"secure": True}, "a=1; Secure"),
        ({"httponly": True}, "a=1; HttpOnly"),
        ({"samesite": "strict"}, "a=1; SameSite=strict"),
        ({"samesite": "None"}, "a=1; SameSite=None"),
        ({"secure": True, "partitioned": True}, "a=1; Partitioned; Secure"),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, "a=1; expires=Thu, 01 Jan 1970 00:00:00 GMT"),
        (
            {"expires": datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)},
            "a=1; expires=Wed, 02 Jan 2030 03:04:05 GMT",
        ),
        (
            {"expires": datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=1)))},
            "a=1; expires=Wed, 02 Jan 2030 02:04:05 GMT",
        ),
        ({"value": "x y"}, 'a="x y"'),
        ({"value": 'x"y\\z;,ü'}, 'a="x\\"y\\\\z\\073\\054\\374"'),
        ({"value": "a\r\nb"}, 'a="a\\015\\012b"'),
        ({"key": "__Host-a", "secure": True, "path": "/"}, "__Host-a=1; Path=/; Secure"),
        ({"key": "__Secure-a", "secure": True}, "__Secure-a=1; Secure"),
    ],
)
def test_a_cookie(options, expected):
    assert cookies(**options) == [expected]


def test_the_defaults_protect():
    response = Response()
    response.set_cookie("a", "1")
    assert response.headers["set-cookie"] == "a=1; Path=/; SameSite=lax"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"key": "a b"}, "a name consists of"),
        ({"key": ""}, "a name consists of"),
        ({"key": "a=b"}, "a name consists of"),
        ({"key": "a;b"}, "a name consists of"),
        ({"path": "/; domain=evil"}, "path must not contain"),
        ({"domain": "a;b"}, "domain must not contain"),
        ({"expires": "x; Secure"}, "expires must not contain"),
        ({"samesite": "loose"}, "samesite must be"),
        ({"expires": datetime(2030, 1, 1)}, "with a time zone"),
        ({"key": "__Host-a"}, "demands secure=True"),
        ({"key": "__Secure-a"}, "demands secure=True"),
        ({"key": "__Host-a", "secure": True, "path": "/x"}, "demands path='/' and no domain"),
        ({"key": "__Host-a", "secure": True, "path": "/", "domain": "a"}, "demands path='/' and no domain"),
        ({"partitioned": True}, "partitioned demands secure=True"),
        ({"value": "€"}, "latin-1"),
    ],
)
def test_what_browsers_would_refuse_is_refused_here(options, error):
    with pytest.raises(ValueError, match=error):
        cookies(**options)


def test_expiry_in_seconds_from_now(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1000.0)
    assert cookies(expires=60) == ["a=1; expires=Thu, 01 Jan 1970 00:17:40 GMT"]


def test_a_deleted_cookie_has_expired(monkeypatch):
    monkeypatch.setattr("time.time", lambda: 0.0)
    response = Response()
    response.delete_cookie(
        "a", path="/x", domain="example.org", secure=True, httponly=True, samesite="strict"
    )
    assert response.headers["set-cookie"] == (
        "a=; Domain=example.org; expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Max-Age=0; Path=/x;"
        " SameSite=strict; Secure"
    )


def test_several_cookies_are_several_lines():
    response = Response()
    response.set_cookie("a")
    response.set_cookie("b")
    assert len(response.headers.getlist("set-cookie")) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", (1994, 11, 6, 8, 49, 37)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", (1994, 11, 6, 8, 49, 37)),
        ("Sun Nov  6 08:49:37 1994", (1994, 11, 6, 8, 49, 37)),
        ("", None),
        ("yesterday", None),
    ],
)
def test_http_dates_in_all_three_forms(text, expected):
    """RFC 9110, section 5.6.7."""
    assert parse_http_date(text) == expected
    if expected:
        assert format_http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
