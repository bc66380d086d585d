"""One operation: parameters, bodies, responses, and FastAPI's wording for them."""

import json
from typing import Annotated, Any

import msgspec
import pytest
from msgspec import Meta

import fasterapi_openapi as oa
from fasterapi_openapi.document import Response
from fasterapi_openapi.operation import (
    documented_path,
    operation_name,
    path_parameters,
    status_key,
    status_text,
)

JSON = "application/json"
REF = "#/components/schemas/"


class Item(msgspec.Struct):
    name: str


@pytest.fixture
def operation(build: Any) -> Any:
    """An operation's fields → the Operation Object."""

    def run(path: str = "/", method: str = "POST", **options: Any) -> dict[str, Any]:
        document = build(oa.OperationSpec(method=method, path=path, **options))
        (item,) = document["paths"].values()
        return item[method.lower()]

    return run


def parameter(name: str = "q", location: Any = "query", type: Any = int, **options: Any) -> oa.ParameterSpec:
    return oa.ParameterSpec(name=name, location=location, type=type, **options)


def test_an_operation_in_full(build: Any, golden: Any) -> None:
    document = build(
        oa.OperationSpec(
            method="PUT",
            path="/items/{item_id:int}",
            operation_id="replace_item",
            summary="Replace Item",
            description="All of it.",
            tags=["items"],
            deprecated=True,
            parameters=[
                parameter("X-Token", "header", str, required=True, description="Who asks."),
                parameter("item_id", "path", int, constraints=Meta(ge=1)),
                parameter("q", type=str | None, examples={"short": {"value": "a"}}),
                parameter("session", "cookie", str, default="none", deprecated=True),
            ],
            body=oa.BodySpec(content={JSON: oa.MediaSpec(type=Item)}, description="The new one."),
            responses={
                200: oa.ResponseSpec(
                    content={JSON: oa.MediaSpec(type=Item | None)},
                    headers={"X-Count": oa.HeaderSpec(type=int, description="How many.", required=True),
                             "X-Raw": {"schema": {"type": "string"}}},
                    links={"show": {"operationId": "show_item"}},
                ),
                404: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=dict[str, str])}),
                "5xx": oa.ResponseSpec(),
            },
            security=[{"login": ["write"]}, {}],
            servers=[{"url": "/v2"}],
            external_docs={"url": "/docs/items"},
            validation_error=True,
            extra={"x-owner": "stock", "tags": ["extra"]},
        )
    )  # fmt: skip
    golden("operation.json", json.dumps(document["paths"], indent=2) + "\n")


@pytest.mark.parametrize(
    ("path", "documented", "names"),
    [
        ("/", "/", []),
        ("/items/{id}", "/items/{id}", ["id"]),
        ("/items/{id:int}/{rest:path}", "/items/{id}/{rest}", ["id", "rest"]),
        ("/{name}.{ext}", "/{name}.{ext}", ["name", "ext"]),
    ],
)
def test_converters_are_not_documented(path: str, documented: str, names: list[str]) -> None:
    assert documented_path(path) == documented
    assert path_parameters(path) == names


