"""The OpenAPI document as typed objects: what every object may hold, and its names on the wire.

Knows: the fixed fields of OpenAPI 3.1.1 and the additions of 3.2.0. Does not know: where the data comes from.
Schemas stay plain dictionaries, because JSON Schema is open; wherever the specification allows extensions or
references a mapping may stand in for the object. Fields that hold nothing are not written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

Schema = dict[str, Any]
Raw = dict[str, Any]
SecurityRequirement = Mapping[str, Sequence[str]]


class _Object(msgspec.Struct, omit_defaults=True, rename="camel", gc=False):
    """A document is a tree, so reference counts are enough to free it; there are many of these."""


class Contact(_Object, kw_only=True):
    name: str | None = None
    url: str | None = None
    email: str | None = None


class License(_Object, kw_only=True):
    """`identifier` (an SPDX expression) and `url` exclude each other."""

    name: str
    identifier: str | None = None
    url: str | None = None


class Info(_Object, kw_only=True):
    title: str
    summary: str | None = None
    description: str | None = None
    terms_of_service: str | None = None
    contact: Contact | Raw | None = None
    license: License | Raw | None = None
    version: str


class ServerVariable(_Object, kw_only=True):
    enum: Sequence[str] | None = None
    default: str
    description: str | None = None


class Server(_Object, kw_only=True):
    """`name` is new in 3.2."""

    url: str
    description: str | None = None
    name: str | None = None
    variables: Mapping[str, ServerVariable | Raw] | None = None


class ExternalDocs(_Object, kw_only=True):
    url: str
    description: str | None = None


class Tag(_Object, kw_only=True):
    """`summary`, `parent` and `kind` are new in 3.2."""

    name: str
    summary: str | None = None
    description: str | None = None
    external_docs: ExternalDocs | Raw | None = None
    parent: str | None = None
    kind: str | None = None


class Example(_Object, kw_only=True):
    summary: str | None = None
    description: str | None = None
    value: Any = None  # any JSON value
    external_value: str | None = None


class MediaType(_Object, kw_only=True):
    """`item_schema` is 3.2's; a document of 3.1 carries it as an extension."""

    schema: Schema | None = None
    item_schema: Schema | None = None
    item_schema_extension: Schema | None = msgspec.field(default=None, name="x-oai-itemSchema")
    example: Any = msgspec.UNSET  # any JSON value
    examples: Mapping[str, Any] | None = None
    encoding: Mapping[str, Any] | None = None


class Parameter(_Object, kw_only=True):
    name: str
    location: Literal["path", "query", "header", "cookie"] = msgspec.field(name="in")
    required: bool
    schema: Schema | None = None
    description: str | None = None
    example: Any = msgspec.UNSET  # any JSON value
    examples: Mapping[str, Any] | None = None
    deprecated: bool = False


class Header(_Object, kw_only=True):
    description: str | None = None
    required: bool = False
    deprecated: bool = False
    schema: Schema | None = None
    example: Any = msgspec.UNSET  # any JSON value
    examples: Mapping[str, Any] | None = None


class Link(_Object, kw_only=True):
    operation_ref: str | None = None
    operation_id: str | None = None
    parameters: Mapping[str, Any] | None = None
    request_body: Any = msgspec.UNSET  # any JSON value or runtime expression
    description: str | None = None
    server: Server | Raw | None = None


class RequestBody(_Object, kw_only=True):
    description: str | None = None
    content: Mapping[str, MediaType | Raw]
    required: bool = False


class Response(_Object, kw_only=True):
    description: str
    headers: Mapping[str, Header | Raw] | None = None
    content: Mapping[str, MediaType | Raw] | None = None
    links: Mapping[str, Link | Raw] | None = None


class Operation(_Object, kw_only=True):
    tags: Sequence[str] | None = None
    summary: str | None = None
    description: str | None = None
    external_docs: ExternalDocs | Raw | None = None
    operation_id: str | None = None
    parameters: Sequence[Parameter | Raw] | None = None
    request_body: RequestBody | Raw | None = None
    responses: Mapping[str, Response | Raw]
    callbacks: "Mapping[str, Mapping[str, PathItem | Raw]] | None" = None
    deprecated: bool = False
    security: Sequence[SecurityRequirement] | None = None
    servers: Sequence[Server | Raw] | None = None


class PathItem(_Object, kw_only=True):
    """`query` and `additional_operations` are 3.2's; 3.1 carries them in the extension."""

    get: Operation | Raw | None = None
    put: Operation | Raw | None = None
    post: Operation | Raw | None = None
    delete: Operation | Raw | None = None
    options: Operation | Raw | None = None
    head: Operation | Raw | None = None
    patch: Operation | Raw | None = None
    trace: Operation | Raw | None = None
    query: Operation | Raw | None = None
    additional_operations: dict[str, Operation | Raw] | None = None
    additional_operations_extension: dict[str, Operation | Raw] | None = msgspec.field(
        default=None, name="x-oai-additionalOperations"
    )


class Components(_Object, kw_only=True):
    schemas: Mapping[str, Schema] | None = None
    security_schemes: Mapping[str, Any] | None = None


class Document(_Object, kw_only=True):
    """The root (OpenAPI 3.1.1, section 4.8.1).

    >>> encode(Document(openapi="3.1.1", info={"title": "Shop"}, paths={}))
    b'{"openapi":"3.1.1","info":{"title":"Shop"},"paths":{}}'
    """

    openapi: str
    info: Info | Raw
    json_schema_dialect: str | None = None
    servers: Sequence[Server | Raw] | None = None
    paths: Mapping[str, PathItem | Raw]
    webhooks: Mapping[str, PathItem | Raw] | None = None
    components: Components | Raw | None = None
    security: Sequence[SecurityRequirement] | None = None
    tags: Sequence[Tag | Raw] | None = None
    external_docs: ExternalDocs | Raw | None = None


def to_builtins(document: object) -> dict[str, Any]:
    """A document, or any object of one, as dictionaries and lists for callers that edit it.

    >>> to_builtins(Info(title="Shop", version="1"))
    {'title': 'Shop', 'version': '1'}
    """
    return msgspec.to_builtins(document, str_keys=True)  # type: ignore[no-any-return]  # a Struct gives a dict


def encode(document: object, *, indent: int = 0) -> bytes:
    """A document as JSON, compact unless `indent` is given. It may be a `Document` or edited builtins.

    >>> encode(Info(title="Shop", version="1"))
    b'{"title":"Shop","version":"1"}'
    """
    text = msgspec.json.encode(document)
    return msgspec.json.format(text, indent=indent) if indent else text
