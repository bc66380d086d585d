"""Addresses: parts, changes, and what a request's scope makes of them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fasterapi.datastructures import URL, Address, URLPath

FULL = "https://ada:pw@example.org:8443/a/b?x=1&y=2#top"


def test_the_parts_of_a_url():
    url = URL(FULL)
    assert (url.scheme, url.netloc, url.path, url.query, url.fragment) == (
        "https",
        "ada:pw@example.org:8443",
        "/a/b",
        "x=1&y=2",
        "top",
    )
    assert (url.username, url.password, url.hostname, url.port) == ("ada", "pw", "example.org", 8443)
    assert url.is_secure
    assert not URL("ws://a").is_secure
    assert str(url) == FULL
    assert url == URL(FULL)
    assert url == FULL
    assert url != 1
    assert hash(url) == hash(URL(FULL))


def test_repr_hides_the_password():
    assert repr(URL(FULL)) == "URL('https://ada:********@example.org:8443/a/b?x=1&y=2#top')"
    assert repr(URL("/a")) == "URL('/a')"


@pytest.mark.parametrize(
    ("url", "parts", "expected"),
    [
        (FULL, {"scheme": "http"}, "http://ada:pw@example.org:8443/a/b?x=1&y=2#top"),
        (FULL, {"path": "/"}, "https://ada:pw@example.org:8443/?x=1&y=2#top"),
        (FULL, {"hostname": "b.example"}, "https://ada:pw@b.example:8443/a/b?x=1&y=2#top"),
        (FULL, {"port": None}, "https://ada:pw@example.org/a/b?x=1&y=2#top"),
        (FULL, {"port": 1}, "https://ada:pw@example.org:1/a/b?x=1&y=2#top"),
        (FULL, {"password": None}, "https://ada@example.org:8443/a/b?x=1&y=2#top"),
        (FULL, {"username": None}, "https://example.org:8443/a/b?x=1&y=2#top"),
        ("http://a/", {"username": "u"}, "http://u@a/"),
        ("http://[::1]:80/", {"port": 81}, "http://[::1]:81/"),
        ("http://[::1]/", {"port": 81}, "http://[::1]:81/"),
        ("http://a/", {"hostname": "::1"}, "http://[::1]/"),
        ("http://a/", {"hostname": "[::1]"}, "http://[::1]/"),
        ("", {"scheme": "http", "hostname": "a", "path": "/x"}, "http://a/x"),
    ],
)
def test_replace(url, parts, expected):
    assert str(URL(url).replace(**parts)) == expected


def test_query_parameters_of_a_url():
    url = URL("http://a/?x=1&y=2&x=3")
    assert str(url.include_query_params(y=5, z="a b")) == "http://a/?x=1&x=3&y=5&z=a+b"
    assert str(url.replace_query_params(z=1)) == "http://a/?z=1"
    assert str(url.remove_query_params("x")) == "http://a/?y=2"
    assert str(url.remove_query_params(["x", "y", "missing"])) == "http://a/"


def test_a_url_has_one_source(http_scope):
    assert str(URL(scheme="http", netloc="a", path="/b")) == "http://a/b"
    for sources in (
        {"url": "a", "path": "/b"},
        {"url": "a", "scope": http_scope()},
        {"scope": http_scope(), "path": "/"},
    ):
        with pytest.raises(TypeError, match="give one of"):
            URL(**sources)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"path": "/a b/ü"}, "http://testserver/a b/ü"),
        ({"query": b"x=1"}, "http://testserver/?x=1"),
        ({"headers": {"host": "example.org"}}, "http://example.org/"),
        ({"headers": {"host": "example.org:8000"}}, "http://example.org:8000/"),
        ({"headers": {"host": "[::1]:8000"}}, "http://[::1]:8000/"),
        ({"server": ("127.0.0.1", 8000)}, "http://127.0.0.1:8000/"),
        ({"server": ("::1", 8000)}, "http://[::1]:8000/"),
        ({"server": ("127.0.0.1", 443), "scheme": "https"}, "https://127.0.0.1/"),
        ({"server": ("127.0.0.1", 443), "scheme": "gopher"}, "gopher://127.0.0.1:443/"),
        ({"server": ("/run/app.sock", None)}, "/"),
        ({"server": None}, "/"),
        ({"server": None, "query": b"x=1"}, "/?x=1"),
        ({"server": None, "path": "//evil"}, "/%2Fevil"),
        ({"path": "//evil"}, "http://testserver//evil"),
        ({"path": "@evil"}, "http://testserver/@evil"),
        ({"path": ""}, "http://testserver/"),
        ({"path": "/a?b#c\\d"}, "http://testserver/a%3Fb%23c%5Cd"),
        ({"path": "/a\r\nb"}, "http://testserver/a%0D%0Ab"),
        ({"query": b"a#b"}, "http://testserver/?a%23b"),
        ({"query": b"\xff"}, "http://testserver/?\ufffd"),
    ],
)
def test_a_url_from_a_scope(http_scope, scope, expected):
    assert str(URL(scope=http_scope(**scope))) == expected


HOSTILE_HOSTS = [
    "evil/admin?",
    "evil?x=",
    "evil#",
    "a@evil",
    "evil\\",
    "evil:99999",
    "evil:80:80",
    "evil:x",
    "[::1",
    "[fe80::1%25eth0]",
    "[::g]",
    "[1.2.3.4]",
    "",
    "a b",
    "evil\x0b",
    "ünï",
]


@pytest.mark.parametrize("host", HOSTILE_HOSTS)
def test_a_host_header_that_is_no_host_is_ignored(http_scope, host):
    """CVE-2026-48710: what stands in `Host` must not become path, query or user information."""
    url = URL(scope=http_scope(path="/a", headers={"host": host}))
    assert (url.netloc, url.path, url.query) == ("testserver", "/a", "")


@example(path="%80", host="h", query=b"")
@given(path=st.text(), host=st.text(st.characters(max_codepoint=255)), query=st.binary())
def test_neither_host_nor_path_nor_query_reach_into_another_part(path, host, query):
    """CVE-2026-48710 and CVE-2026-54282, for anything that a server may hand on."""
    import urllib.parse

    scope = {
        "type": "http",
        "path": f"/{path}",
        "query_string": query,
        "headers": [(b"host", host.encode("latin-1"))],
        "server": ("testserver", 80),
    }
    url = URL(scope=scope)
    assert urllib.parse.unquote(url.path, errors="surrogateescape") == urllib.parse.unquote(
        f"/{path}", errors="surrogateescape"
    )
    again = URL(str(url))
    assert again.netloc == url.netloc
    assert again.netloc in {"testserver", host}
    assert again.fragment == ""


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        (URLPath("/a"), "http://h/", "http://h/a"),
        (URLPath("/a"), URL("https://h/root/"), "https://h/root/a"),
        (URLPath("/a", protocol="http"), "wss://h/", "https://h/a"),
        (URLPath("/a", protocol="websocket"), "http://h/", "ws://h/a"),
        (URLPath("/a", protocol="websocket"), "https://h/", "wss://h/a"),
        (URLPath("/a", host="other"), "http://h/", "http://other/a"),
        (URLPath("//evil"), "http://h/", "http://h/%2Fevil"),
        (URLPath("/\\evil"), "http://h/", "http://h/%5Cevil"),
    ],
)
def test_a_path_becomes_an_absolute_url(path, base, expected):
    assert str(path.make_absolute_url(base)) == expected


def test_a_path_knows_its_protocol():
    assert URLPath("/a", protocol="websocket").protocol == "websocket"
    with pytest.raises(ValueError, match="protocol is"):
        URLPath("/a", protocol="ftp")


def test_an_address_has_a_host_and_a_port():
    assert Address("h", 1) == ("h", 1)
