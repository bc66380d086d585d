"""A FastAPI application → this package's specs, so that both can document the same application."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import UNSET

import fasterapi_openapi as oa

fastapi = pytest.importorskip("fastapi", reason="compares with FastAPI's own documents")
if fastapi.__version__ != "0.165.0":
    pytest.skip("the comparison reads internals of FastAPI 0.165.0", allow_module_level=True)

from fastapi.dependencies.utils import get_flat_params  # noqa: E402
from fastapi.openapi import utils  # noqa: E402
from fastapi.responses import JSONResponse  # noqa: E402
from fastapi import routing  # noqa: E402
from pydantic_core import PydanticUndefined  # noqa: E402

BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
CONSTRAINTS = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")


def describe_upload(cls: Any) -> dict[str, Any] | None:
    return BINARY if cls is fastapi.UploadFile else None


def value_of(field: Any) -> dict[str, Any]:
    """What FastAPI's field says about a value, in this package's words."""
    info = field.field_info
    constraints = {
        name: getattr(item, name)
        for item in info.metadata
        for name in CONSTRAINTS
        if getattr(item, name, None) is not None
    }
    named = getattr(info, "openapi_examples", None)
    example = getattr(info, "example", None)
    return {
        "type": info.annotation,
        "title": info.title,
        "description": info.description,
        "deprecated": bool(info.deprecated),
        "default": UNSET if info.default in (PydanticUndefined, ...) else info.default,
        "examples": named or info.examples,
        "example": example if isinstance(example, (str, int, dict)) else UNSET,
        "constraints": constraints,
    }


def parameter_of(field: Any) -> oa.ParameterSpec:
    name = field.alias
    if field.field_info.in_.value == "header" and field.alias == field.name:
        name = name.replace("_", "-")
    return oa.ParameterSpec(
        name=name,
        location=field.field_info.in_.value,
        required=field.field_info.is_required(),
        include_in_schema=field.field_info.include_in_schema,
        **value_of(field),
    )


def body_of(route: Any) -> oa.BodySpec | None:
    field = route.body_field
    if field is None:
        return None
    parts = route.dependant.body_params
    info = field.field_info
    if field.name == "body" and hasattr(info.annotation, "model_fields"):
        fields = [
            oa.FieldSpec(name=part.alias, required=part.field_info.is_required(), **value_of(part))
            for part in parts
        ]
        media = oa.MediaSpec(fields=fields)
    else:
        media = oa.MediaSpec(**value_of(field))
    return oa.BodySpec(content={info.media_type: media}, required=info.is_required(), name=field.alias)


def title(name: str) -> str:
    return name.title().replace("_", " ")


def responses_of(route: Any) -> dict[int | str, oa.ResponseSpec]:
    media_type = (
        route.response_class.value.media_type
        if hasattr(route.response_class, "value")
        else route.response_class.media_type
    )
    response_class = getattr(route.response_class, "value", route.response_class)
    content = {}
    if media_type and route.status_code not in (204, 304):
        if not issubclass(response_class, JSONResponse):
            content = {media_type: oa.MediaSpec(schema={"type": "string"})}
        elif route.response_field is not None:
            content = {media_type: oa.MediaSpec(type=route.response_field.field_info.annotation)}
        else:
            content = {media_type: oa.MediaSpec(schema={})}
    default = 307 if response_class.__name__ == "RedirectResponse" else 200
    found: dict[int | str, oa.ResponseSpec] = {
        route.status_code or default: oa.ResponseSpec(description=route.response_description, content=content)
    }
    for status, raw in route.responses.items():
        extra = {key: value for key, value in raw.items() if key not in ("model", "description")}
        model = route.response_fields.get(status)
        content = (
            {media_type or "application/json": oa.MediaSpec(type=model.field_info.annotation)}
            if model
            else {}
        )
        before = found.get(status)
        found[status] = oa.ResponseSpec(
            description=raw.get("description") or (before and before.description),
            content={**(before.content if before else {}), **content},
            extra=extra,
        )
    return found


def operations_of(routes: Any, schemes: dict[str, Any]) -> list[oa.OperationSpec]:
    found = [utils._get_api_route_for_openapi(context) for context in routing.iter_route_contexts(routes)]
    return [
        operation_of(route, method, schemes)
        for route in found
        if route is not None and route.include_in_schema
        for method in sorted(route.methods)
    ]


def operation_of(route: Any, method: str, schemes: dict[str, Any]) -> oa.OperationSpec:
    data = utils._get_openapi_dependency_data(route.dependant)
    definitions, security = utils._get_openapi_security_definitions(data.security_dependencies)
    schemes.update(definitions)
    parameters = [parameter_of(field) for field in get_flat_params(route.dependant)]
    return oa.OperationSpec(
        method=method,
        path=route.path_format,
        operation_id=route.operation_id or route.unique_id,
        summary=route.summary or title(route.name),
        description=route.description,
        tags=route.tags,
        deprecated=bool(route.deprecated),
        parameters=parameters,
        body=body_of(route),
        responses=responses_of(route),
        security=security or None,
        callbacks={
            callback.name: {callback.path: [operation_of(callback, m, schemes) for m in callback.methods]}
            for callback in route.callbacks or ()
        },
        validation_error=bool(parameters or route.body_field),
        extra=route.openapi_extra,
    )


@pytest.fixture
def both() -> Callable[[Any], tuple[dict[str, Any], dict[str, Any]]]:
    """A FastAPI application → its own document and this package's."""

    def run(app: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        theirs = app.openapi()
        schemes: dict[str, Any] = {}
        operations = operations_of(app.routes, schemes)
        webhooks = operations_of(app.webhooks.routes, schemes)
        info = oa.DocumentSpec(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description or None,
            terms_of_service=app.terms_of_service,
            contact=app.contact,
            license_info=app.license_info,
            tags=app.openapi_tags or (),
            servers=app.servers,
            external_docs=app.openapi_external_docs,
            openapi_version="3.1.0",
            separate_input_output_schemas=app.separate_input_output_schemas,
        )
        document = oa.build_document(
            info, operations, webhooks=webhooks, security_schemes=schemes, schema_hook=describe_upload
        )
        return theirs, oa.to_builtins(document)

    return run


def differences(ours: Any, theirs: Any, place: str = "") -> Iterator[str]:
    """Where two documents differ, one line each."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted({*ours, *theirs}):
            yield from differences(ours.get(key, "absent"), theirs.get(key, "absent"), f"{place}/{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from differences(one, other, f"{place}/{index}")
    elif ours != theirs:
        yield f"{place}: ours {ours!r}, FastAPI's {theirs!r}"


def without_needless_variants(document: dict[str, Any]) -> dict[str, Any]:
    """FastAPI splits every model that refers to itself, even if both variants say the same: join those."""
    schemas = document.get("components", {}).get("schemas", {})
    equal = {name[: -len("-Input")] for name in schemas if name.endswith("-Input")}
    while True:
        written = json.dumps(document)
        for name in equal:
            written = re.sub(f'"(#/components/schemas/)?{name}-(In|Out)put"', rf'"\1{name}"', written)
        joined = json.loads(written)
        pairs = {name: [schemas[f"{name}-{v}"] for v in ("Input", "Output")] for name in equal}
        differing = {
            name for name, pair in pairs.items() if len({joined_text(schema, equal) for schema in pair}) > 1
        }
        if not differing:
            return joined
        equal -= differing


def joined_text(schema: Any, names: set[str]) -> str:
    text = json.dumps(schema, sort_keys=True)
    for name in names:
        text = re.sub(f"/{name}-(In|Out)put", f"/{name}", text)
    return text


@pytest.fixture
def differing(both: Any) -> Callable[[Any], list[str]]:
    def run(app: Any) -> list[str]:
        theirs, ours = both(app)
        return list(differences(ours, without_needless_variants(theirs)))

    return run
