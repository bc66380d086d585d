"""The 422 of FastAPI as schemas: the two components and the response that refers to them.

Knows: FastAPI's wording, because clients are generated from these names. Does not know: validation.
"""

from functools import cache
from typing import Any

from .document import MediaType, Response

VALIDATION_ERROR_SCHEMAS: dict[str, dict[str, Any]] = {
    "HTTPValidationError": {
        "properties": {
            "detail": {
                "items": {"$ref": "#/components/schemas/ValidationError"},
                "type": "array",
                "title": "Detail",
            }
        },
        "type": "object",
        "title": "HTTPValidationError",
    },
    "ValidationError": {
        "properties": {
            "loc": {
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "type": "array",
                "title": "Location",
            },
            "msg": {"type": "string", "title": "Message"},
            "type": {"type": "string", "title": "Error Type"},
            "input": {"title": "Input"},
            "ctx": {"type": "object", "title": "Context"},
        },
        "type": "object",
        "required": ["loc", "msg", "type"],
        "title": "ValidationError",
    },
}


@cache
def validation_error_response(media_types: tuple[str, ...]) -> Response:
    """What an operation with parameters or a body documents for 422."""
    media = MediaType(schema={"$ref": "#/components/schemas/HTTPValidationError"})
    return Response(description="Validation Error", content=dict.fromkeys(media_types, media))
