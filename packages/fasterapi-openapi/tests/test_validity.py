"""Documents that use everything at once, read by an outside validator."""

from typing import Any

import msgspec
import pytest

import fasterapi_openapi as oa

JSON = "application/json"
validator = pytest.importorskip("openapi_spec_validator", reason="openapi-spec-validator is not a dependency")


class Item(msgspec.Struct, tag=True):
    """A thing.

    Attributes:
        name: What it is called.
    """

    name: str
    parent: "Item | Ware | None" = None


class Ware(msgspec.Struct, tag=True):
    price: float = 1.0


def everything(version: Any, *, promised: bool) -> oa.Document:
    media = {JSON: oa.MediaSpec(type=Item | Ware, examples={"one": {"value": {"type": "Item", "name": "x"}}})}
    told = oa.OperationSpec(
        method="POST", path="", operation_id="told", body=oa.BodySpec(content=media),
        responses={200: oa.ResponseSpec()},
    )  # fmt: skip
    upload = oa.MediaSpec(
        fields=[
            oa.FieldSpec(name="file", type=bytes, required=True),
            oa.FieldSpec(name="item", type=Item | None),
        ],
        encoding={"file": {"contentType": "image/png, image/jpeg"}},
    )
    operations = [
        oa.OperationSpec(
            method="POST", path="/items/{id:int}", operation_id="make", tags=["items"], deprecated=True,
            parameters=[
                oa.ParameterSpec(name="id", location="path", type=int, example=1),
                oa.ParameterSpec(name="q", location="query", type=list[str], extra={"style": "form", "explode": False}),
                oa.ParameterSpec(name="X-A", location="header", type=int | None, examples={"a": {"value": 1}}),
                oa.ParameterSpec(name="c", location="cookie", type=str, default="d"),
            ],
            body=oa.BodySpec(content={**media, "multipart/form-data": upload}),
            responses={
                201: oa.ResponseSpec(
                    content=media, headers={"X-B": oa.HeaderSpec(type=int, required=True)},
                    links={"again": {"operationId": "make", "parameters": {"id": "$response.body#/id"}}},
                ),
                "default": oa.ResponseSpec(content={"application/jsonl": oa.MediaSpec(item_type=Item)}),
            },
            callbacks={"told": {"{$request.body#/url}": [told]}},
            security=[{"oauth": ["read"]}, {"key": []}], servers=[{"url": "https://example.com/v2"}],
            external_docs={"url": "https://example.com"}, validation_error=True, extra={"x-owner": "us"},
        ),
        oa.OperationSpec(method="QUERY", path="/items", operation_id="ask", body=oa.BodySpec(content=media),
                         responses={200: oa.ResponseSpec(content=media)}),
        oa.OperationSpec(method="PURGE", path="/items", responses={204: oa.ResponseSpec()}),
    ]  # fmt: skip
    flow = oa.OAuthFlow(
        authorization_url="https://example.com/a", token_url="https://example.com/t", scopes={"read": ""}
    )
    info = oa.DocumentSpec(
        title="T", version="1", summary="S", openapi_version=version, output_defaults_required=promised,
        contact={"email": "us@example.com"}, license_info={"name": "MIT", "identifier": "MIT"},
        tags=[{"name": "items"}], servers=[{"url": "/"}], security=[{"basic": []}],
        security_schemes={
            "key": oa.ApiKeyScheme(name="k", location="query"), "basic": oa.HttpScheme(scheme="basic"),
            "tls": oa.MutualTLSScheme(), "oidc": oa.OpenIdConnectScheme(open_id_connect_url="https://example.com/o"),
            "oauth": oa.OAuth2Scheme(flows=oa.OAuthFlows(authorization_code=flow)),
        },
    )  # fmt: skip
    return oa.build_document(
        info, operations, webhooks=[msgspec.structs.replace(told, path="new", operation_id="new")]
    )


@pytest.mark.parametrize("version", ["3.1.0", "3.1.1", "3.2.0"])
@pytest.mark.parametrize("promised", [False, True])
def test_a_document_with_everything_is_valid(version: str, promised: bool) -> None:
    validator.validate(oa.to_builtins(everything(version, promised=promised)))


def test_an_empty_document_is_valid() -> None:
    validator.validate(oa.to_builtins(oa.build_document(oa.DocumentSpec(title="T", version="1"), [])))
