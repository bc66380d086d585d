"""Constraints and remarks (`msgspec.Meta`, FastAPI's keywords) → JSON Schema keywords, put where they apply.

Knows: JSON Schema 2020-12 validation keywords. Does not know: components, operations.
A constraint on a union lands in the members that it can mean: `Annotated[int | None, Meta(gt=1)]` constrains
the integer. Schemas are never changed in place.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

Schema = dict[str, Any]

_NUMBER = {
    "gt": "exclusiveMinimum",
    "ge": "minimum",
    "lt": "exclusiveMaximum",
    "le": "maximum",
    "multiple_of": "multipleOf",
}
_KEYWORDS: dict[str, dict[str, str]] = {
    "integer": _NUMBER,
    "number": _NUMBER,
    "string": {"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"},
    "array": {"min_length": "minItems", "max_length": "maxItems"},
    "object": {"min_length": "minProperties", "max_length": "maxProperties"},
}
_CONSTRAINTS = (*_NUMBER, "min_length", "max_length", "pattern", "tz")
_REMARKS = ("title", "description", "examples")
_LOCAL_FORMATS = {"date-time": "date-time-local", "time": "time-local"}  # OpenAPI's format registry


def constraints_of(source: msgspec.Meta | Mapping[str, Any] | None) -> dict[str, Any]:
    """The constraints that are set, by msgspec's names.

    >>> constraints_of(msgspec.Meta(gt=0, title="Age")), constraints_of({"gt": 0, "lt": None})
    ({'gt': 0}, {'gt': 0})
    """
    if source is None:
        return {}
    if isinstance(source, msgspec.Meta):
        found = {name: getattr(source, name) for name in _CONSTRAINTS}
    else:
        found = {name: source.get(name) for name in _CONSTRAINTS}
    return {name: value for name, value in found.items() if value is not None}


def apply_meta(schema: Schema, meta: msgspec.Meta) -> Schema:
    """A schema with everything that one `Meta` says about it.

    >>> apply_meta({"type": "string"}, msgspec.Meta(max_length=3, description="Short."))
    {'type': 'string', 'maxLength': 3, 'description': 'Short.'}
    """
    constraints = constraints_of(meta)
    result = constrain(schema, constraints) if constraints else dict(schema)
    for name in _REMARKS:
        value = getattr(meta, name)
        if value is not None:
            result[name] = list(value) if name == "examples" else value
    if meta.extra_json_schema:
        extra = msgspec.to_builtins(meta.extra_json_schema, str_keys=True)
        result = deep_merge(result, extra)
    return result


def constrain(schema: Schema, constraints: Mapping[str, Any]) -> Schema:
    """A schema with constraints, in every member of a union that they can apply to.

    >>> constrain({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"ge": 1})
    {'anyOf': [{'type': 'integer', 'minimum': 1}, {'type': 'null'}]}
    """
    result = dict(schema)
    for union in ("anyOf", "oneOf"):
        if union in result:
            result[union] = [constrain(member, constraints) for member in result[union]]
    for name, keyword in _KEYWORDS.get(result.get("type", ""), {}).items():
        if name in constraints:
            result[keyword] = _keyword_value(result, keyword, constraints[name])
    if constraints.get("tz") is False and result.get("format") in _LOCAL_FORMATS:
        result["format"] = _LOCAL_FORMATS[result["format"]]
    return result


def _keyword_value(schema: Schema, keyword: str, value: Any) -> Any:
    if schema.get("contentEncoding") == "base64" and keyword in ("minLength", "maxLength"):
        return 4 * ((value + 2) // 3)  # the constraint counts bytes, the schema sees their base64 text
    if keyword == "pattern":
        return getattr(value, "pattern", value)  # a compiled regular expression carries its text
    return value


def deep_merge(base: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Merge mappings, later values winning; mappings are merged and lists are joined, as FastAPI does.

    >>> deep_merge({"a": {"x": 1}, "tags": ["one"]}, {"a": {"y": 2}, "tags": ["two"]})
    {'a': {'x': 1, 'y': 2}, 'tags': ['one', 'two']}
    """
    result = dict(base)
    for key, value in extra.items():
        present = result.get(key)
        if isinstance(present, Mapping) and isinstance(value, Mapping):
            result[key] = deep_merge(present, value)
        elif isinstance(present, list) and isinstance(value, list):
            result[key] = present + value
        else:
            result[key] = value
    return result
