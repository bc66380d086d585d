"""Plain connections are redirected to their secure address by 307."""

import pytest

from fasterapi.middleware import HTTPSRedirectMiddleware


@pytest.mark.parametrize(
    ("type", "scheme", "host", "location"),
    [
        ("http", "http", "example.com", "https://example.com/a?b=c"),
        ("http", "http", "example.com:80", "https://example.com/a?b=c"),
        ("http", "http", "example.com:443", "https://example.com/a?b=c"),
        ("http", "http", "example.com:8000", "https://example.com:8000/a?b=c"),
        ("http", "http", "[::1]:80", "https://[::1]/a?b=c"),
        ("http", "http", "[::1]:8000", "https://[::1]:8000/a?b=c"),
        ("websocket", "ws", "example.com", "wss://example.com/a?b=c"),
    ],
)
def test_redirects(ask, reply, type, scheme, host, location):
    answer = ask(
        HTTPSRedirectMiddleware(reply()),
        type=type,
        scheme=scheme,
        path="/a",
        query_string=b"b=c",
        headers={"Host": host},
    )

    assert answer.status == 307
    assert answer.headers["location"] == location


def test_a_percent_sign_of_the_path_stays_one(ask, reply):
    """`/100%25` arrives decoded: `/100%` is another address, and `/a%2Fb` another path than `/a%252Fb`."""
    answer = ask(HTTPSRedirectMiddleware(reply()), path="/100%/a%2Fb c", headers={"Host": "example.com"})

    assert answer.headers["location"] == "https://example.com/100%25/a%252Fb%20c"


@pytest.mark.parametrize(("type", "scheme"), [("http", "https"), ("websocket", "wss")])
def test_secure_connections_pass(ask, reply, type, scheme):
    assert ask(HTTPSRedirectMiddleware(reply()), type=type, scheme=scheme).status == 200


NO_HOSTS = ["evil.com/path?", "user@evil.com", "a b", "", "[:::]"]


@pytest.mark.parametrize("host", NO_HOSTS)
def test_what_is_no_host_is_not_redirected_to(ask, reply, host):
    """CVE-2026-48710."""
    answer = ask(HTTPSRedirectMiddleware(reply()), headers={"Host": host})

    assert answer.headers["location"] == "https://testserver/"


@pytest.mark.parametrize("host", NO_HOSTS)
def test_without_any_host_it_is_400(ask, reply, host):
    answer = ask(HTTPSRedirectMiddleware(reply()), headers={"Host": host}, server=None)

    assert (answer.status, answer.body) == (400, b"Invalid host header")


@pytest.mark.parametrize("path", ["//evil.com", "/\\evil.com", "@evil.com", "/%0d%0aSet-Cookie: a"])
def test_the_path_cannot_move_the_host(ask, reply, path):
    """CVE-2026-54282."""
    from urllib.parse import urlsplit

    answer = ask(HTTPSRedirectMiddleware(reply()), path=path, headers={"Host": "example.com"})

    assert urlsplit(answer.headers["location"]).hostname == "example.com"
