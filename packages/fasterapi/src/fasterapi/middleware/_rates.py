"""How often is too often: the arithmetic of a bucket that refills evenly.

Knows: counts and microseconds. Does not know: who is counted, where, requests.

The generic cell rate algorithm (ITU-T I.371): one number per client says when its bucket will be full again.
Every request puts it off by one `interval`; a request that would put it off too far is one too many. So a client
that comes evenly is never refused, one that comes in bursts may do so `burst` times in a row, and a refused
one can be told to the second when to come again. In the long run there are never more than the rate.
"""

import re
from dataclasses import dataclass
from typing import Final

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_RATE: Final = re.compile(r"([0-9]{1,9})\s*(?:/|per)\s*([0-9]{1,5})?\s*(s|m|h|d|second|minute|hour|day)s?")
_MICROSECONDS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`limit` requests in `seconds`.

    >>> Rate.parse("100/minute")
    Rate(limit=100, seconds=60)
    >>> Rate.parse("5 per 10 seconds")
    Rate(limit=5, seconds=10)
    """

    limit: int
    seconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """The rate that `text` says. Raises `ValueError` for anything but `N/unit` and `N/K units`."""
        found = _RATE.fullmatch(text.strip().lower())
        if found is None:
            raise ValueError(
                f'a rate is written as "100/minute" or "5/10 seconds" (units: {", ".join(_SECONDS)}), not {text!r}'
            )
        limit, count, unit = found.groups()
        whole = next(name for name in _SECONDS if name.startswith(unit))
        rate = cls(int(limit), int(count or 1) * _SECONDS[whole])
        if not (rate.limit and rate.interval):
            raise ValueError(f"a rate is between one in some time and 1000000 in a second, {text!r} is not")
        return rate

    @property
    def interval(self) -> int:
        """The microseconds after which one more is allowed.

        >>> Rate(100, 60).interval
        600000
        """
        return self.seconds * _MICROSECONDS // self.limit if self.limit else 0


def in_seconds(microseconds: int) -> int:
    """Whole seconds, none too few.

    >>> [in_seconds(number) for number in (0, 1, 1_000_000, 1_000_001)]
    [0, 1, 1, 2]
    """
    return -(-microseconds // _MICROSECONDS)
