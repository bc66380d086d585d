"""One annotation → its JSON Schema (2020-12), with every class behind a `$ref`.

Knows: all kinds of types and how each is written. Does not know: operations, parameters, documents.
Names come from the `ComponentGraph`, so the same type always gets the same schema. Wording and titles follow
FastAPI 0.165 where msgspec's JSON allows it.
"""

import typing
import warnings
from collections.abc import Callable, Hashable
from typing import Any

import msgspec
from msgspec import UNSET

from .annotation import display, unwrap
from .components import ComponentGraph, Mode, Node, component_key, is_component, is_sent_despite_default
from .constraint import Schema, apply_meta
from .docstring import class_docstring, field_descriptions
from .errors import OpenAPIWarning, UnsupportedType
from .fields import Field, Shape, kind_of
from .scalar import Context, scalar_ancestor, scalar_schema, value_types

REF_PREFIX = "#/components/schemas/"
SchemaHook = Callable[[Any], dict[str, Any] | None]
EncodeHook = Callable[[Any], Any]


class SchemaWriter:
    """Writes schemas for types that the graph has collected and named.

    `schema_hook` describes what msgspec does not know: it gets the type and returns a schema, or None to
    decline. `encode_hook` is msgspec's `enc_hook`, for defaults and examples.
    """

    def __init__(
        self,
        graph: ComponentGraph,
        *,
        schema_hook: SchemaHook | None = None,
        encode_hook: EncodeHook | None = None,
    ) -> None:
        self.graph = graph
        self._schema_hook = schema_hook
        self._encode_hook = encode_hook
        self._written: dict[Hashable, Schema] = {}

    def schema(
        self, annotation: Any, mode: Mode, *, context: Context = "json", used_by: str = "a type"
    ) -> Schema:
        """The schema of an annotation, as received (`input`) or sent (`output`).

        The dictionary is the caller's, the ones inside it are shared: replace them, do not change them.
        Raises `UnsupportedType`, naming `used_by`.
        """
        key = (annotation, _order_of(annotation), mode, context)
        try:
            return dict(self._written[key])
        except KeyError:
            schema = self._written[key] = self._write(annotation, mode, context, used_by)
            return dict(schema)
        except TypeError:  # not hashable: `Annotated[int, ["a note"]]`
            return self._write(annotation, mode, context, used_by)

    def _write(self, annotation: Any, mode: Mode, context: Context, used_by: str) -> Schema:
        origin, args, metadata = unwrap(annotation, used_by)
        schema = self._bare(origin, args, mode, context, used_by)
        for meta in metadata:
            schema = apply_meta(schema, meta)
        return schema

    def component(self, node: Node, mode: Mode) -> Schema:
        """The schema that stands under the component's name."""
        mode = self.graph.written_mode(node, mode)
        shape = node.shape
        if shape is None:
            return self.schema(node.value, mode, used_by=str(node.annotation))
        if shape.kind == "enum":
            return _enum_schema(shape)
        if shape.array_like:
            return self._array_like(shape, node, mode)
        return self._object(shape, node, mode)

    def value(self, value: Any, used_by: str) -> Any:
        """A default or an example as it is written in JSON; `UNSET`, with a warning, if it cannot be."""
        try:
            return msgspec.to_builtins(value, str_keys=True, enc_hook=self._encode_hook)
        except (TypeError, ValueError, NotImplementedError) as error:
            message = f"a default or an example of {used_by} is left out of the document: {error}"
            warnings.warn(message, OpenAPIWarning, stacklevel=2)
            return UNSET

    def _bare(self, origin: Any, args: tuple[Any, ...], mode: Mode, context: Context, used_by: str) -> Schema:
        if is_component(origin):
            node = self.graph.nodes[component_key(origin, args)]
            return {"$ref": REF_PREFIX + self.graph.name(node, mode)}
        if origin is typing.Union:
            return self._union(args, mode, context, used_by)
        if origin is typing.Literal:
            return _literal_schema(args)
        if origin in (list, set, dict, tuple):
            return self._container(origin, args, mode, context, used_by)
        if isinstance(origin, typing.TypeVar):
            bounds = (origin.__bound__,) if origin.__bound__ is not None else origin.__constraints__
            return self._union(bounds, mode, context, used_by) if bounds else {}
        is_input = mode == "input"
        found = scalar_schema(origin, is_input=is_input, context=context)
        if found is None and self._schema_hook is not None:
            found = self._schema_hook(origin)
        if found is None:
            found = scalar_ancestor(origin, is_input=is_input, context=context)
        if found is None:
            raise UnsupportedType(_describe(origin), used_by=used_by)
        return dict(found)

    def _container(
        self, origin: Any, args: tuple[Any, ...], mode: Mode, context: Context, used_by: str
    ) -> Schema:
        parts = [
            self.schema(argument, mode, context=context, used_by=used_by)
            for argument in args
            if argument is not ... and argument != ()
        ]
        if origin is dict:
            return _dict_schema(parts, is_text=bool(args) and _is_text(unwrap(args[0]).origin, parts[0]))
        if origin is tuple and args and args[-1] is not ...:
            return _tuple_schema(parts, len(parts))
        if origin is tuple and not args:
            return {"type": "array", "items": {}}
        schema: Schema = {"type": "array", "items": parts[0] if parts else {}}
        if origin is set:
            schema["uniqueItems"] = True
        return schema

    def _union(self, args: tuple[Any, ...], mode: Mode, context: Context, used_by: str) -> Schema:
        """`anyOf` in the order written, null last; tagged Structs together in a `oneOf` that says which."""
        members: list[Schema] = []
        tagged: list[tuple[Any, Schema, Shape]] = []
        is_nullable = False
        for argument in flatten_union(args):
            origin, inner, metadata = unwrap(argument, used_by)
            if origin is type(None):
                is_nullable = True
                continue
            if origin is msgspec.UnsetType:
                continue
            schema = self.schema(argument, mode, context=context, used_by=used_by)
            node = self.graph.nodes.get(component_key(origin, inner)) if is_component(origin) else None
            shape = node.shape if node is not None and not metadata else None
            if shape is not None and shape.tag_field is not None and not shape.array_like:
                tagged.append((origin, schema, shape))
            elif schema not in members:
                members.append(schema)
        members = [*_discriminate(tagged), *members]
        if is_nullable:
            members.append({"type": "null"})
        return members[0] if len(members) == 1 else {"anyOf": members}

    def _object(self, shape: Shape, node: Node, mode: Mode) -> Schema:
        properties: Schema = {}
        required = []
        if shape.tag_field is not None:
            properties[shape.tag_field] = {
                **_literal_schema((shape.tag,)),
                "title": title_of(shape.tag_field),
            }
            required.append(shape.tag_field)
        promised = mode == "output" and self.graph.output_defaults_required
        descriptions = field_descriptions(class_docstring(shape.cls))
        for field in shape.fields:
            properties[field.encode_name] = self._field(field, shape, mode)
            if field.name in descriptions:
                properties[field.encode_name].setdefault("description", descriptions[field.name])
            if field.required or (promised and is_sent_despite_default(shape, field)):
                required.append(field.encode_name)
        schema: Schema = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        if shape.forbid_unknown_fields:
            schema["additionalProperties"] = False
        return _with_class_remarks(schema, shape, node)

    def _array_like(self, shape: Shape, node: Node, mode: Mode) -> Schema:
        items = [self._field(field, shape, mode) for field in shape.fields]
        count = sum(field.required for field in shape.fields)
        if shape.tag_field is not None:
            items.insert(0, _literal_schema((shape.tag,)))
            count += 1
        schema = _tuple_schema(items, count)
        if shape.kind == "namedtuple":
            return schema
        if not shape.forbid_unknown_fields:
            schema.pop("maxItems")  # msgspec skips what it does not know at the end
        return _with_class_remarks(schema, shape, node)

    def _field(self, field: Field, shape: Shape, mode: Mode) -> Schema:
        used_by = f"{shape.cls.__qualname__}.{field.name}"
        schema = self.schema(field.type, mode, used_by=used_by)
        if not is_reference(schema):
            schema.setdefault("title", title_of(field.encode_name))
        if field.default is not UNSET and field.default is not None:
            default = self.value(field.default, used_by)
            if default is not UNSET:
                schema["default"] = default
        return schema


