"""One text → one date, time, datetime or timedelta, as FastAPI reads them.

Knows: RFC 3339 with the liberties FastAPI takes (a space or `_` for the `T`, no seconds, offsets without colon,
Unix timestamps in seconds or, when large, milliseconds), ISO 8601 durations and `3 days, 10:00:00`. Does not
know: constraints or JSON. Each parser returns a value or raises Refused.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final

from fasterapi._patterns import LazyPattern
from fasterapi.validation.errors import Refused

_DATE: Final = LazyPattern(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME: Final = LazyPattern(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,}))?)?"
    r"(?:([Zz])|([+\-\u2212])([0-9]{2}):?([0-9]{2}))?"
)
# Exponents count only beside a decimal point, as in FastAPI: `1e9` is no timestamp, `1.0e9` is one.
_NUMBER: Final = LazyPattern(r"[+-]?(?:[0-9]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_AMOUNT: Final = r"[0-9]+(?:[.,][0-9]*)?"
_ISO_DURATION: Final = LazyPattern(rf"([+-])?P((?:{_AMOUNT}[YMWD])*)(?:T((?:{_AMOUNT}[HMS])*))?")
_PART: Final = LazyPattern(r"([0-9]+)([.,][0-9]*)?([A-Z])")
_DAYS_AND_TIME: Final = LazyPattern(
    r"([+-])?(?:([0-9]+) ?(?:d(?:ays?)?|D(?:AYS?)?),?)?(?:(?<=[dsyDSY,]) (?=.))?"
    r"(?:([0-9]{2,}|[0-9](?=:..:)):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,}))?)?)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Timestamps beyond this many seconds (the year 2603) are milliseconds.
_WATERSHED: Final = 20_000_000_000
_DATE_UNITS: Final = {"Y": 365 * 86400, "M": 30 * 86400, "W": 7 * 86400, "D": 86400}
_TIME_UNITS: Final = {"H": 3600, "M": 60, "S": 1}


def parse_datetime(text: str) -> datetime:
    """An RFC 3339 date and time, a date alone (midnight), or a Unix timestamp (UTC).

    >>> parse_datetime("2024-05-01 10:00Z")
    datetime.datetime(2024, 5, 1, 10, 0, tzinfo=datetime.timezone.utc)
    """
    found = _full_datetime(text)
    if found is not None:
        return found
    try:
        if _NUMBER.fullmatch(text):
            return _from_timestamp(text)
        day = _calendar_date(text)
    except ValueError as error:
        raise Refused("datetime_from_date_parsing", error=str(error)) from None
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the client gave no zone


def parse_date(text: str) -> date:
    """An ISO 8601 calendar date, or a datetime or timestamp at midnight.

    >>> parse_date("2024-05-01")
    datetime.date(2024, 5, 1)
    """
    try:
        return _calendar_date(text)
    except _NoDateError as error:
        problem = str(error)
    if problem == _YEAR_ZERO:
        raise Refused("date_parsing", error=problem)
    moment = _full_datetime(text)
    if moment is None and _NUMBER.fullmatch(text):
        try:
            moment = _from_timestamp(text)
        except ValueError as error:
            problem = str(error)
    if moment is None:
        raise Refused("date_from_datetime_parsing", error=problem)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) != (0, 0, 0, 0):
        raise Refused("date_from_datetime_inexact")
    return moment.date()


def parse_time(text: str) -> time:
    """A time of day, with or without seconds, fraction and offset.

    >>> parse_time("10:30:00.5")
    datetime.time(10, 30, 0, 500000)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        raise Refused("time_parsing", error=_time_problem(text))
    try:
        return _time_of(found)
    except ValueError:
        raise Refused("time_parsing", error=_time_problem(text)) from None


