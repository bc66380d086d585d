"""Moments as HTTP writes them.

Knows: IMF-fixdate (RFC 9110, section 5.6.7). Does not know: which header a moment belongs to.
"""

import time

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def format_http_date(timestamp: float) -> str:
    """Seconds since 1970 as an HTTP date; whatever the locale.

    >>> format_http_date(0)
    'Thu, 01 Jan 1970 00:00:00 GMT'
    """
    t = time.gmtime(timestamp)
    return (
        f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year:04}"
        f" {t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT"
    )


def parse_http_date(text: str) -> tuple[int, ...] | None:
    """Year, month, day, hour, minute and second of an HTTP date in any of its three forms, or `None`.

    >>> parse_http_date("Thu, 01 Jan 1970 00:00:00 GMT")
    (1970, 1, 1, 0, 0, 0)
    """
    from email.utils import parsedate  # noqa: PLC0415 - the email package is needed by conditional requests only

    found = parsedate(text)
    return None if found is None else found[:6]
