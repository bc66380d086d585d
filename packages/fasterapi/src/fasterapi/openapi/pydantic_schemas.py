"""Pydantic's models in a document: each a component of its own, with the models inside it beside it.

Knows: `model_json_schema`. Does not know: operations; the document that the components are put into.
"""

import sys
from typing import Any

from fasterapi.exceptions import FasterAPIError

__all__ = ["PydanticSchemas"]

_PREFIX = "#/components/schemas/"


class PydanticSchemas:
    """The models that a document refers to. Raises FasterAPIError for two different ones of one name."""

    def __init__(self) -> None:
        self.definitions: dict[str, Any] = {}

    def reference(self, model: Any) -> dict[str, Any]:
        """`{"$ref": ...}` to the model's component."""
        schema = self.schema(model)
        if set(schema) == {"$ref"}:  # a model that contains itself
            return schema
        self._add(model.__name__, schema)
        return {"$ref": _PREFIX + model.__name__}

    def schema(self, annotation: Any) -> dict[str, Any]:
        """The schema of anything that Pydantic knows; the models in it become components."""
        pydantic: Any = sys.modules["pydantic"]  # whoever has such a type has imported it
        adapter = pydantic.TypeAdapter(annotation)
        schema: dict[str, Any] = _without_nulls(adapter.json_schema(ref_template=_PREFIX + "{model}"))
        for name, definition in schema.pop("$defs", {}).items():
            self._add(name, definition)
        return schema

    def put_into(self, document: dict[str, Any]) -> None:
        """Add the components to a finished document."""
        if self.definitions:
            schemas = document.setdefault("components", {}).setdefault("schemas", {})
            for name in self.definitions.keys() & schemas.keys():
                self._refuse(name)
            schemas.update(self.definitions)
            document["components"]["schemas"] = dict(sorted(schemas.items()))

    def _add(self, name: str, definition: Any) -> None:
        if self.definitions.setdefault(name, definition) != definition:
            self._refuse(name)

    def _refuse(self, name: str) -> None:
        message = f"two models of the document are named {name!r}.\n  fix: rename one of them"
        raise FasterAPIError(message)


# OpenAPI 3.1 has no formats for bytes: they are content (section 4.8.24.5.2).
_BYTES = {
    "binary": {"contentMediaType": "application/octet-stream"},
    "base64url": {"contentEncoding": "base64", "contentMediaType": "application/octet-stream"},
}


def _without_nulls(schema: Any) -> Any:
    """As in FastAPI's documents: a default of None is not written, and bytes are content."""
    if isinstance(schema, dict):
        content = _BYTES.get(schema.get("format", "")) if schema.get("type") == "string" else None
        if content is not None:
            schema = {**{name: item for name, item in schema.items() if name != "format"}, **content}
        return {name: _without_nulls(item) for name, item in schema.items() if item is not None}
    return [_without_nulls(item) for item in schema] if isinstance(schema, list) else schema
