"""Query strings → dicts, for handlers that bind query parameters.

Knows: what a repeated name means to whom. Does not know: types, defaults, escapes (`_urlencoded`).
"""

from fasterapi.datastructures._urlencoded import decode_component


def parse_query_first(query_string: bytes) -> dict[str, str]:
    """Every name with its last value: what one scalar parameter is bound to.

    `query_string` is ASGI's, still percent-encoded. Never raises; linear in its length.

    >>> parse_query_first(b"a=1&b=x+y&a=%C3%BC&flag")
    {'a': 'ü', 'b': 'x y', 'flag': ''}
    """
    result: dict[str, str] = {}
    if not query_string:
        return result
    text = query_string.decode("latin-1")
    if "%" in text or "+" in text:
        for pair in text.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                result[decode_component(name)] = decode_component(value)
    else:
        for pair in text.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                result[name] = value
    return result


def parse_query_multi(query_string: bytes) -> dict[str, list[str]]:
    """Every name with all its values in order: what list, set and tuple parameters are bound to.

    `query_string` is ASGI's, still percent-encoded. Never raises; linear in its length.

    >>> parse_query_multi(b"a=1&b=2&a=3")
    {'a': ['1', '3'], 'b': ['2']}
    """
    result: dict[str, list[str]] = {}
    if not query_string:
        return result
    text = query_string.decode("latin-1")
    is_encoded = "%" in text or "+" in text
    for pair in text.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            if is_encoded:
                name, value = decode_component(name), decode_component(value)
            if name in result:
                result[name].append(value)
            else:
                result[name] = [value]
    return result