def parse_timedelta(text: str) -> timedelta:
    """An ISO 8601 duration (a year has 365 days, a month 30), or days and a time such as `3 days, 10:00:00`.

    >>> parse_timedelta("P1DT2H")
    datetime.timedelta(days=1, seconds=7200)
    >>> parse_timedelta("1 day 00:30")
    datetime.timedelta(days=1, seconds=1800)
    """
    if len(text) < 2:
        raise Refused(
            "time_delta_parsing", error="input is too short" if not text else "invalid digit in duration"
        )
    found = _ISO_DURATION.fullmatch(text)
    try:
        if found is not None:
            return _iso_duration(found)
        found = _DAYS_AND_TIME.fullmatch(text)
        if found is not None and (found[2] or found[3]):
            return _days_and_time(found)
    except (OverflowError, ValueError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("time_delta_parsing", error="durations may not exceed 999,999,999 days") from None
    raise Refused("time_delta_parsing", error="invalid digit in duration")


class _NoDateError(ValueError):
    """The text is no calendar date; says why."""


_YEAR_ZERO: Final = "year 0 is out of range"


def _calendar_date(text: str) -> date:
    found = _DATE.match(text)
    if found is None:
        raise _NoDateError(_date_problem(text))
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12:
        raise _NoDateError("month value is outside expected range of 1-12")
    try:
        value = date(year or 2000, month, day)
    except ValueError:
        raise _NoDateError("day value is outside expected range") from None
    if found.end() < len(text):
        raise _NoDateError("unexpected extra characters at the end of the input")
    if year == 0:
        raise _NoDateError(_YEAR_ZERO)
    return value


def _date_problem(text: str) -> str:
    if len(text) < len("2024-01-01"):
        return "input is too short"
    for part, start, end in (("year", 0, 4), ("month", 5, 7), ("day", 8, 10)):
        if start and text[start - 1] != "-":
            return "invalid date separator, expected `-`"
        digits = text[start:end]
        if not (digits.isascii() and digits.isdigit()):
            return f"invalid character in {part}"
    return "invalid character in day"


def _full_datetime(text: str) -> datetime | None:
    if len(text) < len("2024-01-01T00:00") or text[10] not in "Tt _":
        return None
    clock = _TIME.fullmatch(text, 11)
    if clock is None or _DATE.match(text) is None:
        return None
    try:
        return datetime.combine(_calendar_date(text[:10]), _time_of(clock))
    except ValueError:
        return None


def _time_of(found: re.Match[str]) -> time:
    hour, minute, second, fraction, utc, sign, offset_hours, offset_minutes = found.groups()
    zone: timezone | None = None
    if utc:
        zone = UTC
    elif sign:
        if int(offset_minutes) > 59 or int(offset_hours) > 23:
            raise ValueError("offset out of range")
        offset = timedelta(hours=int(offset_hours), minutes=int(offset_minutes))
        zone = timezone(offset if sign == "+" else -offset)
    return time(int(hour), int(minute), int(second or 0), _microseconds(fraction), zone)


def _microseconds(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0


def _time_problem(text: str) -> str:
    if len(text) < len("00:00"):
        return "input is too short"
    for part, start, limit in (("hour", 0, 23), ("minute", 3, 59), ("second", 6, 59)):
        digits = text[start : start + 2]
        if len(digits) < 2 or not (digits.isascii() and digits.isdigit()):
            return f"invalid character in {part}"
        if part == "hour" and text[2] != ":":
            return "invalid time separator, expected `:`"
        if int(digits) > limit:
            return f"{part} value is outside expected range of 0-{limit}"
        if part == "minute" and text[5:6] != ":":
            break
    return "invalid timezone sign"


def _from_timestamp(text: str) -> datetime:
    """Raises ValueError with a sentence."""
    try:
        # Not Decimal: multiplying out `1.0e999999999` would take all memory.
        number = float(text) if "." in text else int(text)
        if abs(number) > _WATERSHED:
            return _EPOCH + timedelta(milliseconds=number)
        return _EPOCH + timedelta(seconds=number)
    except (OverflowError, ValueError):
        year = "before year 0000" if text.startswith("-") else "after 9999"
        raise ValueError(f"dates {year} are not supported as unix timestamps") from None


def _iso_duration(found: re.Match[str]) -> timedelta:
    sign, date_parts, time_parts = found.groups()
    parts = [(part, _DATE_UNITS) for part in _PART.findall(date_parts)]
    parts += [(part, _TIME_UNITS) for part in _PART.findall(time_parts or "")]
    if not parts:
        raise Refused("time_delta_parsing", error="input is too short")
    length = timedelta()
    for index, ((whole, fraction, unit), units) in enumerate(parts):
        if fraction and index < len(parts) - 1:
            raise Refused("time_delta_parsing", error="quantity fraction invalid in duration")
        length += timedelta(seconds=int(whole) * units[unit])
        if len(fraction) > 1:
            length += timedelta(seconds=float(f"0.{fraction[1:]}") * units[unit])
    return _signed(sign, length)


def _days_and_time(found: re.Match[str]) -> timedelta:
    sign, days, hours, minutes, seconds, fraction = found.groups()
    if days and int(hours or 0) > 23:
        raise Refused("time_delta_parsing", error="durations may not exceed 999,999,999 hours")
    for part, digits in (("minute", minutes), ("second", seconds)):
        if int(digits or 0) > 59:
            raise Refused("time_delta_parsing", error=f"{part} value is outside expected range of 0-59")
    length = timedelta(
        days=int(days or 0),
        hours=int(hours or 0),
        minutes=int(minutes or 0),
        seconds=int(seconds or 0),
        microseconds=_microseconds(fraction),
    )
    return _signed(sign, length)


def _signed(sign: str | None, length: timedelta) -> timedelta:
    return -length if sign == "-" else length
