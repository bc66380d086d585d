"""`application/x-www-form-urlencoded` text → names and values.

Knows: `&` separates, `+` is a space, `%XX` is UTF-8 (WHATWG URL, section 5.1). Does not know: whether it is a
query or a form.
Invariant: the same pairs as `urllib.parse.parse_qsl(..., keep_blank_values=True)`, faster.
"""

from typing import Final

_HEX_DIGITS: Final = "0123456789abcdefABCDEF"
_CHARACTERS: Final = {a + b: chr(int(a + b, 16)) for a in _HEX_DIGITS for b in _HEX_DIGITS}


def decode_component(text: str) -> str:
    """One name or value; what is no escape stays, bytes that are no UTF-8 are replaced.

    >>> decode_component("x+y%3D%C3%BC")
    'x y=ü'
    """
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text:
        return text
    if not text.isascii():
        # Characters beyond ASCII are kept, which only the standard library's slower way can do.
        from urllib.parse import unquote  # noqa: PLC0415 - rare

        return unquote(text)
    first, *rest = text.split("%")
    pieces = [first]
    for piece in rest:
        character = _CHARACTERS.get(piece[:2])
        if character is None:
            pieces += ("%", piece)
        else:
            pieces += (character, piece[2:])
    return "".join(pieces).encode("latin-1").decode("utf-8", "replace")


def parse_pairs(text: str) -> list[tuple[str, str]]:
    """All pairs, in order; blank values are kept.

    >>> parse_pairs("a=1&b=x+y&a")
    [('a', '1'), ('b', 'x y'), ('a', '')]
    """
    pairs = []
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            pairs.append((decode_component(name), decode_component(value)))
    return pairs
