"""Only what a trusted proxy has added is believed."""

import asyncio

import pytest

from fasterapi.middleware import ProxyHeadersMiddleware


@pytest.fixture
def seen(new_scope):
    """`seen(trusted_hosts, headers, …)` gives the scope that the application sees."""

    def run(trusted="127.0.0.1", *, options=None, **changes):
        scopes = []

        async def app(scope, receive, send):
            scopes.append(scope)

        asyncio.run(ProxyHeadersMiddleware(app, trusted, **(options or {}))(new_scope(**changes), None, None))
        return scopes[0]

    return run


@pytest.mark.parametrize(
    ("trusted", "forwarded_for", "client"),
    [
        ("127.0.0.1", "1.2.3.4", "1.2.3.4"),
        # the last one that no trusted proxy added: what stands in front of it, the client wrote (CVE-2025-59152)
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("127.0.0.1, 10.0.0.2", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        (["127.0.0.1", "10.0.0.0/8"], "1.2.3.4, 10.9.8.7, 10.0.0.2", "1.2.3.4"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("*", "6.6.6.6, 1.2.3.4", "6.6.6.6"),
        ("127.0.0.1", "::1", "::1"),
        ("127.0.0.1, ::1", "1.2.3.4, 0:0:0:0:0:0:0:1", "1.2.3.4"),
        ("127.0.0.1", "nonsense", "nonsense"),
        ("127.0.0.1", " , ,", "127.0.0.1"),
        ("10.0.0.1", "1.2.3.4", "127.0.0.1"),
        ("", "1.2.3.4", "127.0.0.1"),
    ],
)
def test_the_client_is_the_last_address_that_is_no_proxy(seen, trusted, forwarded_for, client):
    scope = seen(trusted, headers={"X-Forwarded-For": forwarded_for})

    assert scope["client"][0] == client


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("1.2.3.4:99", ("1.2.3.4", 99)),
        ("[2001:db8::1]:99", ("2001:db8::1", 99)),
        ("[2001:db8::1]", ("2001:db8::1", 0)),
        ("1.2.3.4:abc", ("1.2.3.4:abc", 0)),
    ],
)
def test_a_port_is_kept(seen, address, client):
    assert seen(headers={"X-Forwarded-For": address})["client"] == client


def test_several_headers_are_one_list(seen):
    headers = [("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "1.2.3.4")]

    assert seen(headers=headers)["client"][0] == "1.2.3.4"


@pytest.mark.parametrize(
    ("type", "protocol", "scheme"),
    [
        ("http", "https", "https"),
        ("http", "HTTPS", "https"),
        ("http", "http, https", "https"),
        ("http", "javascript", "http"),
        ("websocket", "https", "wss"),
        ("websocket", "wss", "wss"),
    ],
)
def test_the_scheme(seen, type, protocol, scheme):
    assert seen(type=type, headers={"X-Forwarded-Proto": protocol})["scheme"] == scheme


def test_an_untrusted_peer_is_not_believed(seen):
    headers = {
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.com",
        "Host": "example.com",
    }
    scope = seen("10.0.0.1", options={"forwarded_host": True}, headers=headers)

    assert scope["client"] == ("127.0.0.1", 50000)
    assert scope["scheme"] == "http"
    assert dict(scope["headers"])[b"host"] == b"example.com"


def test_the_forwarded_host_is_ignored_unless_asked_for(seen):
    scope = seen(headers={"Host": "example.com", "X-Forwarded-Host": "evil.com"})

    assert dict(scope["headers"])[b"host"] == b"example.com"


@pytest.mark.parametrize(
    ("forwarded", "host"),
    [
        ("public.example", b"public.example"),
        ("evil.com, public.example:8443", b"public.example:8443"),
        ("evil.com/admin?", b"inner"),
        ("", b"inner"),
    ],
)
def test_the_forwarded_host_replaces_the_host(seen, forwarded, host):
    headers = {"Host": "inner", "X-Forwarded-Host": forwarded}
    scope = seen(options={"forwarded_host": True}, headers=headers)

    assert [value for name, value in scope["headers"] if name == b"host"] == [host]


def test_a_unix_socket_can_be_trusted(seen):
    scope = seen("/run/app.sock", client=("/run/app.sock", 0), headers={"X-Forwarded-For": "1.2.3.4"})

    assert scope["client"][0] == "1.2.3.4"


def test_a_peer_without_an_address_is_not_trusted(seen):
    assert seen(client=None, headers={"X-Forwarded-For": "1.2.3.4"})["client"] is None
    assert seen("*", client=None, headers={"X-Forwarded-For": "1.2.3.4"})["client"][0] == "1.2.3.4"


def test_a_malformed_network_is_refused_at_once():
    with pytest.raises(ValueError, match="10.0.0.0/99"):
        ProxyHeadersMiddleware(None, "10.0.0.0/99")
