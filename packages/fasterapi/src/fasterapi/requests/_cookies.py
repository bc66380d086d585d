"""The `Cookie` header → dict.

Knows: RFC 6265, section 4.2, and how browsers stretch it. Does not know: signatures, sessions.
Invariant: linear in the header's length (CVE-2024-7592); a nameless cookie keeps the name `""`, whatever its
value looks like (CVE-2023-23934).
"""

import re

# RFC 2109 quoting: `\"` and three octal digits, one left-to-right pass.
_ESCAPE = re.compile(r"\\(?:([0-3][0-7][0-7])|(.))")


def parse_cookies(header: str) -> dict[str, str]:
    r"""The cookies of one `Cookie` header; the last one of a name wins. Never raises.

    >>> parse_cookies('a=1; b="x\\054y"; flag; =__Host-a=2')
    {'a': '1', 'b': 'x,y', '': '__Host-a=2'}
    """
    cookies: dict[str, str] = {}
    for chunk in header.split(";"):
        name, separator, value = chunk.partition("=")
        if not separator:
            name, value = "", name
        name, value = name.strip(), value.strip()
        if name or value:
            cookies[name] = _unquote(value) if value[:1] == '"' else value
    return cookies


def _unquote(value: str) -> str:
    if len(value) < 2 or value[-1] != '"':
        return value
    value = value[1:-1]
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)) if found[1] else found[2], value)
