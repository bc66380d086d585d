"""Specs that share parts give the document that specs of their own give: sharing is not seen."""

from typing import Any

import msgspec
import pytest

import fasterapi_openapi as oa

JSON = "application/json"


class Item(msgspec.Struct):
    name: str


def parameters() -> tuple[oa.ParameterSpec, ...]:
    return (
        oa.ParameterSpec(name="item_id", location="path", type=int, required=True),
        oa.ParameterSpec(name="q", location="query", type=str),
    )


BODIES = {
    "a class": lambda: oa.BodySpec(content={JSON: oa.MediaSpec(type=Item)}, name="item"),
    "a list": lambda: oa.BodySpec(content={JSON: oa.MediaSpec(type=list[Item])}, name="items"),
    "fields": lambda: oa.BodySpec(content={JSON: oa.MediaSpec(fields=[oa.FieldSpec(name="a", type=int)])}),
    "more": lambda: oa.BodySpec(content={JSON: oa.MediaSpec(type=Item)}, extra={"x-note": 1}),
}
RESPONSES = {
    "a class": lambda: {200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=Item)})},
    "a list, titled after its operation": lambda: {
        200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=list[Item])})
    },
    "a title of its own": lambda: {
        200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=int, title="Number")})
    },
    "a raw schema and a type": lambda: {
        200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=int, schema={"$ref": "#/elsewhere"})})
    },
    "fields": lambda: {
        200: oa.ResponseSpec(content={JSON: oa.MediaSpec(fields=[oa.FieldSpec(name="a", type=int)])})
    },
    "nothing": lambda: {204: oa.ResponseSpec()},
    "more": lambda: {200: oa.ResponseSpec(content={JSON: oa.MediaSpec(type=int)}, extra={"x-note": 1})},
}


def operations(*, body: Any, responses: Any, is_shared: bool) -> list[oa.OperationSpec]:
    shared = {"parameters": parameters(), "body": body(), "responses": responses()}
    return [
        oa.OperationSpec(
            method=method,
            path=path,
            operation_id=f"{method}{number}",
            validation_error=number > 1,
            **(
                shared
                if is_shared
                else {"parameters": parameters(), "body": body(), "responses": responses()}
            ),
        )
        for method in ("POST", "PUT")
        for number, path in enumerate(["/a/{item_id}", "/b/{item_id}", "/c/{owner}/{item_id}"])
    ]


@pytest.mark.parametrize("responses", RESPONSES)
@pytest.mark.parametrize("body", BODIES)
def test_shared_parts_are_written_as_parts_of_their_own(body: str, responses: str) -> None:
    info = oa.DocumentSpec(title="Shop", version="1")
    documents = [
        oa.encode(
            oa.build_document(
                info, operations(body=BODIES[body], responses=RESPONSES[responses], is_shared=is_shared)
            )
        )
        for is_shared in (True, False)
    ]
    assert documents[0] == documents[1]


def test_a_path_that_lacks_a_shared_parameter_is_still_an_error() -> None:
    shared = parameters()
    specs = [oa.OperationSpec(method="GET", path=path, parameters=shared) for path in ("/a/{item_id}", "/b")]
    with pytest.raises(oa.InvalidSpec, match="GET /b"):
        oa.build_document(oa.DocumentSpec(title="Shop", version="1"), specs)
