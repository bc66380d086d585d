"""Host, path and method: what a request says about where it goes, and what is believed."""

import json
import string
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi import Faster, Request
from fasterapi.endpoints import HTTPEndpoint
from fasterapi.middleware import HTTPSRedirectMiddleware, TrustedHostMiddleware
from fasterapi.middleware.proxyheaders import ProxyHeadersMiddleware
from fasterapi.responses import PlainTextResponse

BAD_HOSTS = [
    "x/admin?",
    "x/admin#",
    "x?a=b",
    "x#",
    "user@x",
    "user:secret@x",
    "x\\admin",
    "x y",
    "x:port",
    "x:80:80",
    "[::1",
    "",
    "x%2fadmin",
    "/admin",
    "?",
]


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_a_host_that_is_none_is_not_believed__CVE_2026_48710(call, app, host):
    """ "BadHost": parsed as a URL, this header moved the path that guards looked at."""
    url, path, hostname, base = json.loads(call(app, "GET", "/url", headers={"host": host}).body)
    assert path == "/url"
    assert hostname in {"testserver", "x%2fadmin"} or hostname == host
    assert urlsplit(url).path == "/url"
    assert base.count("/") == 3


@given(
    path=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30),
    host=st.text(string.printable, max_size=20),
)
def test_the_path_of_the_url_is_that_of_the_scope__CVE_2026_48710__CVE_2026_54282(path, host):
    scope = {
        "type": "http",
        "scheme": "http",
        "path": f"/{path}",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", host.encode())],
        "server": ("testserver", 80),
    }
    url = Request(scope).url
    assert unquote(url.path) == unquote(scope["path"])
    assert urlsplit(str(url)).netloc in {"testserver", host}


@pytest.mark.parametrize(
    "path", ["@evil.example", "//evil.example", "/\\evil.example", "/@evil.example", "/..//evil"]
)
def test_a_path_never_becomes_a_host__CVE_2026_54282(call, path):
    seen = []

    async def note(scope, receive, send):
        seen.append(Request(scope).url)
        await PlainTextResponse("")(scope, receive, send)

    call(note, "GET", path)
    assert urlsplit(str(seen[0])).hostname == "testserver"
    answer = call(HTTPSRedirectMiddleware(note), "GET", path, headers={"host": "shop.example"})
    assert urlsplit(answer.header("location")).hostname == "shop.example"


@pytest.mark.parametrize("host", ["evil.example", "evil.example/a", "testserver@evil.example"])
@pytest.mark.parametrize("path", ["/slash", "//evil.example/slash", "/slash//evil.example", "//slash"])
def test_a_slash_redirect_names_no_host(call, app, host, path):
    """streamlit #9690 and its kind: `Location` is relative, so no header and no path chooses the host."""
    answer = call(app, "GET", path, headers={"host": host})
    if answer.status != 404:
        location = answer.header("location")
        assert answer.status == 307
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert urlsplit(location).netloc == ""
    else:
        assert path != "/slash"


class Item(HTTPEndpoint):
    async def get(self, request):
        return PlainTextResponse("get")

    def _do_delete(self):
        raise AssertionError("no method of HTTP")


@pytest.mark.parametrize(
    "method",
    [
        "_DO_DELETE",
        "__CLASS__",
        "__INIT__",
        "DISPATCH",
        "METHOD_NOT_ALLOWED",
        "get",
        "GET ",
        "GET\n",
        "",
        "G\x00T",
        "ΓET",
    ],
)
def test_a_method_is_looked_up_in_a_table__CVE_2026_48817(call, app, method):
    async def item(scope, receive, send):
        await Item(scope, receive, send)

    for asked, path in ((item, "/"), (app, "/url")):
        answer = call(asked, method, path)
        assert answer.status == 405
        assert "GET" in answer.header("allow")


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        ("example.com", "exampleXcom", 400),
        ("example.com", "example.com.evil.example", 400),
        ("example.com", "evil.example/example.com", 400),
        ("*.example.com", "evilexample.com", 400),
        ("*.example.com", "aXexample.com", 400),
        ("*.example.com", "a.exampleXcom", 400),
        ("example.com", "example.com", 200),
        ("example.com", "EXAMPLE.com:8080", 200),
        ("*.example.com", "a.example.com", 200),
        ("[::1]", "[::1]:80", 200),
        ("[::1]", "[::2]", 400),
        ("a+b.example", "aab.example", 400),
        ("[a-z].example", "b.example", 400),
    ],
)
def test_an_allowed_host_is_a_text_and_no_pattern__CVE_2026_25479(call, app, allowed, host, status):
    guarded = TrustedHostMiddleware(app, allowed_hosts=[allowed])
    assert call(guarded, "GET", "/url", headers={"host": host}).status == status


FORWARDED = {
    "host": "evil.example",
    "x-forwarded-host": "shop.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "10.0.0.1",
    "forwarded": "host=shop.example;for=10.0.0.1;proto=https",
    "x-original-url": "/admin",
    "x-rewrite-url": "/admin",
    "x-http-method-override": "DELETE",
}


def test_forwarded_headers_are_believed_of_nobody_by_default(call, app):
    """An allowed host in `X-Forwarded-Host` does not stand in for the real one."""
    url, path, hostname, _ = json.loads(call(app, "GET", "/url", headers=FORWARDED).body)
    assert (url, path, hostname) == ("http://evil.example/url", "/url", "evil.example")
    guarded = TrustedHostMiddleware(app, allowed_hosts=["shop.example"])
    assert call(guarded, "GET", "/url", headers=FORWARDED).status == 400


@pytest.mark.parametrize(
    ("trusted", "client"),
    [("127.0.0.1", "10.0.0.3"), ("192.168.0.1", "127.0.0.1"), ("127.0.0.1, 10.0.0.0/8", "6.6.6.6")],
)
def test_an_address_is_that_of_the_last_proxy_that_nobody_trusts__CVE_2025_59152(call, trusted, client):
    seen = []

    async def note(scope, receive, send):
        seen.append(scope["client"][0])
        await PlainTextResponse("")(scope, receive, send)

    headers = {"x-forwarded-for": "1.1.1.1, 6.6.6.6, 10.0.0.3"}
    call(ProxyHeadersMiddleware(note, trusted), "GET", "/", headers=headers)
    assert seen == [client]


def test_the_router_reads_no_encoding_of_its_own(call):
    """The server has decoded the path once: `%2F` in it is text, not a separator."""
    app = Faster()

    @app.get("/a/{name}")
    async def show(name: str) -> str:
        return name

    assert json.loads(call(app, "GET", "/a/b%2Fc").body) == "b%2Fc"
    assert call(app, "GET", "/a/b/c").status == 404
