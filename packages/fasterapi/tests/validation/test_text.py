"""Texts of URLs, headers and forms are converted as FastAPI converts them: accepted values and error types.

The table stands here literally; where pydantic is installed, a second test holds it against pydantic.
"""

import datetime as dt
import enum
import ipaddress
import pathlib
import re
import uuid
from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest

from fasterapi.validation import TEXT_ERRORS, Adapter, Constraints

UTC = dt.UTC
ID = uuid.UUID("12345678-1234-5678-1234-567812345678")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


class Weight(float, enum.Enum):
    HALF = 0.5


class Plain(enum.Enum):
    ONE = 1


class Refusal(str):
    """The `type` of the only error."""


E = Refusal

CASES: list[tuple[Any, str, Any]] = [
    *[(int, text, value) for text, value in [
        ("1", 1), ("+5", 5), ("-5", -5), (" 12 ", 12), ("\t5\n", 5), ("\u00a05", 5), ("-0", 0), ("007", 7),
        ("1_000", 1000), ("1_000.0", 1000), ("1.0", 1), ("1.00", 1), ("0.0", 0), ("-1_0", -10),
        ("1" * 4300, int("1" * 4300)), ("1" * 4301, E("int_parsing_size")),
        ("", E("int_parsing")), ("abc", E("int_parsing")), ("_1", E("int_parsing")), ("1__0", E("int_parsing")),
        ("1.", E("int_parsing")), (".0", E("int_parsing")), ("1.5", E("int_parsing")), ("1e3", E("int_parsing")),
        ("0x10", E("int_parsing")), ("\u0663", E("int_parsing")), ("+-5", E("int_parsing")), ("+ 5", E("int_parsing")),
        ("1.0_0", E("int_parsing")), ("nan", E("int_parsing")), ("\u22125", E("int_parsing")), ("\x1c5", E("int_parsing")),
    ]],
    *[(float, text, value) for text, value in [
        ("1", 1.0), ("1.5", 1.5), (" 1.5 ", 1.5), (".5", 0.5), ("5.", 5.0), ("+1", 1.0), ("1e5", 1e5), ("1_0.5", 10.5),
        ("inf", float("inf")), ("-Infinity", float("-inf")), ("1E400", float("inf")),
        ("", E("float_parsing")), ("abc", E("float_parsing")), ("0x1", E("float_parsing")), ("1__0", E("float_parsing")),
        ("\u0663", E("float_parsing")), ("_1", E("float_parsing")), ("1_", E("float_parsing")), ("\x1c1", E("float_parsing")),
    ]],
    *[(bool, text, True) for text in ("true", "True", "TRUE", "tRuE", "1", "on", "ON", "yes", "y", "t", "T")],
    *[(bool, text, False) for text in ("false", "0", "off", "no", "n", "f", "F", "FALSE")],
    *[(bool, text, E("bool_parsing")) for text in (" true ", "", "2", "1.0", "enabled", "tru\u00e9", "falsefalse")],
    (str, "", ""), (str, " a ", " a "), (bytes, "\u00fc", "\u00fc".encode()),
    *[(Decimal, text, value) for text, value in [
        ("1.50", Decimal("1.50")), (" 1 ", Decimal(1)), ("1e5", Decimal("1e5")), ("nan", E("finite_number")),
        ("sNaN", E("finite_number")), ("inf", E("finite_number")), ("x", E("decimal_parsing")), ("", E("decimal_parsing")),
    ]],
    *[(uuid.UUID, text, value) for text, value in [
        (str(ID), ID), (ID.hex, ID), (f"{{{ID}}}", ID), (f"urn:uuid:{ID}", ID), (str(ID).upper(), ID),
        ("", E("uuid_parsing")), ("x", E("uuid_parsing")), (f" {ID}", E("uuid_parsing")),
        ("1234567812345678-1234567812345678", E("uuid_parsing")), (f"{ID}0", E("uuid_parsing")),
    ]],
    *[(dt.datetime, text, value) for text, value in [
        ("2024-01-01T10:20:30", dt.datetime(2024, 1, 1, 10, 20, 30)), ("2024-01-01 10:20", dt.datetime(2024, 1, 1, 10, 20)),
        ("2024-01-01t10:20:30.5z", dt.datetime(2024, 1, 1, 10, 20, 30, 500000, UTC)),
        ("2024-01-01_10:20:30,1234567", dt.datetime(2024, 1, 1, 10, 20, 30, 123456)),
        ("2024-01-01T10:20:30+05:30", dt.datetime(2024, 1, 1, 10, 20, 30, tzinfo=dt.timezone(dt.timedelta(hours=5.5)))),
        ("2024-01-01T10:20:30-0530", dt.datetime(2024, 1, 1, 10, 20, 30, tzinfo=dt.timezone(-dt.timedelta(hours=5.5)))),
        ("2024-01-01", dt.datetime(2024, 1, 1)), ("1700000000", dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)),
        ("1700000000000", dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)), ("1.5e3", dt.datetime(1970, 1, 1, 0, 25, tzinfo=UTC)),
        ("x", E("datetime_from_date_parsing")), ("", E("datetime_from_date_parsing")), ("1e9", E("datetime_from_date_parsing")),
        ("2024-13-01", E("datetime_from_date_parsing")), ("2024-02-30T00:00:00", E("datetime_from_date_parsing")),
        ("2024-01-01T25:00:00", E("datetime_from_date_parsing")), ("2024-01-01T00:00:60", E("datetime_from_date_parsing")),
        ("2024-01-01x00:00:00", E("datetime_from_date_parsing")), (" 2024-01-01 ", E("datetime_from_date_parsing")),
        ("1.0e999999999", E("datetime_from_date_parsing")), ("9" * 30, E("datetime_from_date_parsing")),
        ("2024-01-01T00:00:00+24:00", E("datetime_from_date_parsing")), ("2024-01-01T00:00:00+01:60", E("datetime_from_date_parsing")),
    ]],
    *[(dt.date, text, value) for text, value in [
        ("2024-02-29", dt.date(2024, 2, 29)), ("2024-01-01T00:00:00", dt.date(2024, 1, 1)), ("86400", dt.date(1970, 1, 2)),
        ("2024-01-01T00:00:01", E("date_from_datetime_inexact")), ("86401", E("date_from_datetime_inexact")),
        ("0000-01-01", E("date_parsing")), ("x", E("date_from_datetime_parsing")), ("2024/01/01", E("date_from_datetime_parsing")),
        ("2024-02-30", E("date_from_datetime_parsing")), ("20240101", E("date_from_datetime_inexact")),
        ("abcd-01-01", E("date_from_datetime_parsing")), ("9" * 30, E("date_from_datetime_parsing")),
    ]],
    *[(dt.time, text, value) for text, value in [
        ("10:00", dt.time(10)), ("10:00:00.5", dt.time(10, 0, 0, 500000)), ("10:00:00Z", dt.time(10, tzinfo=UTC)),
        ("10", E("time_parsing")), ("25:00", E("time_parsing")), ("10:61", E("time_parsing")), ("10:00:61", E("time_parsing")),
        ("86400", E("time_parsing")), ("xx:00", E("time_parsing")), ("10:00:00x", E("time_parsing")),
    ]],
    *[(dt.timedelta, text, value) for text, value in [
        ("P1DT2H", dt.timedelta(days=1, hours=2)), ("-P1D", dt.timedelta(days=-1)), ("P1Y2M3W4D", dt.timedelta(days=450)),
        ("PT1.5S", dt.timedelta(seconds=1.5)), ("1 day", dt.timedelta(days=1)), ("3 days, 10:00:00", dt.timedelta(days=3, hours=10)),
        ("100:00:00", dt.timedelta(hours=100)), ("1d", dt.timedelta(days=1)), ("10:00", dt.timedelta(hours=10)),
        ("x", E("time_delta_parsing")), ("", E("time_delta_parsing")), ("P", E("time_delta_parsing")), ("3600", E("time_delta_parsing")),
        ("PT1.5H30M", E("time_delta_parsing")), ("10:61", E("time_delta_parsing")), ("1 day 30:00:00", E("time_delta_parsing")),
        ("P99999999999D", E("time_delta_parsing")), ("PT", E("time_delta_parsing")),
    ]],
    (Colour, "red", Colour.RED), (Colour, "RED", E("enum")), (Size, "1", Size.SMALL), (Size, "1.0", Size.SMALL), (Size, "9", E("enum")),
    (Weight, "0.5", Weight.HALF), (Weight, "x", E("enum")), (Plain, "1", E("enum")),
    (Literal["a", "b"], "a", "a"), (Literal["a", "b"], "c", E("literal_error")), (Literal[1], "1", E("literal_error")),
    (ipaddress.IPv4Address, "127.0.0.1", ipaddress.IPv4Address("127.0.0.1")), (ipaddress.IPv4Address, "x", E("ip_v4_address")),
    (ipaddress.IPv6Address, "::1", ipaddress.IPv6Address("::1")), (ipaddress.IPv6Address, "1.2.3.4", E("ip_v6_address")),
    (ipaddress.IPv4Network, "10.0.0.0/8", ipaddress.IPv4Network("10.0.0.0/8")), (ipaddress.IPv4Network, "10.0.0.1/8", E("ip_v4_network")),
    (ipaddress.IPv6Network, "x", E("ip_v6_network")), (ipaddress.IPv4Interface, "x", E("ip_v4_interface")),
    (ipaddress.IPv6Interface, "x", E("ip_v6_interface")), (pathlib.Path, "a/b", pathlib.Path("a/b")),
    (re.Pattern, "(", E("pattern_regex")), (re.Pattern, "a+", re.compile("a+")),
    (int | None, "5", 5), (int | None, "", E("int_parsing")), (int | str, "5", "5"), (int | float, "1", 1), (int | float, "1.5", 1.5),
    (Literal["a"] | int, "5", 5), (bool | int, "2", 2), (Colour | int, "red", Colour.RED), (Any, "5", "5"),
    (None, "null", E("none_required")),
]  # fmt: skip


