"""Whole documents: what stands where, what must be unique, what each version may hold."""

import json
from typing import Any

import msgspec
import pytest

import fasterapi_openapi as oa

JSON = "application/json"


class Item(msgspec.Struct):
    name: str


class ValidationError(msgspec.Struct):
    mine: int


def get(path: str = "/", **options: Any) -> oa.OperationSpec:
    return oa.OperationSpec(method="GET", path=path, **options)


def test_an_empty_document_has_a_version_an_info_and_paths(build: Any) -> None:
    assert build() == {"openapi": "3.1.1", "info": {"title": "Test", "version": "1"}, "paths": {}}


def test_everything_that_a_document_may_say_about_itself(build: Any, golden: Any) -> None:
    document = build(
        get(tags=["items"]),
        info={
            "summary": "Short.",
            "description": "Long.",
            "terms_of_service": "/terms",
            "contact": {"name": "Us", "email": "us@example.com"},
            "license_info": {"name": "MIT", "identifier": "MIT"},
            "tags": [{"name": "items", "description": "Stock", "externalDocs": {"url": "/items"}}],
            "servers": [{"url": "/v1", "description": "Here"}],
            "external_docs": {"url": "/more", "description": "More"},
            "security": [{"key": []}],
            "security_schemes": {"key": oa.ApiKeyScheme(name="X-Key", location="header")},
        },
        security_schemes={"login": oa.HttpScheme(scheme="bearer", bearer_format="JWT")},
    )
    golden("document.json", json.dumps(document, indent=2, sort_keys=True) + "\n")


def test_typed_objects_do_as_well_as_mappings(build: Any) -> None:
    from fasterapi_openapi.document import Contact, ExternalDocs, License, Server, ServerVariable, Tag

    typed = build(
        info={
            "contact": Contact(email="us@example.com"),
            "license_info": License(name="MIT"),
            "tags": [Tag(name="items", external_docs=ExternalDocs(url="/items"))],
            "servers": [Server(url="/{v}", variables={"v": ServerVariable(default="v1", enum=["v1"])})],
        }
    )
    assert typed == build(
        info={
            "contact": {"email": "us@example.com"},
            "license_info": {"name": "MIT"},
            "tags": [{"name": "items", "externalDocs": {"url": "/items"}}],
            "servers": [{"url": "/{v}", "variables": {"v": {"enum": ["v1"], "default": "v1"}}}],
        }
    )


def test_methods_of_one_path_share_an_item(build: Any) -> None:
    document = build(get("/a"), oa.OperationSpec(method="post", path="/a"))
    assert list(document["paths"]["/a"]) == ["get", "post"]


@pytest.mark.parametrize(
    ("version", "method", "place"),
    [
        ("3.1.0", "QUERY", ("x-oai-additionalOperations", "QUERY")),
        ("3.1.1", "PURGE", ("x-oai-additionalOperations", "PURGE")),
        ("3.2.0", "QUERY", ("query",)),
        ("3.2.0", "PURGE", ("additionalOperations", "PURGE")),
        ("3.2.0", "TRACE", ("trace",)),
    ],
)
def test_methods_that_a_version_does_not_know_are_carried_by_the_registered_extension(
    build: Any, version: str, method: str, place: tuple[str, ...]
) -> None:
    document = build(oa.OperationSpec(method=method, path="/"), info={"openapi_version": version})
    assert document["openapi"] == version
    found = document["paths"]["/"]
    for name in place:
        assert list(found) == [name]
        found = found[name]
    assert found == {"responses": {}}


def test_two_unknown_methods_of_one_path_are_both_kept(build: Any) -> None:
    operations = [oa.OperationSpec(method=method, path="/") for method in ("PURGE", "LINK")]
    for version, name in (("3.1.1", "x-oai-additionalOperations"), ("3.2.0", "additionalOperations")):
        document = build(*operations, info={"openapi_version": version})
        assert list(document["paths"]["/"][name]) == ["PURGE", "LINK"]


@pytest.mark.parametrize(("version", "name"), [("3.1.1", "x-oai-itemSchema"), ("3.2.0", "itemSchema")])
def test_items_of_a_stream(build: Any, version: str, name: str) -> None:
    content = {"application/jsonl": oa.MediaSpec(item_type=Item)}
    document = build(
        get(responses={200: oa.ResponseSpec(content=content)}), info={"openapi_version": version}
    )
    written = document["paths"]["/"]["get"]["responses"]["200"]["content"]["application/jsonl"]
    assert written == {name: {"$ref": "#/components/schemas/Item"}}


def test_webhooks_stand_apart_and_their_path_is_a_name(build: Any) -> None:
    hook = oa.OperationSpec(
        method="POST", path="new-{thing}", body=oa.BodySpec(content={JSON: oa.MediaSpec(type=Item)})
    )
    document = build(get("/new-thing"), webhooks=[hook])
    assert list(document["webhooks"]) == ["new-{thing}"]
    assert list(document["paths"]) == ["/new-thing"]
    assert list(document["components"]["schemas"]) == ["Item"]


