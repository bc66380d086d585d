"""The `Cookie` header → dict.

Knows: RFC 6265, section 4.2, and how browsers stretch it. Does not know: signatures, sessions.
Invariant: linear in the header's length (CVE-2024-7592); a nameless cookie keeps the name `""`, whatever its
value looks like (CVE-2023-23934).
"""

from fasterapi._patterns import LazyPattern

# RFC 2109 quoting: `\"` and three octal digits, one left-to-right pass.
_ESCAPE = LazyPattern(r"\\(?:([0-3][0-7][0-7])|(.))")
_TOKEN = LazyPattern(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


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


def find_cookie(header: str, name: str) -> str | None:
    """`parse_cookies(header).get(name)` without parsing the others; `name` as `is_token` takes it.

    >>> find_cookie("theme=dark; session=7", "session"), find_cookie("xsession=7", "session")
    ('7', None)
    """
    start = header.rfind(name)
    if start < 0:
        return None
    equals = start + len(name)
    is_whole = not start or header[start - 1] == ";" or header[start - 2 : start] == "; "
    if not is_whole or header[equals : equals + 1] != "=":
        return parse_cookies(header).get(name)
    end = header.find(";", equals)
    value = (header[equals + 1 :] if end < 0 else header[equals + 1 : end]).strip()
    return _unquote(value) if value[:1] == '"' else value


def is_token(name: str) -> bool:
    """Whether a cookie can have this name (RFC 6265, section 4.1.1)."""
    return _TOKEN.fullmatch(name) is not None


def _unquote(value: str) -> str:
    if len(value) < 2 or value[-1] != '"':
        return value
    value = value[1:-1]
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)) if found[1] else found[2], value)
