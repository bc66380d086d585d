"""Mappings with several values per key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fasterapi.datastructures import FormData, ImmutableMultiDict, MultiDict, QueryParams, UploadFile

PAIRS = [("a", 1), ("b", 2), ("a", 3)]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (ImmutableMultiDict(PAIRS), PAIRS),
        (ImmutableMultiDict(ImmutableMultiDict(PAIRS)), PAIRS),
        (ImmutableMultiDict({"a": 1, "b": 2}), [("a", 1), ("b", 2)]),
        (ImmutableMultiDict(a=1, b=2), [("a", 1), ("b", 2)]),
        (ImmutableMultiDict({"a": 1}, a=2), [("a", 1), ("a", 2)]),
        (ImmutableMultiDict(), []),
        (MultiDict(iter(PAIRS)), PAIRS),
    ],
)
def test_construction(made, expected):
    assert made.multi_items() == expected


def test_more_than_one_source_is_an_error():
    with pytest.raises(TypeError, match="takes one mapping"):
        ImmutableMultiDict({}, {})


def test_reading():
    pairs = ImmutableMultiDict(PAIRS)
    assert pairs["a"] == 3
    assert pairs.get("missing") is None
    assert pairs.getlist("a") == [1, 3]
    assert pairs.getlist("missing") == []
    assert dict(pairs) == {"a": 3, "b": 2}
    assert list(pairs.keys()) == list(pairs) == ["a", "b"]
    assert list(pairs.values()) == [3, 2]
    assert list(pairs.items()) == [("a", 3), ("b", 2)]
    assert len(pairs) == 2
    assert "b" in pairs
    assert repr(pairs) == f"ImmutableMultiDict({PAIRS})"
    with pytest.raises(KeyError):
        pairs["missing"]


def test_comparison_ignores_the_order_of_keys_but_not_of_their_values():
    assert ImmutableMultiDict(PAIRS) == ImmutableMultiDict([("b", 2), ("a", 1), ("a", 3)])
    assert ImmutableMultiDict(PAIRS) != ImmutableMultiDict([("b", 2), ("a", 3), ("a", 1)])
    assert ImmutableMultiDict(PAIRS) != dict(PAIRS)
    assert MultiDict(PAIRS) != ImmutableMultiDict(PAIRS)


@pytest.mark.parametrize(
    ("change", "expected", "result"),
    [
        (lambda d: d.__setitem__("a", 9), [("b", 2), ("a", 9)], None),
        (lambda d: d.__delitem__("a"), [("b", 2)], None),
        (lambda d: d.pop("a"), [("b", 2)], 3),
        (lambda d: d.pop("missing", 5), PAIRS, 5),
        (lambda d: d.popitem(), [("a", 1), ("a", 3)], ("b", 2)),
        (lambda d: d.poplist("a"), [("b", 2)], [1, 3]),
        (lambda d: d.clear(), [], None),
        (lambda d: d.setdefault("a", 9), PAIRS, 3),
        (lambda d: d.setdefault("c", 9), [*PAIRS, ("c", 9)], 9),
        (lambda d: d.setlist("a", [7, 8]), [("b", 2), ("a", 7), ("a", 8)], None),
        (lambda d: d.setlist("a", []), [("b", 2)], None),
        (lambda d: d.append("a", 9), [*PAIRS, ("a", 9)], None),
        (lambda d: d.update({"a": 9}), [("b", 2), ("a", 9)], None),
        (lambda d: d.update([("c", 1), ("c", 2)]), [*PAIRS, ("c", 1), ("c", 2)], None),
        (lambda d: d.update(a=9), [("b", 2), ("a", 9)], None),
    ],
)
def test_changing(change, expected, result):
    pairs = MultiDict(PAIRS)
    assert change(pairs) == result
    assert pairs.multi_items() == expected
    assert dict(pairs) == dict(expected)


def test_deleting_what_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        del MultiDict(PAIRS)["missing"]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (QueryParams("a=1&b=&c&a=x+y"), [("a", "1"), ("b", ""), ("c", ""), ("a", "x y")]),
        (QueryParams(b"a=%C3%BC&b=%FF"), [("a", "ü"), ("b", "\ufffd")]),
        (QueryParams("a=1;b=2"), [("a", "1;b=2")]),  # CVE-2026-53538: `;` separates nothing
        (QueryParams(""), []),
        (QueryParams(), []),
        (QueryParams({"a": 1}), [("a", "1")]),
        (QueryParams([("a", 1), ("a", None)]), [("a", "1"), ("a", "None")]),
        (QueryParams(a=1), [("a", "1")]),
        (QueryParams("a=1", b=2), [("a", "1"), ("b", "2")]),
    ],
)
def test_query_parameters_are_text(made, expected):
    assert made.multi_items() == expected


@given(st.lists(st.tuples(st.text(), st.text())))
def test_query_parameters_survive_being_written_and_read(pairs):
    params = QueryParams(
        [(key.encode("utf-8", "ignore").decode(), v.encode("utf-8", "ignore").decode()) for key, v in pairs]
    )
    assert QueryParams(str(params)).multi_items() == params.multi_items()


def test_query_parameters_show_their_query_string():
    assert repr(QueryParams(a="x y")) == "QueryParams('a=x+y')"


def test_closing_a_form_closes_its_files():
    import asyncio

    file = UploadFile(filename="a")
    asyncio.run(FormData([("file", file), ("name", "Ada")]).close())
    assert file.file.closed
