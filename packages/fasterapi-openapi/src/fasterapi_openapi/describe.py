"""The neutral input: what a framework knows about its operations, in words that belong to no framework.

Knows: the vocabulary of OpenAPI and nothing of how a document is written. Inert data; all keyword-only.
Wherever a value may be absent and None is a value too, absent is `msgspec.UNSET`. A description is a tree, so reference
counts are enough to free it (`gc=False`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET

Location = Literal["path", "query", "header", "cookie"]
Examples = Mapping[str, Any] | Sequence[Any]


class ValueSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """Anything that has a type and can be documented. Without a type it may hold anything.

    `constraints`: a `msgspec.Meta` or a mapping of its names (`gt ge lt le multiple_of min_length max_length
    pattern`). `examples`: a mapping is OpenAPI's named examples (name → Example Object), a sequence goes into
    the schema. `example` is the older, single one. `extra_schema` is merged into the schema last.
    """

    type: Any = UNSET  # any annotation
    title: str | None = None
    description: str | None = None
    deprecated: bool = False
    default: Any = UNSET  # any value of the type
    example: Any = UNSET  # any value of the type
    examples: Examples | None = None
    constraints: msgspec.Meta | Mapping[str, Any] | None = None
    extra_schema: Mapping[str, Any] | None = None


class ParameterSpec(ValueSpec, frozen=True, kw_only=True, eq=False, gc=False):
    """A parameter in path, query, header or cookie (OpenAPI 3.1.1, section 4.8.12).

    `name` is the name on the wire. A path parameter is always required. `extra` is merged into the Parameter
    Object last (`style`, `explode`, `x-…`).

    >>> ParameterSpec(name="limit", location="query", type=int, default=10).required
    False
    """

    name: str
    location: Location
    required: bool = False
    include_in_schema: bool = True
    extra: Mapping[str, Any] | None = None


class FieldSpec(ValueSpec, frozen=True, kw_only=True, eq=False, gc=False):
    """One named field of a body that is put together from several parameters."""

    name: str
    required: bool = False


class HeaderSpec(ValueSpec, frozen=True, kw_only=True, eq=False, gc=False):
    """A response header (OpenAPI 3.1.1, section 4.8.21)."""

    required: bool = False


class MediaSpec(ValueSpec, frozen=True, kw_only=True, eq=False, gc=False):
    """What a body looks like in one media type (OpenAPI 3.1.1, section 4.8.14).

    Its schema is one of: a `type`; `fields`, which become an object component called `name` (by default
    `Body_<operation id>`, FastAPI's name); a raw `schema` (merged under the type's, if both are given).
    For streams `item_type` and `item_schema` describe one item: `itemSchema` in OpenAPI 3.2, which 3.1
    carries as `x-oai-itemSchema`. `extra` is merged into the Media Type Object last.
    """

    schema: Mapping[str, Any] | None = None
    fields: Sequence[FieldSpec] | None = None
    name: str | None = None
    encoding: Mapping[str, Any] | None = None
    item_type: Any = UNSET  # any annotation
    item_schema: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] | None = None


class BodySpec(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """A request body: media type → content.

    `name`: the parameter that receives it, whose name titles a schema that has no title of its own.
    """

    content: Mapping[str, MediaSpec]
    name: str = "body"
    required: bool = True
    description: str | None = None
    extra: Mapping[str, Any] | None = None


class ResponseSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """A response. `headers` and `links` may hold OpenAPI's objects as mappings; `extra` is merged last.

    Without a description the status gives one: "Not Found" for 404.
    """

    description: str | None = None
    content: Mapping[str, MediaSpec] = {}
    headers: Mapping[str, HeaderSpec | Mapping[str, Any]] = {}
    links: Mapping[str, Mapping[str, Any]] = {}
    extra: Mapping[str, Any] | None = None


class OperationSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """One method of one path.

    `path` is a template; converters are dropped (`{rest:path}` is documented as `{rest}`). `responses` maps
    statuses (`200`, `"4XX"`, `"default"`) to responses; the first one is the operation's main response.
    `callbacks`: name → runtime expression → operations (whose `path` is not used). `validation_error` adds
    FastAPI's 422 in `error_media_types`, unless 422, 4XX or default is documented. `extra` is merged into the
    Operation Object last. `source` (`"app/users.py:12"`) is for error messages.

    >>> OperationSpec(method="GET", path="/users/{id:int}", operation_id="show_user").tags
    ()
    """

    method: str
    path: str
    operation_id: str | None = None
    summary: str | None = None
    description: str | None = None
    tags: Sequence[str] = ()
    deprecated: bool = False
    parameters: Sequence[ParameterSpec] = ()
    body: BodySpec | None = None
    responses: Mapping[int | str, ResponseSpec] = {}
    security: Sequence[Mapping[str, Sequence[str]]] | None = None
    callbacks: "Mapping[str, Mapping[str, Sequence[OperationSpec]]]" = {}
    servers: Sequence[Any] = ()  # Server objects or mappings
    external_docs: Any = None  # an ExternalDocs object or a mapping
    validation_error: bool = False
    error_media_types: Sequence[str] = ("application/json",)
    extra: Mapping[str, Any] | None = None
    source: str = ""


class DocumentSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False, gc=False):
    """The document as a whole; names and meaning as FastAPI's arguments of the same name.

    `contact`, `license_info`, `tags`, `servers`, `external_docs` and `security_schemes` take this package's
    typed objects or plain mappings. `security` are the requirements of every operation that names none.
    `separate_input_output_schemas=False` keeps one schema per model. `output_defaults_required` promises
    fields with defaults in what is sent. `openapi_version`: 3.1.0 is what FastAPI writes; 3.2.0 has QUERY and
    `itemSchema`. `components` are merged last.
    """

    title: str
    version: str
    summary: str | None = None
    description: str | None = None
    terms_of_service: str | None = None
    contact: Any = None
    license_info: Any = None
    tags: Sequence[Any] = ()
    servers: Sequence[Any] = ()
    external_docs: Any = None
    security: Sequence[Mapping[str, Sequence[str]]] | None = None
    security_schemes: Mapping[str, Any] = {}
    openapi_version: Literal["3.1.0", "3.1.1", "3.2.0"] = "3.1.1"
    separate_input_output_schemas: bool = True
    output_defaults_required: bool = False
    components: Mapping[str, Mapping[str, Any]] | None = None
