"""Hosts are matched label by label from the right, in any letter case, with or without port."""

import pytest

from fasterapi_router import ConflictingRoute, DuplicateRoute, HostRouter, InvalidTemplate
from fasterapi_router.host import host_name


@pytest.fixture
def hosts():
    hosts = HostRouter()
    for pattern in [
        "example.com",
        "www.Example.com",
        "{tenant}.example.com",
        "api-{version:int}.example.com",
        "{service}.{tenant}.example.com",
        "{sub:path}.example.org",
        "localhost",
        "[::1]".replace(":", "-"),
    ]:
        hosts.add(pattern, pattern)
    return hosts


@pytest.mark.parametrize(
    ("host", "pattern", "params"),
    [
        ("example.com", "example.com", {}),
        ("EXAMPLE.COM:8000", "example.com", {}),
        ("example.com.", "example.com", {}),
        ("www.example.com", "www.Example.com", {}),
        ("acme.example.com", "{tenant}.example.com", {"tenant": "acme"}),
        ("api-2.example.com", "api-{version:int}.example.com", {"version": "2"}),
        ("api-x.example.com", "{tenant}.example.com", {"tenant": "api-x"}),
        ("db.acme.example.com", "{service}.{tenant}.example.com", {"service": "db", "tenant": "acme"}),
        ("a.b.c.example.org", "{sub:path}.example.org", {"sub": "a.b.c"}),
        ("a.example.org:80", "{sub:path}.example.org", {"sub": "a"}),
        ("localhost:8000", "localhost", {}),
    ],
)
def test_hosts_lead_to_their_pattern(hosts, host, pattern, params):
    assert hosts.match(host) == (pattern, params)


@pytest.mark.parametrize(
    "host",
    [
        "",
        ":",
        ".",
        "com",
        "example.org",
        ".example.com",
        "a..example.com",
        "example.com.evil.net",
        "evil-example.com",
    ]
    + [
        "a/b.example.com",
        "a.b.c.example.com",
        "\x00",
        "\ud800",
        "example.com:8000:9000",
        "xexample.com",
        "[::1]:80",
    ],
)
def test_other_hosts_lead_nowhere(hosts, host):
    assert hosts.match(host) is None


@pytest.mark.parametrize(
    ("host", "name"),
    [("A.b", "a.b"), ("a:80", "a"), ("[::1]", "[::1]"), ("[::1]:80", "[::1]"), ("a.:80", "a"), ("", "")],
)
def test_the_name_of_a_host(host, name):
    assert host_name(host) == name


@pytest.mark.parametrize(
    "pattern",
    ["", ".", "a..b", "/a", "a/b", "https://a", "a:80", "{a", "{a}.{a}.b", "{a:number}.b", "{1}.b"],
)
def test_what_is_no_pattern_is_refused_as_it_was_written(pattern):
    with pytest.raises(InvalidTemplate) as caught:
        HostRouter().add(pattern, "x")
    assert caught.value.template == pattern


def test_the_same_hosts_twice_are_refused(hosts):
    with pytest.raises(DuplicateRoute):
        hosts.add("{tenant}.example.com", "again")
    with pytest.raises(ConflictingRoute) as caught:
        hosts.add("{other}.EXAMPLE.com", "again")
    assert caught.value.first.path == "{tenant}.example.com"
    assert len(hosts) == 8
    assert hosts.routes[0].handler == "example.com"
