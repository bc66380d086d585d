"""Header fields: read without case, several per name, and safe to set."""

import pytest

from fasterapi.datastructures import Headers, MutableHeaders

RAW = [(b"accept", b"text/html"), (b"x-token", b"a"), (b"accept", b"*/*")]


@pytest.mark.parametrize(
    "headers",
    [
        Headers({"Accept": "text/html"}),
        Headers(raw=[(b"accept", b"text/html")]),
        Headers(scope={"headers": [(b"accept", b"text/html")]}),
        Headers(scope={"headers": ((b"accept", b"text/html"),)}),
    ],
)
def test_headers_come_from_a_mapping_a_raw_list_or_a_scope(headers):
    assert headers["ACCEPT"] == "text/html"
    assert headers == Headers({"accept": "text/html"})


@pytest.mark.parametrize(
    "sources",
    [
        {"headers": {}, "raw": []},
        {"headers": {}, "scope": {"headers": []}},
        {"raw": [], "scope": {"headers": []}},
    ],
)
def test_only_one_source_may_be_given(sources):
    with pytest.raises(TypeError, match="give one of"):
        Headers(**sources)


def test_an_iterator_in_the_scope_survives_the_first_reader():
    scope = {"headers": iter(RAW)}
    assert len(Headers(scope=scope)) == len(Headers(scope=scope)) == 3


def test_reading():
    headers = Headers(raw=RAW)
    assert headers.getlist("Accept") == ["text/html", "*/*"]
    assert headers.getlist("missing") == []
    assert headers.get("missing") is None
    assert "X-Token" in headers
    assert "missing" not in headers
    assert 1 not in headers
    assert list(headers) == headers.keys() == ["accept", "x-token", "accept"]
    assert headers.values() == ["text/html", "a", "*/*"]
    assert headers.items() == [("accept", "text/html"), ("x-token", "a"), ("accept", "*/*")]
    assert headers.raw == RAW
    assert headers.raw is not RAW
    with pytest.raises(KeyError):
        headers["missing"]


def test_comparison_ignores_order():
    assert Headers(raw=RAW) == Headers(raw=RAW[::-1])
    assert Headers(raw=RAW) != {"accept": "text/html"}
    with pytest.raises(TypeError):
        hash(Headers())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (Headers({"a": "1"}), "Headers({'a': '1'})"),
        (Headers(raw=[(b"a", b"1"), (b"a", b"2")]), "Headers(raw=[(b'a', b'1'), (b'a', b'2')])"),
        (MutableHeaders(), "MutableHeaders({})"),
    ],
)
def test_repr_shows_every_occurrence(headers, expected):
    assert repr(headers) == expected


def test_setting_keeps_the_place_of_the_first_occurrence():
    headers = MutableHeaders(raw=list(RAW))
    headers["Accept"] = "text/plain"
    assert headers.raw == [(b"accept", b"text/plain"), (b"x-token", b"a")]


def test_a_response_sees_changes_because_the_raw_list_is_shared():
    raw = list(RAW)
    headers = MutableHeaders(raw=raw)
    headers["new"] = "1"
    del headers["accept"]
    del headers["missing"]
    assert raw == [(b"x-token", b"a"), (b"new", b"1")]


def test_changing():
    headers = MutableHeaders({"A": "1"})
    assert headers.setdefault("a", "2") == "1"
    assert headers.setdefault("b", "2") == "2"
    headers.append("a", "3")
    headers.update({"c": "4"})
    headers |= {"d": "5"}
    assert (headers | {"e": "6"}).getlist("e") == ["6"]
    assert headers.items() == [("a", "1"), ("b", "2"), ("a", "3"), ("c", "4"), ("d", "5")]
    headers.add_vary_header("Origin")
    headers.add_vary_header("Accept")
    assert headers["vary"] == "Origin, Accept"
    copy = headers.mutablecopy()
    del copy["a"]
    assert headers.getlist("a") == ["1", "3"]


@pytest.mark.parametrize("other", [[("a", "1")], "a", None])
def test_only_mappings_are_merged(other):
    with pytest.raises(TypeError, match="Expected a mapping"):
        MutableHeaders() | other


WAYS_TO_SET = [
    lambda name, value: MutableHeaders({name: value}),
    lambda name, value: MutableHeaders().__setitem__(name, value),
    lambda name, value: MutableHeaders().setdefault(name, value),
    lambda name, value: MutableHeaders().append(name, value),
    lambda name, value: MutableHeaders().update({name: value}),
]


@pytest.mark.parametrize("set_header", WAYS_TO_SET)
@pytest.mark.parametrize("value", ["a\r\nset-cookie: b=c", "a\nb", "a\rb", "a\0b"])
def test_a_value_can_not_start_another_line(set_header, value):
    with pytest.raises(ValueError, match="must not contain CR, LF or NUL"):
        set_header("x", value)


@pytest.mark.parametrize("set_header", WAYS_TO_SET)
@pytest.mark.parametrize("name", ["a b", "a:b", "", "a\r\nb", "ä", "a\0"])
def test_a_name_is_a_token(set_header, name):
    with pytest.raises(ValueError, match="a name consists of"):
        set_header(name, "1")


def test_text_beyond_latin_1_is_refused():
    with pytest.raises(ValueError, match="latin-1"):
        MutableHeaders({"x": "€"})
