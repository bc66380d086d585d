"""A decoded value beside the JSON it came from → which fields of each model in it were given.

Knows: how a value's parts correspond to the parts of its JSON. Does not know: where the notes are kept.
"""

from typing import Any

from fasterapi.validation.containers import MappingNode, SequenceNode, TupleNode
from fasterapi.validation.fields_set import track_fields_set
from fasterapi.validation.models import ModelNode
from fasterapi.validation.unions import OptionalNode, TaggedUnionNode, UnionNode
from fasterapi.validation.walk import Node


def record(node: Node, value: Any, raw: Any) -> None:
    """Track the fields of every model in `value`, which was decoded from `raw` as the type of `node`."""
    match node:
        case OptionalNode():
            if value is not None:
                record(node.inner, value, raw)
        case UnionNode() | TaggedUnionNode():
            _record_union(node, value, raw)
        case ModelNode() if isinstance(raw, dict):
            _record_model(node, value, raw)
        case SequenceNode() if isinstance(value, list | tuple):
            for part, raw_part in zip(value, raw, strict=False):
                record(node.item, part, raw_part)
        case TupleNode():
            for inner, part, raw_part in zip(node.items, value, raw, strict=False):
                record(inner, part, raw_part)
        case MappingNode():
            for part, raw_part in zip(value.values(), raw.values(), strict=False):
                record(node.value, part, raw_part)
        case _:
            pass


def _record_model(node: ModelNode, value: Any, raw: dict[str, Any]) -> None:
    given = []
    for field, inner in node.fields:
        if field.encoded_name in raw:
            given.append(field.name)
            part = value.get(field.name) if isinstance(value, dict) else getattr(value, field.name, None)
            record(inner, part, raw[field.encoded_name])
    track_fields_set(value, given)


def _record_union(node: UnionNode | TaggedUnionNode, value: Any, raw: Any) -> None:
    for member in node.members:
        if isinstance(member, ModelNode):
            if type(value) is member.class_:
                record(member, value, raw)
                return
        elif isinstance(raw, list) and isinstance(member, SequenceNode | TupleNode):
            record(member, value, raw)
            return
