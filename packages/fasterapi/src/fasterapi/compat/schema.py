"""The JSON Schema of one model, in the form in which Pydantic gives it.

Knows: msgspec's schemas. Does not know: OpenAPI; `fasterapi_openapi` writes the documents.
"""

from typing import Any

import msgspec

from fasterapi.validation.hooks import custom_type


def model_json_schema(type_: Any) -> dict[str, Any]:
    """The schema with the model itself at the root, and the models that it uses under `$defs`.

    >>> class Item(msgspec.Struct):
    ...     name: str
    >>> model_json_schema(Item)["properties"]
    {'name': {'type': 'string', 'title': 'Name'}}
    """
    own = getattr(type_, "model_json_schema", None)
    if own is not None:
        found: dict[str, Any] = own()
        return found
    schema = msgspec.json.schema(type_, schema_hook=_custom_schema)
    definitions: dict[str, Any] = schema.get("$defs", {})
    for definition in definitions.values():
        for name, item in definition.get("properties", {}).items():
            if "$ref" not in item:
                item.setdefault("title", name.replace("_", " ").title())
    root = str(schema.get("$ref", "")).rpartition("/")[2]
    if root not in definitions or _is_recursive(definitions, root):
        return schema
    inlined = definitions.pop(root)
    return {**inlined, "$defs": definitions} if definitions else inlined


def _is_recursive(definitions: dict[str, Any], root: str) -> bool:
    return f'"#/$defs/{root}"'.encode() in msgspec.json.encode(definitions)


def _custom_schema(type_: type) -> dict[str, Any]:
    custom = custom_type(type_)
    if custom is None:
        raise NotImplementedError
    return dict(custom.schema)
