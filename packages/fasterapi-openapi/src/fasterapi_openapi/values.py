"""Specs of values (parameters, headers, fields, media types) → their objects in the document.

Knows: where OpenAPI wants titles, defaults, examples and remarks. Does not know: paths, operations' ids, HTTP
methods.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import UNSET

from .components import Mode
from .constraint import Schema, constrain, constraints_of, deep_merge
from .describe import FieldSpec, HeaderSpec, MediaSpec, ParameterSpec, ValueSpec
from .document import Header, MediaType, Parameter, to_builtins
from .scalar import Context
from .schema import REF_PREFIX, SchemaWriter, is_reference, title_of


class ValueWriter:
    """Writes values with the help of a `SchemaWriter`; `is_3_2` is whether 3.2's fields may be used.

    `bodies` are the components made of fields, by name.
    """

    def __init__(self, schemas: SchemaWriter, *, is_3_2: bool) -> None:
        self.schemas = schemas
        self.bodies: dict[str, Schema] = {}
        self._parameters: dict[int, tuple[ParameterSpec, Parameter | dict[str, Any]]] = {}
        self._is_3_2 = is_3_2

    def parameter(self, spec: ParameterSpec, used_by: str) -> Parameter | dict[str, Any]:
        """A parameter, as FastAPI writes it; the same one, for a spec that several operations share."""
        known = self._parameters.get(id(spec))
        if known is None:
            # The spec is kept, so that no other one can get its id.
            known = self._parameters[id(spec)] = (spec, self._parameter(spec, used_by))
        return known[1]

    def _parameter(self, spec: ParameterSpec, used_by: str) -> Parameter | dict[str, Any]:
        who = f"{spec.location} parameter {spec.name!r} of {used_by}"
        schema = self.value(spec, "input", title=title_of(spec.name), context="json", used_by=who)
        example, examples = self._examples(spec, who)
        parameter = Parameter(
            name=spec.name,
            location=spec.location,
            required=spec.required or spec.location == "path",
            schema=schema,
            description=spec.description or None,
            example=example,
            examples=examples,
            deprecated=spec.deprecated,
        )
        return deep_merge(to_builtins(parameter), spec.extra) if spec.extra else parameter

    def header(self, spec: HeaderSpec, used_by: str) -> Header:
        """A response header."""
        example, examples = self._examples(spec, used_by)
        return Header(
            description=spec.description or None,
            required=spec.required,
            deprecated=spec.deprecated,
            schema=self.value(spec, "output", title=None, context="json", used_by=used_by),
            example=example,
            examples=examples,
        )

    def media(
        self, media_type: str, spec: MediaSpec, mode: Mode, *, title: str, body_name: str, used_by: str
    ) -> MediaType | dict[str, Any]:
        """One entry of a `content` mapping."""
        context: Context = "json" if is_json(media_type) else "raw"
        if spec.fields is not None:
            schema: Schema | None = self._body(spec, spec.name or body_name, context, used_by)
        elif spec.type is not UNSET:
            schema = self.value(spec, mode, title=title, context=context, used_by=used_by)
        else:
            schema = None if spec.schema is None else {}
        if spec.schema is not None:
            schema = deep_merge(spec.schema, schema or {})
        item = self._item(spec, mode, used_by)
        example, examples = self._examples(spec, used_by)
        media = MediaType(
            schema=schema,
            item_schema=item if self._is_3_2 else None,
            item_schema_extension=None if self._is_3_2 else item,
            example=example,
            examples=examples,
            encoding=spec.encoding,
        )
        return deep_merge(to_builtins(media), spec.extra) if spec.extra else media

    def value(
        self, spec: ValueSpec, mode: Mode, *, title: str | None, context: Context, used_by: str
    ) -> Schema:
        """The schema of a value with all that the spec says about it."""
        annotation = Any if spec.type is UNSET else spec.type
        schema = self.schemas.schema(annotation, mode, context=context, used_by=used_by)
        constraints = constraints_of(spec.constraints)
        if constraints:
            schema = constrain(schema, constraints)
        if spec.title is not None:
            schema["title"] = spec.title
        elif title is not None and "$ref" not in schema:
            schema.setdefault("title", title)
        if spec.description:
            schema["description"] = spec.description
        if spec.deprecated:
            schema["deprecated"] = True
        if spec.default is not UNSET and spec.default is not None:
            default = self.schemas.value(spec.default, used_by)
            if default is not UNSET:
                schema["default"] = default
        if spec.examples is not None and not isinstance(spec.examples, Mapping):
            schema["examples"] = self._known(list(spec.examples), used_by)
        return deep_merge(schema, spec.extra_schema) if spec.extra_schema else schema

    def _body(self, spec: MediaSpec, name: str, context: Context, used_by: str) -> Schema:
        """An object put together from named fields, as a component of its own."""
        properties = {}
        required = []
        for field in spec.fields or ():
            properties[field.name] = self._field(field, context, f"{field.name!r} of {used_by}")
            if field.required:
                required.append(field.name)
        schema: Schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        schema["title"] = spec.title or name
        if spec.description:
            schema["description"] = spec.description
        self.bodies[name] = schema
        return {"$ref": REF_PREFIX + name}

    def _field(self, field: FieldSpec, context: Context, used_by: str) -> Schema:
        schema = self.value(field, "input", title=None, context=context, used_by=used_by)
        if not is_reference(schema):
            schema.setdefault("title", title_of(field.name))
        return schema

    def _item(self, spec: MediaSpec, mode: Mode, used_by: str) -> Schema | None:
        if spec.item_type is UNSET:
            return dict(spec.item_schema) if spec.item_schema is not None else None
        schema = self.schemas.schema(spec.item_type, mode, used_by=used_by)
        return deep_merge(spec.item_schema, schema) if spec.item_schema is not None else schema

    def _examples(self, spec: ValueSpec, used_by: str) -> tuple[Any, Mapping[str, Any] | None]:
        """OpenAPI's own examples: named ones win over the single one, because they exclude each other."""
        if spec.examples and isinstance(spec.examples, Mapping):
            return UNSET, self._known(dict(spec.examples), used_by)
        return self._known(spec.example, used_by), None

    def _known(self, value: Any, used_by: str) -> Any:
        if value is UNSET:
            return UNSET
        return self.schemas.value(value, used_by)


def is_titled_by_itself(spec: MediaSpec, written: MediaType | dict[str, Any]) -> bool:
    """Whether the title that `media` was given is not used: the schema has one of its own, or needs none."""
    return spec.title is not None or (
        isinstance(written, MediaType) and written.schema is not None and "title" not in written.schema
    )


@cache
def is_json(media_type: str) -> bool:
    """Whether bodies of a media type are JSON (RFC 6839, section 3.1), lines of it, or events with it.

    >>> is_json("application/problem+json; charset=utf-8"), is_json("image/png")
    (True, False)
    """
    essence = media_type.partition(";")[0].strip().lower()
    return essence.endswith(("json", "jsonl", "ndjson", "json-seq")) or essence == "text/event-stream"