def _order_of(annotation: Any) -> Hashable:
    """`int | str` equals `str | int`, but is written otherwise."""
    args = getattr(annotation, "__args__", None)
    return tuple((argument, _order_of(argument)) for argument in args) if isinstance(args, tuple) else None


def flatten_union(args: tuple[Any, ...]) -> list[Any]:
    """The members of a union, with the members of named unions inside it in their places."""
    flat = []
    for argument in args:
        origin, inner, metadata = unwrap(argument)
        flat.extend(flatten_union(inner) if origin is typing.Union and not metadata else [argument])
    return flat


def title_of(name: str) -> str:
    """The title of a field or parameter, as FastAPI words it.

    >>> title_of("item_id"), title_of("user-agent")
    ('Item Id', 'User-Agent')
    """
    return name.replace("_", " ").title()


def is_reference(schema: Schema) -> bool:
    """Whether a schema only points at a component, possibly or null; such a schema carries no title.

    >>> is_reference({"anyOf": [{"$ref": "#/components/schemas/Item"}, {"type": "null"}]})
    True
    """
    if "$ref" in schema:
        return True
    members = schema.get("anyOf", ())
    return len(members) == 2 and "$ref" in members[0] and members[1] == {"type": "null"}


def _literal_schema(values: tuple[Any, ...]) -> Schema:
    kind = value_types(list(values))
    schema: Schema = {"type": kind} if kind is not None else {}
    if len(values) == 1:
        return {**schema, "const": values[0]} if values[0] is not None else {"type": "null"}
    return {**schema, "enum": list(values)}