def label(case: Any) -> str:
    return getattr(case, "__name__", str(case))[:40] if not isinstance(case, str) else repr(case[:30])


@pytest.mark.parametrize(("type_", "text", "expected"), CASES, ids=label)
def test_text_becomes_value_or_error(type_: Any, text: str, expected: Any) -> None:
    adapter = Adapter(type_)
    errors = adapter.text_errors(text, ("query", "q"))
    if isinstance(expected, Refusal):
        assert [error["type"] for error in errors] == [expected]
        assert errors[0]["loc"] == ("query", "q")
        with pytest.raises(TEXT_ERRORS):
            adapter.from_text(text)
    else:
        assert errors == []
        found = adapter.from_text(text)
        assert found == expected
        assert type(found) is type(expected)


@pytest.mark.parametrize(("type_", "text", "expected"), CASES, ids=label)
def test_inline_expression_says_the_same(type_: Any, text: str, expected: Any) -> None:
    adapter = Adapter(type_)
    if adapter.text_inline is None:
        return
    names = {**adapter.text_namespace, "raw": text}
    if isinstance(expected, Refusal):
        with pytest.raises(TEXT_ERRORS):
            eval(adapter.text_inline.format(raw="raw"), names)
    else:
        assert eval(adapter.text_inline.format(raw="raw"), names) == expected