def test_parameters_are_grouped_by_location(operation: Any) -> None:
    parameters = [parameter("c", "cookie"), parameter("h", "header"), parameter("q"), parameter("p", "path")]
    assert [p["name"] for p in operation("/{p}", parameters=parameters)["parameters"]] == ["p", "q", "h", "c"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_declarations_of_one_parameter_the_required_one_is_told(
    operation: Any, order: tuple[int, int]
) -> None:
    both = [parameter(required=True, type=int), parameter(required=False, type=str)]
    (written,) = operation(parameters=[both[i] for i in order])["parameters"]
    assert written["required"] is True
    assert written["schema"]["type"] == "integer"


def test_one_name_in_two_locations_is_two_parameters(operation: Any) -> None:
    assert len(operation(parameters=[parameter("x"), parameter("x", "header")])["parameters"]) == 2


def test_hidden_parameters_are_not_told(operation: Any) -> None:
    hidden = parameter(type=object(), include_in_schema=False)
    assert "parameters" not in operation(parameters=[hidden])


def test_a_path_parameter_that_nobody_declared_is_documented_as_text(operation: Any) -> None:
    written = operation("/{a}/{b}", parameters=[parameter("q"), parameter("b", "path")])["parameters"]
    assert [(p["in"], p["name"], p["required"]) for p in written] == [
        ("path", "b", True), ("path", "a", True), ("query", "q", False),
    ]  # fmt: skip
    assert written[1]["schema"] == {"type": "string", "title": "A"}


def test_a_path_parameter_that_the_path_lacks_is_an_error(operation: Any, golden: Any) -> None:
    with pytest.raises(oa.InvalidSpec) as info:
        operation("/items", parameters=[parameter("item_id", "path")], source="app/items.py:7")
    assert info.value.source == "app/items.py:7"
    golden("invalid_path_parameter.txt", f"{info.value}\n")


@pytest.mark.parametrize(
    ("options", "written"),
    [
        ({"type": int}, {"schema": {"type": "integer", "title": "Item Q"}}),
        ({}, {"schema": {"title": "Item Q"}}),
        ({"type": int, "title": "Q"}, {"schema": {"type": "integer", "title": "Q"}}),
        ({"type": Annotated[int, Meta(title="M")]}, {"schema": {"type": "integer", "title": "M"}}),
        ({"type": int, "description": "D."},
         {"schema": {"type": "integer", "title": "Item Q", "description": "D."}, "description": "D."}),
        ({"type": int, "deprecated": True},
         {"schema": {"type": "integer", "title": "Item Q", "deprecated": True}, "deprecated": True}),
        ({"type": int, "default": 3}, {"schema": {"type": "integer", "title": "Item Q", "default": 3}}),
        ({"type": int | None, "default": None},
         {"schema": {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Item Q"}}),
        ({"type": int, "constraints": {"gt": 0}},
         {"schema": {"type": "integer", "title": "Item Q", "exclusiveMinimum": 0}}),
        ({"type": int, "examples": [1, 2]}, {"schema": {"type": "integer", "title": "Item Q", "examples": [1, 2]}}),
        ({"type": int, "example": 1}, {"schema": {"type": "integer", "title": "Item Q"}, "example": 1}),
        # named examples and the single one exclude each other
        ({"type": int, "example": 1, "examples": {"a": {"value": 2}}},
         {"schema": {"type": "integer", "title": "Item Q"}, "examples": {"a": {"value": 2}}}),
        ({"type": int, "examples": {}}, {"schema": {"type": "integer", "title": "Item Q"}}),
        ({"type": int, "extra_schema": {"x-unit": "m"}},
         {"schema": {"type": "integer", "title": "Item Q", "x-unit": "m"}}),
        ({"type": list[int], "extra": {"style": "form", "explode": False}},
         {"schema": {"type": "array", "items": {"type": "integer"}, "title": "Item Q"},
          "style": "form", "explode": False}),
        # a reference needs no title, but keeps one that was asked for
        ({"type": Item}, {"schema": {"$ref": REF + "Item"}}),
        ({"type": Item, "title": "T", "default": Item("x")},
         {"schema": {"$ref": REF + "Item", "title": "T", "default": {"name": "x"}}}),
    ],
)  # fmt: skip
def test_what_is_said_about_a_parameter_and_where_it_stands(
    operation: Any, options: dict[str, Any], written: dict[str, Any]
) -> None:
    spec = oa.ParameterSpec(name="item_q", location="query", **options)
    assert operation(parameters=[spec])["parameters"] == [
        {"name": "item_q", "in": "query", "required": False, **written}
    ]


def body_of(build: Any, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    document = build(
        oa.OperationSpec(method="POST", path="/up/load", operation_id="up", body=oa.BodySpec(**options))
    )
    return document["paths"]["/up/load"]["post"]["requestBody"], document.get("components", {}).get(
        "schemas", {}
    )


FIELDS = [
    oa.FieldSpec(name="item", type=Item, required=True, description="The item."),
    oa.FieldSpec(name="size_mm", type=int, default=3, constraints={"gt": 0}),
    oa.FieldSpec(name="maybe", type=Item | None),
]


def test_several_fields_are_an_object_of_their_own(build: Any) -> None:
    body, components = body_of(build, content={JSON: oa.MediaSpec(fields=FIELDS)})
    assert body == {"content": {JSON: {"schema": {"$ref": REF + "Body_up"}}}, "required": True}
    assert components["Body_up"] == {
        "type": "object",
        "title": "Body_up",
        "required": ["item"],
        "properties": {
            "item": {"$ref": REF + "Item", "description": "The item."},
            "size_mm": {"type": "integer", "title": "Size Mm", "exclusiveMinimum": 0, "default": 3},
            "maybe": {"anyOf": [{"$ref": REF + "Item"}, {"type": "null"}]},
        },
    }


def test_its_name_and_remarks_may_be_given(build: Any) -> None:
    media = oa.MediaSpec(fields=FIELDS[:1], name="Upload", title="An upload", description="D.")
    body, components = body_of(
        build, content={JSON: media}, required=False, description="B.", extra={"x-a": 1}
    )
    assert body == {"content": {JSON: {"schema": {"$ref": REF + "Upload"}}}, "description": "B.", "x-a": 1}
    assert (components["Upload"]["title"], components["Upload"]["description"]) == ("An upload", "D.")


def test_files_in_a_form_are_binary(build: Any) -> None:
    binary = {"type": "string", "contentMediaType": "application/octet-stream"}
    fields = [
        oa.FieldSpec(name="file", type=bytes, required=True),
        oa.FieldSpec(name="files", type=list[bytes] | None),
    ]
    media = oa.MediaSpec(fields=fields, encoding={"file": {"contentType": "image/png"}})
    body, components = body_of(build, content={"multipart/form-data": media})
    assert components["Body_up"]["properties"] == {
        "file": {**binary, "title": "File"},
        "files": {"anyOf": [{"type": "array", "items": binary}, {"type": "null"}], "title": "Files"},
    }
    assert body["content"]["multipart/form-data"]["encoding"] == {"file": {"contentType": "image/png"}}


def test_a_body_of_one_type_a_raw_schema_and_several_media_types(build: Any) -> None:
    body, _ = body_of(
        build,
        content={
            JSON: oa.MediaSpec(type=list[Item], title="Items", examples={"one": {"value": []}}),
            "application/xml": oa.MediaSpec(schema={"type": "string"}, example="<a/>"),
            "text/csv": oa.MediaSpec(type=str, schema={"description": "Rows."}, extra={"x-a": 1}),
            "image/png": oa.MediaSpec(),
            "application/octet-stream": oa.MediaSpec(type=bytes),
        },
    )
    assert body["content"] == {
        JSON: {"schema": {"type": "array", "items": {"$ref": REF + "Item"}, "title": "Items"},
               "examples": {"one": {"value": []}}},
        "application/xml": {"schema": {"type": "string"}, "example": "<a/>"},
        "text/csv": {"schema": {"type": "string", "title": "Body", "description": "Rows."}, "x-a": 1},
        "image/png": {},
        "application/octet-stream": {
            "schema": {"type": "string", "contentMediaType": "application/octet-stream", "title": "Body"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("media", "item"),
    [
        ({"item_type": Item}, {"$ref": REF + "Item"}),
        ({"item_schema": {"type": "object"}}, {"type": "object"}),
        ({"item_type": int, "item_schema": {"description": "D."}}, {"type": "integer", "description": "D."}),
    ],
)
def test_items_of_streams(operation: Any, media: dict[str, Any], item: dict[str, Any]) -> None:
    content = {"text/event-stream": oa.MediaSpec(**media)}
    written = operation(responses={200: oa.ResponseSpec(content=content)})
    assert written["responses"]["200"]["content"]["text/event-stream"] == {"x-oai-itemSchema": item}


def test_the_first_response_is_the_main_one(operation: Any) -> None:
    responses = {
        201: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=int)}),
        "default": oa.ResponseSpec(content={JSON: oa.MediaSpec(type=int)}),
        404: oa.ResponseSpec(description="Gone.", content={JSON: oa.MediaSpec(type=int, title="T")}),
    }
    written = operation(operation_id="make_it", responses=responses)["responses"]
    assert [(key, value["description"]) for key, value in written.items()] == [
        ("201", "Successful Response"), ("default", "Default Response"), ("404", "Gone."),
    ]  # fmt: skip
    titles = [value["content"][JSON]["schema"]["title"] for value in written.values()]
    assert titles == ["Response Make It", "Response Default Make It", "T"]


def test_raw_parts_are_merged_into_a_response(operation: Any) -> None:
    response = oa.ResponseSpec(
        content={JSON: oa.MediaSpec(type=Item)},
        extra={"content": {JSON: {"example": {"name": "x"}}, "image/png": {}}, "x-a": 1},
    )
    assert operation(responses={200: response})["responses"]["200"] == {
        "description": "Successful Response",
        "content": {JSON: {"schema": {"$ref": REF + "Item"}, "example": {"name": "x"}}, "image/png": {}},
        "x-a": 1,
    }


def test_headers_have_types_examples_and_remarks(operation: Any) -> None:
    headers = {"X-A": oa.HeaderSpec(type=int, example=3, deprecated=True, constraints={"ge": 0})}
    written = operation(responses={204: oa.ResponseSpec(headers=headers)})["responses"]["204"]["headers"]
    assert written == {
        "X-A": {
            "schema": {"type": "integer", "minimum": 0, "deprecated": True},
            "example": 3,
            "deprecated": True,
        }
    }


def test_an_example_that_json_cannot_hold_is_left_out_with_a_warning(operation: Any) -> None:
    with pytest.warns(oa.OpenAPIWarning, match="query parameter 'q' of POST /"):
        (written,) = operation(parameters=[parameter(example=object())])["parameters"]
    assert "example" not in written


@pytest.mark.parametrize(
    ("status", "key", "text"),
    [
        (200, "200", "OK"), (404, "404", "Not Found"), ("4xx", "4XX", "Client Error"),
        ("default", "default", "Default Response"), ("DEFAULT", "default", "Default Response"),
        (799, "799", "Additional Response"), (True, "1", "Additional Response"),
    ],
)  # fmt: skip
def test_statuses_and_what_they_mean(status: Any, key: str, text: str) -> None:
    assert status_key(status) == key
    assert status_text(key) == text


@pytest.mark.parametrize(
    ("options", "name"),
    [({"operation_id": "show"}, "show"), ({}, "get_items_id"), ({"path": "/"}, "get")],
)
def test_an_operation_without_id_gets_a_name_from_its_place(options: dict[str, Any], name: str) -> None:
    assert operation_name(oa.OperationSpec(**{"method": "GET", "path": "/items/{id}", **options})) == name


def test_no_security_is_not_the_same_as_nothing_said(operation: Any) -> None:
    assert operation(security=[])["security"] == []
    assert "security" not in operation()


def test_a_response_object_is_never_without_description() -> None:
    with pytest.raises(TypeError, match="description"):
        Response()