def _enum_schema(shape: Shape) -> Schema:
    members: Any = shape.cls
    values = [member.value for member in members]
    kind = value_types(values)
    schema: Schema = {"type": kind} if kind is not None else {}
    schema["enum"] = msgspec.to_builtins(values)
    schema["title"] = shape.cls.__name__
    description = class_docstring(shape.cls)
    return {**schema, "description": description} if description else schema


def _dict_schema(parts: list[Schema], *, is_text: bool) -> Schema:
    keys, values = parts or ({}, {})
    schema: Schema = {"type": "object", "additionalProperties": values or True}
    names = {key: value for key, value in keys.items() if (key, value) != ("type", "string")}
    if names and is_text:
        schema["propertyNames"] = names
    return schema


def _is_text(origin: Any, schema: Schema) -> bool:
    """Whether a key is text already: the names of a JSON object are, so a schema for a number fits none."""
    if kind_of(origin) == "enum":
        return value_types([member.value for member in origin]) == "string"
    return schema.get("type") == "string"


def _tuple_schema(positions: list[Schema], minimum: int) -> Schema:
    schema: Schema = {"type": "array", "minItems": minimum, "maxItems": len(positions)}
    if positions:
        schema["prefixItems"] = positions
    return schema


def _discriminate(tagged: list[tuple[Any, Schema, Shape]]) -> list[Schema]:
    """Tagged Structs as one `oneOf` with a discriminator (OpenAPI 3.1.1, section 4.8.25)."""
    if len(tagged) < 2:
        return [schema for _, schema, _ in tagged]
    property_name = tagged[0][2].tag_field
    mapping = {str(shape.tag): schema["$ref"] for _, schema, shape in tagged}
    discriminator = {"propertyName": property_name, "mapping": mapping}
    return [{"oneOf": [schema for _, schema, _ in tagged], "discriminator": discriminator}]


def _with_class_remarks(schema: Schema, shape: Shape, node: Node) -> Schema:
    schema["title"] = display(node.annotation)
    description = class_docstring(shape.cls)
    if description:
        schema["description"] = description
    return schema


def _describe(origin: Any) -> str:
    module, name = getattr(origin, "__module__", ""), getattr(origin, "__qualname__", "")
    return f"{module}.{name}" if name else repr(origin)