@pytest.mark.parametrize(("type_", "text", "expected"), CASES, ids=label)
def test_table_is_what_pydantic_does(type_: Any, text: str, expected: Any) -> None:
    pydantic = pytest.importorskip("pydantic")
    try:
        found = pydantic.TypeAdapter(type_).validate_python(text)
    except pydantic.ValidationError as error:
        assert [item["type"] for item in error.errors()] == [expected]
    else:
        assert found == expected


BOUNDED: list[tuple[Any, dict[str, Any], str, Any]] = [
    (int, {"ge": 1, "le": 3}, "1", None),
    (int, {"ge": 1, "le": 3}, "0", ("greater_than_equal", "Input should be greater than or equal to 1", {"ge": 1})),
    (int, {"ge": 1, "le": 3}, "4", ("less_than_equal", "Input should be less than or equal to 3", {"le": 3})),
    (int, {"gt": 1}, "1", ("greater_than", "Input should be greater than 1", {"gt": 1})),
    (int, {"lt": 1}, "1", ("less_than", "Input should be less than 1", {"lt": 1})),
    (int, {"multiple_of": 3}, "4", ("multiple_of", "Input should be a multiple of 3", {"multiple_of": 3})),
    (int, {"gt": 1, "multiple_of": 3}, "3", None),
    (int, {"ge": 2**70}, "5", ("greater_than_equal", f"Input should be greater than or equal to {2**70}", {"ge": 2**70})),
    (int, {"gt": 1.5}, "1", ("greater_than", "Input should be greater than 1.5", {"gt": 1.5})),
    (float, {"gt": 3.0}, "1", ("greater_than", "Input should be greater than 3", {"gt": 3.0})),
    (float, {"multiple_of": 0.5}, "0.7", ("multiple_of", "Input should be a multiple of 0.5", {"multiple_of": 0.5})),
    (float, {"allow_inf_nan": False}, "inf", ("finite_number", "Input should be a finite number", None)),
    (float, {"ge": 0.0}, "nan", ("greater_than_equal", "Input should be greater than or equal to 0", {"ge": 0.0})),
    (str, {"min_length": 1}, "", ("string_too_short", "String should have at least 1 character", {"min_length": 1})),
    (str, {"min_length": 2}, "a", ("string_too_short", "String should have at least 2 characters", {"min_length": 2})),
    (str, {"max_length": 2}, "abc", ("string_too_long", "String should have at most 2 characters", {"max_length": 2})),
    (str, {"pattern": "^a"}, "b", ("string_pattern_mismatch", "String should match pattern '^a'", {"pattern": "^a"})),
    (bytes, {"min_length": 2}, "a", ("bytes_too_short", "Data should have at least 2 bytes", {"min_length": 2})),
    (bytes, {"max_length": 1}, "ab", ("bytes_too_long", "Data should have at most 1 byte", {"max_length": 1})),
    (Decimal, {"max_digits": 3}, "1234", ("decimal_max_digits", "Decimal input should have no more than 3 digits in total", {"max_digits": 3})),
    (Decimal, {"decimal_places": 1}, "1.23", ("decimal_max_places", "Decimal input should have no more than 1 decimal place", {"decimal_places": 1})),
    (Decimal, {"max_digits": 3, "decimal_places": 2}, "12.3", ("decimal_whole_digits", "Decimal input should have no more than 1 digit before the decimal point", {"whole_digits": 1})),
    (Decimal, {"max_digits": 3, "decimal_places": 1}, "99.9", None),
    (dt.date, {"gt": dt.date(2024, 1, 1)}, "2023-01-01", ("greater_than", "Input should be greater than 2024-01-01", {"gt": "2024-01-01"})),
    (dt.datetime, {"le": dt.datetime(2024, 1, 1)}, "2025-01-01", ("less_than_equal", "Input should be less than or equal to 2024-01-01T00:00:00", {"le": "2024-01-01T00:00:00"})),
    (int | None, {"gt": 3}, "1", ("greater_than", "Input should be greater than 3", {"gt": 3})),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "limits", "text", "expected"), BOUNDED, ids=label)
