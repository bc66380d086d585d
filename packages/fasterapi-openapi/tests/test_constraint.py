"""Where constraints and remarks land in a schema."""

import re
from typing import Any

import pytest
from msgspec import Meta

from fasterapi_openapi.constraint import apply_meta, constrain, constraints_of, deep_merge

INTEGER = {"type": "integer"}
STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "constraints", "added"),
    [
        (INTEGER, {"gt": 1, "lt": 5}, {"exclusiveMinimum": 1, "exclusiveMaximum": 5}),
        ({"type": "number"}, {"ge": 0.5, "le": 1, "multiple_of": 0.1},
         {"minimum": 0.5, "maximum": 1, "multipleOf": 0.1}),
        (STRING, {"min_length": 1, "max_length": 2, "pattern": "^a"},
         {"minLength": 1, "maxLength": 2, "pattern": "^a"}),
        (STRING, {"pattern": re.compile("^a")}, {"pattern": "^a"}),
        ({"type": "array"}, {"min_length": 1, "max_length": 2}, {"minItems": 1, "maxItems": 2}),
        ({"type": "object"}, {"min_length": 1, "max_length": 2}, {"minProperties": 1, "maxProperties": 2}),
        (STRING, {"gt": 1}, {}),
        ({}, {"gt": 1}, {}),
        ({"type": "string", "contentEncoding": "base64"}, {"min_length": 1, "max_length": 4},
         {"minLength": 4, "maxLength": 8}),
        ({"type": "string", "format": "date-time"}, {"tz": True}, {}),
        ({"type": "string", "format": "date-time"}, {"tz": False}, {"format": "date-time-local"}),
        ({"type": "string", "format": "time"}, {"tz": False}, {"format": "time-local"}),
    ],
)  # fmt: skip
def test_a_constraint_becomes_the_keyword_of_its_type(
    schema: dict[str, Any], constraints: dict[str, Any], added: dict[str, Any]
) -> None:
    before = dict(schema)
    assert constrain(schema, constraints) == {**schema, **added}
    assert schema == before


@pytest.mark.parametrize("union", ["anyOf", "oneOf"])
def test_in_a_union_every_member_takes_what_it_can(union: str) -> None:
    schema = {union: [INTEGER, STRING, {"type": "null"}, {"$ref": "#/x"}]}
    assert constrain(schema, {"gt": 1, "min_length": 2}) == {
        union: [{"type": "integer", "exclusiveMinimum": 1}, {"type": "string", "minLength": 2},
                {"type": "null"}, {"$ref": "#/x"}]
    }  # fmt: skip


@pytest.mark.parametrize("source", [Meta(gt=0, title="T"), {"gt": 0, "title": "T", "lt": None}])
def test_only_what_is_set_constrains(source: Any) -> None:
    assert constraints_of(source) == {"gt": 0}


def test_nothing_constrains_nothing() -> None:
    assert constraints_of(None) == {}


def test_a_meta_adds_its_remarks_and_its_extra_schema_last() -> None:
    meta = Meta(title="T", description="D", examples=[1], extra_json_schema={"title": "Extra", "x-a": 1})
    assert apply_meta(INTEGER, meta) == {
        "type": "integer", "title": "Extra", "description": "D", "examples": [1], "x-a": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("base", "extra", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"x": 1}}, {"a": {"y": 2}}, {"a": {"x": 1, "y": 2}}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": [1]}, {"a": {"b": 2}}, {"a": {"b": 2}}),
    ],
)
def test_mappings_merge_lists_join_and_the_rest_is_replaced(base: Any, extra: Any, merged: Any) -> None:
    assert deep_merge(base, extra) == merged
