"""OpenAPI 3.1 documents from msgspec types, and documentation pages that work offline."""

from fasterapi_openapi._version import __version__
from fasterapi_openapi.build import build_document
from fasterapi_openapi.describe import (
    BodySpec,
    DocumentSpec,
    FieldSpec,
    HeaderSpec,
    MediaSpec,
    OperationSpec,
    ParameterSpec,
    ResponseSpec,
)
from fasterapi_openapi.document import Document, encode, to_builtins
from fasterapi_openapi.errors import (
    AssetNotFound,
    DuplicateOperation,
    DuplicateOperationId,
    InvalidSpec,
    OpenAPIError,
    OpenAPIWarning,
    UnsupportedType,
)

__all__ = [
    "AssetNotFound",
    "BodySpec",
    "Document",
    "DocumentSpec",
    "DuplicateOperation",
    "DuplicateOperationId",
    "FieldSpec",
    "HeaderSpec",
    "InvalidSpec",
    "MediaSpec",
    "OpenAPIError",
    "OpenAPIWarning",
    "OperationSpec",
    "ParameterSpec",
    "ResponseSpec",
    "UnsupportedType",
    "__version__",
    "build_document",
    "encode",
    "to_builtins",
]