def test_limits_are_named_as_in_fastapi(type_: Any, limits: dict[str, Any], text: str, expected: Any) -> None:
    adapter = Adapter(type_, constraints=Constraints(**limits))
    assert adapter.text_inline is not None
    names = {**adapter.text_namespace, "raw": text}
    if expected is None:
        assert adapter.text_errors(text, ("query", "q")) == []
        assert eval(adapter.text_inline.format(raw="raw"), names) == adapter.from_text(text)
        return
    (error,) = adapter.text_errors(text, ("query", "q"))
    assert (error["type"], error["msg"], error.get("ctx")) == expected
    with pytest.raises(TEXT_ERRORS):
        eval(adapter.text_inline.format(raw="raw"), names)


@pytest.mark.parametrize(("type_", "limits", "text", "expected"), BOUNDED, ids=label)
def test_limits_are_what_pydantic_reports(
    type_: Any, limits: dict[str, Any], text: str, expected: Any
) -> None:
    pydantic = pytest.importorskip("pydantic")
    if type_ is int and any(isinstance(limit, float) for limit in limits.values()):
        pytest.skip("pydantic takes no fractions as limits of integers")
    adapter = pydantic.TypeAdapter(Annotated[type_, pydantic.Field(**limits)])
    if expected is None:
        adapter.validate_python(text)
        return
    with pytest.raises(pydantic.ValidationError) as caught:
        adapter.validate_python(text)
    (error,) = caught.value.errors(include_url=False)
    assert (error["type"], error["msg"], error.get("ctx")) == expected


SEQUENCES: list[tuple[Any, dict[str, Any], list[str], Any]] = [
    (list[int], {}, ["1", "2"], [1, 2]),
    (set[int], {}, ["1", "1"], {1}),
    (frozenset[str], {}, ["a"], frozenset({"a"})),
    (tuple[int, ...], {}, ["1"], (1,)),
    (tuple[int, str], {}, ["1", "x"], (1, "x")),
    (list[int], {}, ["x", "1", "y"], [("int_parsing", 0), ("int_parsing", 2)]),
    (tuple[int, str], {}, ["1"], [("missing", 1)]),
    (tuple[int, str], {}, ["1", "a", "b"], [("too_long", None)]),
    (list[int], {"min_length": 2}, ["1"], [("too_short", None)]),
    (list[int], {"max_length": 1}, ["1", "2"], [("too_long", None)]),
    (list[str] | None, {}, ["a"], ["a"]),
    (list[int] | int, {}, ["1"], [1]),
]


@pytest.mark.parametrize(("type_", "limits", "texts", "expected"), SEQUENCES, ids=label)
def test_texts_of_one_name_become_a_sequence(
    type_: Any, limits: dict[str, Any], texts: list[str], expected: Any
) -> None:
    adapter = Adapter(type_, constraints=Constraints(**limits))
    assert adapter.text_inline is None
    errors = adapter.text_errors(texts, ("query", "q"))
    if errors:
        assert [
            (error["type"], error["loc"][2] if len(error["loc"]) > 2 else None) for error in errors
        ] == expected
        with pytest.raises(TEXT_ERRORS):
            adapter.from_texts(texts)
    else:
        assert adapter.from_texts(texts) == expected
