"""Addresses, headers, multi-dicts: values that both libraries give for the same operations."""

import pytest

URLS = [
    "https://ada:pw@example.org:8443/a/b?x=1&y=2#top",
    "http://example.org",
    "/a?x=1;y=2&x=&z",
    "//host/path",
    "http://[::1]:8000/a",
    "http://user@h/",
    "",
    "mailto:a@b",
]
URL_OPERATIONS = [
    lambda url: (url.scheme, url.netloc, url.path, url.query, url.fragment),
    lambda url: (url.username, url.password, url.hostname, url.port, url.is_secure),
    lambda url: (str(url), repr(url), url == str(url)),
    lambda url: str(url.replace(scheme="ws", path="/new")),
    lambda url: str(url.replace(port=99)),
    lambda url: str(url.replace(port=None)),
    lambda url: str(url.replace(hostname="other")),
    lambda url: str(url.replace(hostname="::1")),
    lambda url: str(url.replace(username="u", password="p")),
    lambda url: str(url.include_query_params(x="ü b", n=1)),
    lambda url: str(url.replace_query_params(x=1)),
    lambda url: str(url.remove_query_params(["x", "missing"])),
    lambda url: str(url.remove_query_params("y")),
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("operation", URL_OPERATIONS)
def test_urls(agree, url, operation):
    agree(lambda library: operation(library.datastructures.URL(url)))


SCOPES = [
    {},
    {"path": "/a b/ü"},
    {"path": "//evil"},
    {"path": "@evil"},
    {"path": "/a?b#c\\d"},
    {"query": b"x=1&y=%20"},
    {"root_path": "/root", "path": "/root/a"},
    {"scheme": "https", "server": ("example.org", 443)},
    {"scheme": "wss", "server": ("example.org", 444)},
    {"server": ("::1", 8000)},
    {"server": None},
    {"server": None, "path": "//evil", "query": b"a"},
    *(
        {"headers": {"host": host}}
        for host in ["h", "h:8000", "[::1]:80", "h:0", "h:65535", "H.example", "a_b", "%41"]
    ),
    *(
        {"headers": {"host": host}}
        for host in [
            "evil/x",
            "evil?x",
            "a@b",
            "h:",
            "h:x",
            "h:65536",
            "h:000080",
            "[::g]",
            "[v1.x]",
            "",
            "a b",
            "::1",
            "[fe80::1%25e]",
        ]
    ),
]


@pytest.mark.parametrize("scope", SCOPES)
def test_urls_of_requests(agree, http_scope, scope):
    agree(lambda library: str(library.requests.Request(http_scope(**scope)).url))
    agree(lambda library: str(library.requests.Request(http_scope(**scope)).base_url))


@pytest.mark.parametrize(
    ("path", "protocol", "host"),
    [
        ("/a", "", ""),
        ("/a", "http", ""),
        ("/a", "websocket", ""),
        ("/a", "http", "other:80"),
        ("//evil", "", ""),
        ("/\\evil", "", ""),
        ("/a?b", "", ""),
        ("/a", "ftp", ""),
    ],
)
@pytest.mark.parametrize("base", ["http://h", "https://h:1/root/", "wss://h/"])
def test_url_paths(agree, path, protocol, host, base):
    agree(lambda library: str(library.datastructures.URLPath(path, protocol, host).make_absolute_url(base)))


QUERIES = [
    "",
    "a=1&b=2&a=3",
    "a&b=&=c&&",
    "a=x+y%20z&%C3%BC=%C3",
    "a;b=1;c=2",
    b"a=%FF&b=\xff",
    [("a", 1), ("a", 2)],
    {"a": 1, "b": None},
]


@pytest.mark.parametrize("query", QUERIES)
def test_query_params(agree, query):
    def ask(library):
        params = library.datastructures.QueryParams(query)
        return (
            params.multi_items(),
            dict(params),
            str(params),
            repr(params),
            params.getlist("a"),
            params == library.datastructures.QueryParams(str(params)),
            len(params),
        )

    agree(ask)


CHANGES = [
    lambda d: d.__setitem__("a", 9),
    lambda d: d.__delitem__("a"),
    lambda d: d.__delitem__("missing"),
    lambda d: d.pop("a"),
    lambda d: d.pop("missing"),
    lambda d: d.popitem(),
    lambda d: d.poplist("a"),
    lambda d: d.clear(),
    lambda d: d.setdefault("c", 1),
    lambda d: d.setdefault("a", 1),
    lambda d: d.setlist("a", [7, 8]),
    lambda d: d.setlist("a", []),
    lambda d: d.append("b", 9),
    lambda d: d.update({"a": 0, "z": 1}),
    lambda d: d.update([("b", 5), ("b", 6)], c=1),
]


@pytest.mark.parametrize("change", CHANGES)
def test_multidicts(agree, change):
    def ask(library):
        pairs = library.datastructures.MultiDict([("a", 1), ("b", 2), ("a", 3)])
        result = change(pairs)
        return result, pairs.multi_items(), dict(pairs), repr(pairs)

    agree(ask)


HEADER_CHANGES = [
    lambda h: h.__setitem__("A", "9"),
    lambda h: h.__delitem__("A"),
    lambda h: h.__delitem__("missing"),
    lambda h: h.setdefault("a", "9"),
    lambda h: h.setdefault("new", "9"),
    lambda h: h.append("a", "9"),
    lambda h: h.update({"a": "9", "z": "1"}),
    lambda h: h.add_vary_header("Accept"),
    lambda h: h.__ior__({"b": "7"}) and None,
    lambda h: (h | {"b": "7"}).items(),
    lambda h: h | [("b", "7")],
    lambda h: h.getlist("A"),
    lambda h: h["missing"],
    lambda h: h.mutablecopy().raw,
]


@pytest.mark.parametrize("change", HEADER_CHANGES)
def test_headers(agree, change):
    def ask(library):
        headers = library.datastructures.MutableHeaders(
            raw=[(b"a", b"1"), (b"b", b"2"), (b"a", b"3"), (b"vary", b"x")]
        )
        result = change(headers)
        return (
            result,
            headers.raw,
            repr(headers),
            list(headers),
            headers.values(),
            len(headers),
            "A" in headers,
        )

    agree(ask)


@pytest.mark.parametrize(
    "header",
    [
        "a=1; b=2;c=3",
        "a=1; a=2",
        "flag; =x; a=",
        'a="x y"; b="\\"\\054\\\\"; c="open',
        " a = 1 ;; b",
        "a=\xfc; \xfc=1",
        "=__Host-a=bad",
        "",
    ],
)
def test_cookies(agree, http_scope, header):
    agree(lambda library: library.requests.Request(http_scope(headers={"cookie": header})).cookies)


@pytest.mark.parametrize("value", ["a, b", 'a,"b,c"', "", ["x"]])
def test_comma_separated_strings(agree, value):
    def ask(library):
        strings = library.datastructures.CommaSeparatedStrings(value)
        return list(strings), repr(strings), str(strings)

    agree(ask)
