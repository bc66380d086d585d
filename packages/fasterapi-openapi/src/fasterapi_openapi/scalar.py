"""Types without parts → JSON Schema, found by name so that nothing has to be imported for the table.

Knows: how msgspec writes each type in JSON, and the formats that OpenAPI registers.
Does not know: components.
"""

from typing import Any, Literal

from .constraint import Schema

Context = Literal["json", "raw"]  # raw: the bytes of a form part, a file, or any other media type than JSON

_BASE64: Schema = {
    "type": "string",
    "contentEncoding": "base64",
    "contentMediaType": "application/octet-stream",
}
_BINARY: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
_BYTES = frozenset({"builtins.bytes", "builtins.bytearray", "builtins.memoryview"})
_ANYTHING = frozenset({"typing.Any", "builtins.object", "msgspec.Raw"})

_SCALARS: dict[str, Schema] = {
    "builtins.NoneType": {"type": "null"},
    "builtins.bool": {"type": "boolean"},
    "builtins.int": {"type": "integer"},
    "builtins.float": {"type": "number"},
    "builtins.str": {"type": "string"},
    "datetime.datetime": {"type": "string", "format": "date-time"},
    "datetime.date": {"type": "string", "format": "date"},
    "datetime.time": {"type": "string", "format": "time"},
    "datetime.timedelta": {"type": "string", "format": "duration"},
    "uuid.UUID": {"type": "string", "format": "uuid"},
    "re.Pattern": {"type": "string", "format": "regex"},
    "pathlib.Path": {"type": "string", "format": "path"},
    "pathlib._local.Path": {"type": "string", "format": "path"},
    "pathlib.PurePath": {"type": "string", "format": "path"},
    "pathlib._local.PurePath": {"type": "string", "format": "path"},
    "ipaddress.IPv4Address": {"type": "string", "format": "ipv4"},
    "ipaddress.IPv6Address": {"type": "string", "format": "ipv6"},
    "zoneinfo.ZoneInfo": {"type": "string", "format": "zoneinfo"},
}


def scalar_schema(origin: Any, *, is_input: bool, context: Context = "json") -> Schema | None:
    """The schema of a type without parts; None when this table does not know it.

    Bytes are base64 text in JSON and the raw bytes of a part in a form. A Decimal may arrive as a number or
    as text and leaves as text.

    >>> scalar_schema(int, is_input=True), scalar_schema(Schema, is_input=True)
    ({'type': 'integer'}, None)
    """
    name = f"{getattr(origin, '__module__', '')}.{getattr(origin, '__qualname__', '')}"
    if name in _ANYTHING or origin is Any:
        return {}
    if name in _BYTES:
        return dict(_BASE64 if context == "json" else _BINARY)
    if name == "decimal.Decimal":
        return {"anyOf": [{"type": "number"}, {"type": "string"}]} if is_input else {"type": "string"}
    found = _SCALARS.get(name)
    return dict(found) if found is not None else None


def scalar_ancestor(origin: Any, *, is_input: bool, context: Context = "json") -> Schema | None:
    """The schema of the nearest base that has one: a `class Slug(str)` is written as a string.

    >>> scalar_ancestor(type("Slug", (str,), {}), is_input=True)
    {'type': 'string'}
    """
    for base in getattr(origin, "__mro__", ())[1:-1]:
        found = scalar_schema(base, is_input=is_input, context=context)
        if found is not None:
            return found
    return None


def value_types(values: list[Any]) -> str | None:
    """The JSON type that all values share; None for a mixture.

    >>> value_types([1, 2]), value_types([1, "a"])
    ('integer', None)
    """
    found = {_JSON_TYPES.get(type(value)) for value in values}
    return found.pop() if len(found) == 1 else None


_JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
