"""Bytes that are no JSON, or JSON with a name twice: where the mistake is and what it is called.

Knows: RFC 8259 through the standard library's decoder, whose messages FastAPI shows, and what msgspec refuses
beyond it. Runs only after msgspec has refused the bytes. Does not know: types.
"""

from typing import Any

from fasterapi.validation.errors import ErrorDict, Loc

_BOM = b"\xef\xbb\xbf"


def json_error(body: bytes, loc: Loc, sentence: str) -> ErrorDict:
    """The one `json_invalid` error for a body that msgspec cannot decode, with the character's position in `loc`.

    `sentence` is msgspec's own message, used when the standard library finds nothing wrong (a number that no
    float can hold, a lone surrogate). Never raises.

    >>> error = json_error(b'{"a" 1}', ("body",), "")
    >>> error["loc"], error["ctx"]
    (('body', 5), {'error': "Expecting ':' delimiter"})
    """
    position, problem = _locate(body, sentence)
    return {
        "type": "json_invalid",
        "loc": (*loc, position),
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": problem},
    }


def _locate(body: bytes, sentence: str) -> tuple[int, str]:
    if body.startswith(_BOM):
        return 0, "Unexpected byte order mark"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start, "Invalid UTF-8"
    import json  # noqa: PLC0415 - msgspec reads everything but this

    try:
        json.loads(text, parse_constant=_refuse_constant, parse_int=len, parse_float=len)
    except json.JSONDecodeError as error:
        return error.pos, error.msg
    except _ConstantError as error:
        return text.find(str(error)), f"{error} is not JSON"
    except RecursionError:
        return 0, "Nested too deeply"
    return 0, sentence or "Not JSON"


def repeated_name(body: bytes) -> str | None:
    """The first name that an object has twice, if any: a decoder without a type sees only the last of its values.

    >>> repeated_name(b'[{"a": 1, "b": 2, "a": 3}]')
    'a'
    """
    import json  # noqa: PLC0415 - as above

    repeated: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                repeated.append(name)
            seen.add(name)

    try:
        json.loads(body, object_pairs_hook=look, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return None
    return repeated[0] if repeated else None


class _ConstantError(Exception):
    """NaN or an infinity, which Python reads and JSON does not have."""


def _refuse_constant(name: str) -> Any:
    raise _ConstantError(name)
