"""One text of a URL, a header or a form → one number, flag, identifier or byte string.

Knows: which texts FastAPI takes, which is neither what Python's constructors take (`int("٣")`) nor what JSON
takes (`"1.0"` is an int, `" 5 "` too). Every parser returns a value or raises Refused. Does not know: constraints,
lists, models. Dates and times are in `instants`.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final, NoReturn
from uuid import UUID

from fasterapi._patterns import LazyPattern
from fasterapi.validation.errors import Refused

# Unicode's White_Space; `str.strip()` without arguments would take the separators U+001C to U+001F as well.
WHITE_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# Python converts no more decimal digits than this by default (`sys.int_info`), because it takes quadratic time.
MAX_INT_DIGITS: Final = 4300

_INT = LazyPattern(r"([+-]?[0-9]+(?:_[0-9]+)*)(?:\.0+)?")
_NO_UUID = LazyPattern(r"[^0-9a-fA-F-]")
_TRUE: Final = ("1", "on", "t", "true", "y", "yes")
_FALSE: Final = ("0", "off", "f", "false", "n", "no")


def parse_int(text: str) -> int:
    """A decimal integer; spaces around it, single underscores inside and a fraction of zeros are fine.

    >>> parse_int(" 1_000.0 ")
    1000
    """
    if len(text) > MAX_INT_DIGITS:
        raise Refused("int_parsing_size")
    found = _INT.fullmatch(text.strip(WHITE_SPACE))
    if found is None:
        raise Refused("int_parsing")
    return int(found[1])


def parse_float(text: str) -> float:
    """A number in Python's or JSON's notation, `nan` and `inf` included, in ASCII.

    >>> parse_float("1e3")
    1000.0
    """
    text = text.strip(WHITE_SPACE)
    # Python would strip U+001C to U+001F, which are no digits; and it takes digits of every script.
    if not text.isascii() or not text.isprintable():
        raise Refused("float_parsing")
    try:
        return float(text)
    except ValueError:
        raise Refused("float_parsing") from None


class _Flags(dict[str, bool]):
    """The texts of a flag; those in mixed case are looked up again in lower case."""

    def __missing__(self, text: str) -> bool:
        lower = text.lower() if len(text) <= len("false") else text
        if lower != text and text.isascii():
            return self[lower]
        raise Refused("bool_parsing")


FLAGS: Final[Mapping[str, bool]] = _Flags(dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False))


def parse_bool(text: str) -> bool:
    """`1 on t true y yes` and `0 off f false n no`, in any case, with nothing around them.

    >>> parse_bool("On")
    True
    """
    return FLAGS[text]


def parse_str(text: str) -> str:
    """The text itself."""
    return text


def parse_bytes(text: str) -> bytes:
    """The text in UTF-8."""
    return text.encode("utf-8", "surrogateescape")


def parse_decimal(text: str) -> Decimal:
    """Whatever `decimal.Decimal` takes and is finite.

    >>> parse_decimal(" 1.50 ")
    Decimal('1.50')
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise Refused("decimal_parsing") from None
    if not number.is_finite():
        raise Refused("finite_number")
    return number


def parse_none(text: str) -> NoReturn:  # noqa: ARG001 - a parser like the others
    """No text is None."""
    raise Refused("none_required")


def parse_uuid(text: str) -> UUID:
    """32 hexadecimal digits, alone or in RFC 9562's five groups; the groups may stand in braces or after `urn:uuid:`.

    `uuid.UUID` itself would drop hyphens and braces wherever they are.

    >>> parse_uuid("{12345678-1234-5678-1234-567812345678}")
    UUID('12345678-1234-5678-1234-567812345678')
    """
    digits = text
    if text.startswith("{") and text.endswith("}"):
        digits = text[1:-1]
    elif text.startswith("urn:uuid:"):
        digits = text.removeprefix("urn:uuid:")
    strange = _NO_UUID.search(digits)
    if strange is not None:
        position = strange.start() + text.index(digits)
        _refuse_uuid(f"invalid character: found `{strange[0]}` at {position}")
    if "-" in digits:
        _check_groups(digits)
        digits = digits.replace("-", "")
    if len(digits) != 32:
        _refuse_uuid(f"invalid length: found {len(digits)}")
    return UUID(hex=digits)


def _check_groups(text: str) -> None:
    groups = text.split("-")
    if len(groups) != 5:
        _refuse_uuid(f"invalid group count: expected 5, found {len(groups)}")
    for number, (group, length) in enumerate(zip(groups, (8, 4, 4, 4, 12), strict=True)):
        if len(group) != length:
            _refuse_uuid(f"invalid group length in group {number}: expected {length}, found {len(group)}")


def _refuse_uuid(error: str) -> NoReturn:
    raise Refused("uuid_parsing", error=error)
