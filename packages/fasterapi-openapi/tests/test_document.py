"""Objects of the document: names on the wire, and nothing that says nothing."""

from typing import Any

import pytest

import fasterapi_openapi as oa
from fasterapi_openapi import document as d


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (
            d.Info(title="T", version="1", terms_of_service="/t"),
            {"title": "T", "version": "1", "termsOfService": "/t"},
        ),
        (d.Server(url="/"), {"url": "/"}),
        (d.Tag(name="a", parent="b", kind="nav"), {"name": "a", "parent": "b", "kind": "nav"}),
        (d.Example(value=1, summary="S"), {"summary": "S", "value": 1}),
        (
            d.Parameter(name="q", location="query", required=False),
            {"name": "q", "in": "query", "required": False},
        ),
        (d.Link(operation_id="x", request_body=None), {"operationId": "x", "requestBody": None}),
        (d.MediaType(item_schema_extension={}), {"x-oai-itemSchema": {}}),
        (d.MediaType(example=None), {"example": None}),
        (d.PathItem(), {}),
        (d.Header(required=True), {"required": True}),
    ],
)
def test_objects_are_written_by_the_names_of_the_specification(value: Any, written: Any) -> None:
    assert oa.to_builtins(value) == written


def test_edited_builtins_are_encoded_as_well() -> None:
    builtins = oa.to_builtins(oa.build_document(oa.DocumentSpec(title="T", version="1"), []))
    builtins["info"]["x-logo"] = {"url": "/logo.png"}
    assert oa.encode(builtins).startswith(b'{"openapi":"3.1.1","info":{"title":"T","version":"1","x-logo"')


def test_json_for_people_is_indented() -> None:
    assert oa.encode({"a": [1]}, indent=2) == b'{\n  "a": [\n    1\n  ]\n}'
