"""`get_openapi(...)` under FastAPI's name and arguments.

Knows: the document's arguments. Does not know: applications; pass it `app.routes`.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import fasterapi_openapi
from fasterapi._collector import collector_paused
from fasterapi.datastructures import UploadFile
from fasterapi.openapi.operations import operation_specs, outside_routes
from fasterapi.openapi.pydantic_schemas import PydanticSchemas
from fasterapi.openapi.schemes import Schemes
from fasterapi.validation.hooks import custom_type, enc_hook
from fasterapi.validation.pydantic_models import PydanticType
from fasterapi.validation.pydantic_types import is_pydantic_model
from fasterapi_openapi import Document, DocumentSpec

__all__ = ["get_openapi"]

_UPLOAD = {"type": "string", "contentMediaType": "application/octet-stream"}


def get_openapi(
    *,
    title: str,
    version: str,
    openapi_version: str = "3.1.0",
    summary: str | None = None,
    description: str | None = None,
    routes: Sequence[Any],
    webhooks: Sequence[Any] | None = None,
    tags: Sequence[Mapping[str, Any]] | None = None,
    servers: Sequence[Mapping[str, Any]] | None = None,
    terms_of_service: str | None = None,
    contact: Mapping[str, Any] | None = None,
    license_info: Mapping[str, Any] | None = None,
    separate_input_output_schemas: bool = True,
    external_docs: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The OpenAPI document of `routes` as a dict.

    Raises `fasterapi_openapi.OpenAPIError`, naming both places, for two operations with one id, and for types
    that no schema can describe.
    """
    return _as_dict(
        build_openapi(
            title=title,
            version=version,
            openapi_version=openapi_version,
            summary=summary,
            description=description,
            routes=routes,
            webhooks=webhooks,
            tags=tags,
            servers=servers,
            terms_of_service=terms_of_service,
            contact=contact,
            license_info=license_info,
            separate_input_output_schemas=separate_input_output_schemas,
            external_docs=external_docs,
        )
    )


def build_openapi(
    *,
    routes: Sequence[Any],
    webhooks: Sequence[Any] | None = None,
    description: str | None = None,
    **described: Any,
) -> Document | dict[str, Any]:
    """`get_openapi` for those who encode the document: it need not be made of dicts first."""
    pydantic_schemas = PydanticSchemas()
    webhook_routes = outside_routes(webhooks or ())
    schemes = Schemes()
    with collector_paused():
        document = fasterapi_openapi.build_document(
            DocumentSpec(
                description=description or None,
                **{name: value for name, value in described.items() if value is not None},
            ),
            operation_specs(routes, schemes),
            webhooks=operation_specs(webhook_routes, schemes),
            security_schemes=schemes.described([*routes, *webhook_routes]),
            schema_hook=partial(_schema_hook, pydantic_schemas),
            encode_hook=enc_hook,
        )
    if not pydantic_schemas.definitions:
        return document
    builtins = _as_dict(document)
    pydantic_schemas.put_into(builtins)
    return builtins


def _as_dict(document: Document | dict[str, Any]) -> dict[str, Any]:
    if isinstance(document, dict):
        return document
    builtins: dict[str, Any] = fasterapi_openapi.to_builtins(document)
    return builtins


def _schema_hook(pydantic_schemas: PydanticSchemas, type_: Any) -> dict[str, Any] | None:
    if is_pydantic_model(type_):
        return pydantic_schemas.reference(type_)
    if isinstance(type_, PydanticType):
        return pydantic_schemas.schema(type_.annotation)
    if isinstance(type_, type) and issubclass(type_, UploadFile):
        return dict(_UPLOAD)
    custom = custom_type(type_)
    return None if custom is None else dict(custom.schema)
