"""Only requests for allowed hosts get through."""

import pytest

from fasterapi.middleware import TrustedHostMiddleware
from fasterapi.middleware._host import parse_host


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        (["example.com"], "example.com", 200),
        (["example.com"], "EXAMPLE.com", 200),
        (["EXAMPLE.com"], "example.com", 200),
        (["example.com"], "example.com:8000", 200),
        (["example.com"], "example.org", 400),
        (["example.com"], "notexample.com", 400),
        (["example.com"], "example.com.evil.com", 400),
        # CVE-2026-25479: a dot is a dot
        (["example.com"], "exampleXcom", 400),
        (["*.example.com"], "a.example.com", 200),
        (["*.example.com"], "a.b.example.com:443", 200),
        (["*.example.com"], "example.com", 400),
        (["*.example.com"], "evilexample.com", 400),
        (["*.example.com"], "aXexample.com", 400),
        (["[::1]"], "[::1]", 200),
        (["[::1]"], "[::1]:8000", 200),
        (["[::1]"], "[::2]", 400),
        (["[::1]"], "::1", 400),
        # CVE-2026-48710: what is no host never gets through, also not by a wildcard
        (["*.example.com"], "evil/a.example.com", 400),
        (["*.example.com"], "evil?a.example.com", 400),
        (["*.example.com"], "user@a.example.com", 400),
        (["*.example.com"], "a.example.com:port", 400),
        (["*.example.com"], "", 400),
        (["example.com"], "[nonsense]", 400),
        (["*"], "anything/at all", 200),
    ],
)
def test_hosts(ask, reply, allowed, host, status):
    answer = ask(TrustedHostMiddleware(reply(), allowed_hosts=allowed), headers={"Host": host})

    assert answer.status == status
    if status == 400:
        assert answer.body == b"Invalid host header"


def test_without_a_list_every_host_is_allowed(ask, reply):
    assert ask(TrustedHostMiddleware(reply())).status == 200


def test_a_request_without_a_host_is_refused(ask, reply):
    assert ask(TrustedHostMiddleware(reply(), ["example.com"])).status == 400


def test_a_request_with_two_hosts_is_refused(ask, reply):
    """RFC 9112, section 3.2: the next server might believe the other one."""
    headers = [("Host", "example.com"), ("Host", "evil.com")]

    assert ask(TrustedHostMiddleware(reply(), ["example.com"]), headers=headers).status == 400


def test_forwarded_hosts_are_not_looked_at(ask, reply):
    headers = {"Host": "evil.com", "X-Forwarded-Host": "example.com"}

    assert ask(TrustedHostMiddleware(reply(), ["example.com"]), headers=headers).status == 400


@pytest.mark.parametrize("pattern", ["*example.com", "example.*", "a.*.com", "**", "*.*.com"])
def test_other_wildcards_are_refused_at_once(reply, pattern):
    with pytest.raises(ValueError, match="no host and no wildcard"):
        TrustedHostMiddleware(reply(), [pattern])


def test_the_bare_domain_is_redirected_to_www(ask, reply):
    app = TrustedHostMiddleware(reply(), ["www.example.com"])

    answer = ask(app, headers={"Host": "example.com"}, path="/a", query_string=b"b=c")

    assert answer.status == 307
    assert answer.headers["location"] == "http://www.example.com/a?b=c"


def test_the_redirect_can_be_turned_off(ask, reply):
    app = TrustedHostMiddleware(reply(), ["www.example.com"], www_redirect=False)

    assert ask(app, headers={"Host": "example.com"}).status == 400


def test_websockets_are_checked_too(ask, reply):
    app = TrustedHostMiddleware(reply(), ["example.com"])

    answer = ask(app, type="websocket", headers={"Host": "evil.com"})

    assert answer.messages[0]["type"] == "websocket.http.response.start"
    assert answer.status == 400


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("example.com", ("example.com", None)),
        ("example.com:80", ("example.com", "80")),
        ("127.0.0.1:80", ("127.0.0.1", "80")),
        ("[fe80::1]:80", ("[fe80::1]", "80")),
        ("[v1.fe80]", ("[v1.fe80]", None)),
        ("[1.2.3.4]", None),
        ("[::1", None),
        ("a b", None),
        ("a:b:c", None),
        ("", None),
    ],
)
def test_parse_host(header, expected):
    assert parse_host(header) == expected


def test_a_text_in_the_place_of_the_list_is_refused_at_once(reply):
    with pytest.raises(ValueError, match=r"allowed_hosts is a list, write \['example.com'\]"):
        TrustedHostMiddleware(reply(), "example.com")
