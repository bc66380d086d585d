"""One bound parameter → what the document says of its value.

Knows: markers, types, files. Does not know: routes, operations; which parameters belong together (`operations`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin

from msgspec import NODEFAULT, UNSET

from fasterapi.binding import Bound, is_upload_type
from fasterapi.compilation.textmodels import text_fields
from fasterapi.datastructures import UploadFile
from fasterapi.params import File, Marker
from fasterapi.validation import ModelField
from fasterapi.validation.pydantic_models import PydanticNode, documented_type
from fasterapi_di import MISSING
from fasterapi_openapi import FieldSpec, ParameterSpec
from fasterapi_openapi.annotation import unwrap

__all__ = ["encoding", "model_fields", "parameter_specs", "schema_type", "title_of", "value"]


def title_of(name: str) -> str:
    return name.replace("_", " ").title()


def parameter_specs(bound: Bound) -> Iterator[ParameterSpec]:
    location: Any = bound.source
    if bound.is_model:
        assert bound.adapter is not None
        assert bound.marker is not None
        fields = text_fields(bound)
        for field in bound.adapter.model_fields:
            yield ParameterSpec(
                name=fields.name_of(field),
                location=location,
                required=field.required and bound.required,
                type=documented_type(field.type),
                description=_description(field.type),
                default=_documented_default(field),
                title=_said(field.type, "title") or title_of(field.encoded_name),
                include_in_schema=bound.marker.include_in_schema,
            )
        return
    assert bound.marker is not None
    yield ParameterSpec(
        name=bound.alias,
        location=location,
        required=bound.required,
        include_in_schema=bound.marker.include_in_schema,
        **value(bound),
    )


def model_fields(bound: Bound) -> list[FieldSpec]:
    assert bound.adapter is not None
    return [
        FieldSpec(
            name=field.encoded_name,
            required=field.required,
            type=documented_type(field.type),
            description=_description(field.type),
            title=_said(field.type, "title"),
            default=_documented_default(field),
        )
        for field in bound.adapter.model_fields
    ]


def _documented_default(field: ModelField) -> Any:
    """A factory of an empty list or object is as good as its value."""
    if field.default_factory in {list, dict}:
        return field.make_default()
    return UNSET if field.default is NODEFAULT or field.default is None else field.default


def value(bound: Bound) -> dict[str, Any]:
    marker = bound.marker
    assert marker is not None
    is_plain = bound.default is not MISSING and bound.default is not None
    return {
        "type": _annotation(bound),
        "title": marker.title,
        "description": marker.description or _described(bound),
        "deprecated": bool(marker.deprecated),
        "default": bound.default if is_plain else UNSET,
        "example": UNSET if marker.example is MISSING else marker.example,
        "examples": _examples(marker),
        "constraints": _constraints(marker),
        "extra_schema": _extra_schema(bound),
    }


def _examples(marker: Marker) -> Any:
    if marker.openapi_examples:
        return marker.openapi_examples
    return list(marker.examples) if marker.examples else None


def _constraints(marker: Marker) -> dict[str, Any] | None:
    constraints = marker.constraints
    if constraints is None:
        return None
    names = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern")
    return {name: limit for name in names if (limit := getattr(constraints, name)) is not None}


def encoding(fields: Sequence[Bound]) -> dict[str, Any] | None:
    """The media types of files (OpenAPI 3.1.1, section 4.8.15)."""
    found = {
        bound.alias: {"contentType": ", ".join(bound.marker.content_types)}
        for bound in fields
        if isinstance(bound.marker, File) and bound.marker.content_types
    }
    return found or None


def _extra_schema(bound: Bound) -> Mapping[str, Any] | None:
    """What the marker adds to the schema; a file's size in bytes is the length of its binary text."""
    marker = bound.marker
    assert marker is not None
    extra = marker.json_schema_extra if isinstance(marker.json_schema_extra, Mapping) else None
    if not isinstance(marker, File) or marker.max_size is None:
        return extra
    size = {"maxLength": marker.max_size}
    return {**({"items": size} if bound.is_sequence else size), **(extra or {})}


def schema_type(bound: Bound) -> Any:
    """The documented type: `bytes` in a file field is an upload, not a base64 text."""
    if bound.source != "file" or is_upload_type(bound.type):
        return _annotation(bound)
    return _as_upload(bound.type)


def _annotation(bound: Bound) -> Any:
    """The declared type, with all that stands around it in `Annotated`."""
    if bound.adapter is None:
        return bound.type
    node = bound.adapter.node
    return documented_type(node.annotation) if isinstance(node, PydanticNode) else bound.adapter.type


def _described(bound: Bound) -> str | None:
    """What `Annotated` says about the parameter, beside its marker."""
    return None if bound.adapter is None or bound.source == "body" else _description(bound.adapter.type)


def _description(annotation: Any) -> str | None:
    return _said(annotation, "description")


def _said(annotation: Any, name: str) -> str | None:
    said = [found for meta in unwrap(annotation).metadata if (found := getattr(meta, name))]
    return said[-1] if said else None


def _as_upload(type_: Any) -> Any:
    if type_ is bytes:
        return UploadFile
    arguments = get_args(type_)
    if not arguments:
        return type_
    replaced = tuple(_as_upload(item) for item in arguments)
    origin = get_origin(type_)
    if isinstance(origin, type) and issubclass(origin, list | tuple | set | frozenset):
        return origin[replaced if len(replaced) > 1 else replaced[0]]  # type: ignore[index]  # a generic alias
    union: Any = replaced[0]
    for item in replaced[1:]:
        union = union | item
    return union
