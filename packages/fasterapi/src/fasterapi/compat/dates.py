"""Dates and times that must lie in the past or in the future of the moment at which they are read.

Knows: the clock. Does not know: time zones beyond what a value says; a naive time is compared with local time.
"""

from datetime import date, datetime
from typing import Any, Self

import msgspec

from fasterapi.validation import register_type


class PastDate(date):
    """A date before today."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Read an ISO 8601 date; raises ValueError when it is none, or does not lie in the past."""
        found = msgspec.convert(value, date, strict=False)
        if not found < date.today():  # noqa: DTZ011 - a date without a place is meant locally
            raise ValueError("the date should be in the past")
        return cls(found.year, found.month, found.day)


class FutureDate(date):
    """A date after today."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Read an ISO 8601 date; raises ValueError when it is none, or does not lie in the future."""
        found = msgspec.convert(value, date, strict=False)
        if not found > date.today():  # noqa: DTZ011 - a date without a place is meant locally
            raise ValueError("the date should be in the future")
        return cls(found.year, found.month, found.day)


class PastDatetime(datetime):
    """A time before now."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Read an ISO 8601 time; raises ValueError when it is none, or does not lie in the past."""
        found = msgspec.convert(value, datetime, strict=False)
        if not found < datetime.now(found.tzinfo):
            raise ValueError("the time should be in the past")
        return cls.fromisoformat(found.isoformat())


class FutureDatetime(datetime):
    """A time after now."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Read an ISO 8601 time; raises ValueError when it is none, or does not lie in the future."""
        found = msgspec.convert(value, datetime, strict=False)
        if not found > datetime.now(found.tzinfo):
            raise ValueError("the time should be in the future")
        return cls.fromisoformat(found.isoformat())


for _date in (PastDate, FutureDate):
    register_type(
        _date, decode=_date.parse, encode=date.isoformat, schema={"type": "string", "format": "date"}
    )
for _time in (PastDatetime, FutureDatetime):
    register_type(
        _time, decode=_time.parse, encode=datetime.isoformat, schema={"type": "string", "format": "date-time"}
    )
