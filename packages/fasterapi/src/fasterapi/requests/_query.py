"""Query strings → dicts, for handlers that bind query parameters.

Knows: `application/x-www-form-urlencoded` (WHATWG URL, section 5.1): `&` separates, `+` is a space, `%XX` is
UTF-8. Does not know: types, defaults.
Invariant: the same pairs as `urllib.parse.parse_qsl(..., keep_blank_values=True)` over latin-1 text.
"""

from urllib.parse import unquote


def _decode(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    # `unquote` passes characters beyond ASCII through, as parse_qsl does.
    return unquote(text) if "%" in text else text


def parse_query_first(query_string: bytes) -> dict[str, str]:
    """Every name with its last value: what one scalar parameter is bound to.

    `query_string` is ASGI's, still percent-encoded. Never raises; linear in its length.

    >>> parse_query_first(b"a=1&b=x+y&a=%C3%BC&flag")
    {'a': 'ü', 'b': 'x y', 'flag': ''}
    """
    if not query_string:
        return {}
    text = query_string.decode("latin-1")
    plain = "%" not in text and "+" not in text
    result = {}
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if plain:
                result[name] = value
            else:
                result[_decode(name)] = _decode(value)
    return result


def parse_query_multi(query_string: bytes) -> dict[str, list[str]]:
    """Every name with all its values in order: what list, set and tuple parameters are bound to.

    `query_string` is ASGI's, still percent-encoded. Never raises; linear in its length.

    >>> parse_query_multi(b"a=1&b=2&a=3")
    {'a': ['1', '3'], 'b': ['2']}
    """
    if not query_string:
        return {}
    text = query_string.decode("latin-1")
    plain = "%" not in text and "+" not in text
    result: dict[str, list[str]] = {}
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if not plain:
                name, value = _decode(name), _decode(value)
            values = result.get(name)
            if values is None:
                result[name] = [value]
            else:
                values.append(value)
    return result
