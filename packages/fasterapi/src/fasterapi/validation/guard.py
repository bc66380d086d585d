"""JSON bytes that may hold what msgspec takes and FastAPI does not: `"NaN"` and `"Infinity"` for a Decimal.

Knows: how such texts look in JSON. Does not know: where in a document a Decimal stands; the walk decides.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

from fasterapi._patterns import LazyPattern

T = TypeVar("T")

# What `decimal.Decimal` takes before the letters.
_NOT_FINITE: Final = LazyPattern(rb'"[\s_+-]*s?(?:nan|inf)', re.IGNORECASE)


def guarding(decode: Callable[[bytes], T], decode_slowly: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """`decode`, but by `decode_slowly` where the bytes may hold a number that is not finite."""

    def decode_guarded(body: bytes) -> T:
        return decode_slowly(body) if may_be_infinite(body) else decode(body)

    return decode_guarded


def may_be_infinite(body: bytes) -> bool:
    """Whether a text in `body` may be read as infinity or as no number, letters written as escapes included.

    >>> may_be_infinite(b'{"price": "-Infinity"}'), may_be_infinite(b'{"name": "Financier"}')
    (True, False)
    """
    lower = body.lower()
    if b"\\u" in lower:
        return True
    return (b"nan" in lower or b"inf" in lower) and _NOT_FINITE.search(lower) is not None