def test_callbacks_are_operations_of_their_own(build: Any) -> None:
    answer = oa.OperationSpec(
        method="POST",
        path="",
        operation_id="told",
        body=oa.BodySpec(content={JSON: oa.MediaSpec(type=Item)}),
    )
    document = build(get("/", callbacks={"told": {"{$request.body#/url}": [answer]}}))
    written = document["paths"]["/"]["get"]["callbacks"]["told"]["{$request.body#/url}"]["post"]
    assert written["operationId"] == "told"
    assert written["requestBody"]["content"][JSON]["schema"] == {"$ref": "#/components/schemas/Item"}


DUPLICATES = [
    get("/a", operation_id="show", source="a.py:1"),
    get("/b", operation_id="show", source="b.py:2"),
]
SAME_PLACE = [
    get("/{x:int}", summary="First", operation_id="one", source="a.py:1",
        parameters=[oa.ParameterSpec(name="x", location="path", type=int)]),
    get("/{x}", summary="Second", operation_id="two", source="b.py:2"),
]  # fmt: skip


def test_an_operation_id_that_occurs_twice_is_an_error_that_names_both(build: Any, golden: Any) -> None:
    with pytest.raises(oa.DuplicateOperationId) as info:
        build(*DUPLICATES)
    assert info.value.operation_id == "show"
    golden("duplicate_operation_id.txt", f"{info.value}\n")


def test_one_place_described_twice_is_an_error_that_names_both(build: Any, golden: Any) -> None:
    with pytest.raises(oa.DuplicateOperation) as info:
        build(*SAME_PLACE)
    golden("duplicate_operation.txt", f"{info.value}\n")


def test_both_may_be_warnings(build: Any) -> None:
    with pytest.warns(oa.OpenAPIWarning, match="a.py:1"):
        document = build(*DUPLICATES, on_duplicate="warn")
    assert list(document["paths"]) == ["/a", "/b"]
    with pytest.warns(oa.OpenAPIWarning, match="b.py:2"):
        document = build(*SAME_PLACE, on_duplicate="warn")
    assert document["paths"]["/{x}"]["get"]["summary"] == "First"


@pytest.mark.parametrize("where", ["webhooks", "callbacks"])
def test_ids_are_unique_over_webhooks_and_callbacks_too(build: Any, where: str) -> None:
    other = oa.OperationSpec(method="POST", path="hook", operation_id="show")
    with pytest.raises(oa.DuplicateOperationId):
        if where == "webhooks":
            build(DUPLICATES[0], webhooks=[other])
        else:
            build(DUPLICATES[0], get("/c", callbacks={"x": {"{$url}": [other]}}))


def test_operations_without_ids_do_not_collide(build: Any) -> None:
    assert len(build(get("/a"), get("/b"))["paths"]) == 2


def test_fastapis_422_comes_with_its_components(build: Any) -> None:
    document = build(get(validation_error=True))
    response = document["paths"]["/"]["get"]["responses"]["422"]
    assert response["description"] == "Validation Error"
    assert response["content"][JSON]["schema"] == {"$ref": "#/components/schemas/HTTPValidationError"}
    assert list(document["components"]["schemas"]) == ["HTTPValidationError", "ValidationError"]


def test_fastapis_422_comes_in_all_forms_of_errors(build: Any) -> None:
    document = build(get(validation_error=True, error_media_types=["application/yaml", JSON]))
    content = document["paths"]["/"]["get"]["responses"]["422"]["content"]
    assert list(content) == ["application/yaml", JSON]
    assert content["application/yaml"] == content[JSON]


@pytest.mark.parametrize("status", [422, "4XX", "4xx", "default"])
def test_a_documented_answer_to_bad_requests_takes_its_place(build: Any, status: Any) -> None:
    document = build(
        get(validation_error=True, responses={200: oa.ResponseSpec(), status: oa.ResponseSpec()})
    )
    assert len(document["paths"]["/"]["get"]["responses"]) == 2
    assert "components" not in document


def test_a_class_named_like_fastapis_error_gives_way(build: Any) -> None:
    content = {JSON: oa.MediaSpec(type=ValidationError)}
    schemas = build(get(validation_error=True, responses={200: oa.ResponseSpec(content=content)}))[
        "components"
    ]["schemas"]
    assert set(schemas) == {"HTTPValidationError", "ValidationError", "test_build__ValidationError"}
    assert "detail" not in schemas["ValidationError"]["properties"]


def test_raw_components_are_merged_in(build: Any) -> None:
    document = build(
        get(responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=Item)})}),
        info={"components": {"schemas": {"Extra": {"type": "string"}}, "examples": {"one": {"value": 1}}}},
    )
    assert set(document["components"]) == {"schemas", "examples"}
    assert set(document["components"]["schemas"]) == {"Extra", "Item"}


def test_the_same_operations_give_the_same_bytes() -> None:
    def document() -> bytes:
        content = {JSON: oa.MediaSpec(type=dict[str, Item])}
        operations = [get(f"/{i}", responses={200: oa.ResponseSpec(content=content)}) for i in range(3)]
        return oa.encode(oa.build_document(oa.DocumentSpec(title="T", version="1"), operations))

    assert document() == document()


def test_components_are_sorted_by_name(build: Any) -> None:
    types = tuple[Item, ValidationError]
    document = build(
        get(validation_error=True, responses={200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=types)})})
    )
    names = list(document["components"]["schemas"])
    assert names == sorted(names)
