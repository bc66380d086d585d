"""Is a value exactly what its response model says, so that encoding it as it stands gives nothing away?

Knows: for each type the exact classes whose instances hold nothing beyond it. A subclass may have further fields, so
it is not accepted. Values are looked at in columns: one pass in C over the classes of all values at one place of the
type, instead of one call per value. Does not know: what happens to a value that is refused (`serializer` converts it).

Inside an instance of a model, fields without models in them are trusted, as their class was declared so; outside of
one (`dict[str, int]`, `list[str]`) every value is looked at.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, Final, TypeAlias

from msgspec import UnsetType

from fasterapi.validation.containers import DequeNode, MappingNode, SequenceNode
from fasterapi.validation.models import ModelNode
from fasterapi.validation.scalars import AnyNode, BuiltinNode, CustomNode, EnumNode, ScalarNode
from fasterapi.validation.unions import OptionalNode, TaggedUnionNode, UnionNode
from fasterapi.validation.walk import Node, reachable

Column: TypeAlias = Callable[[list[Any]], bool]
"""Whether all of these values are closed."""

Accepted: TypeAlias = dict[type, Column | None]
"""The exact classes that may stand at one place, each with what is still to be looked at in its instances."""

_NOTHING: Final[Accepted] = {}


def closed_classes(node: Node) -> Accepted | None:
    """The classes of a closed value, or None if every value is one (`Any`).

    >>> from fasterapi.validation.build import build
    >>> closed_classes(build(int | None))
    {<class 'int'>: None, <class 'NoneType'>: None}
    """
    return _Compiler().accepted(node, trusted=False)


def column(accepted: Accepted) -> Column:
    """The check of one place over many values."""
    classes = frozenset(accepted)
    further = {class_: check for class_, check in accepted.items() if check is not None}

    def check_column(values: list[Any]) -> bool:
        present = set(map(type, values))
        if not present <= classes:
            return False
        for class_, check in further.items():
            if class_ in present:
                same = values if len(present) == 1 else [value for value in values if type(value) is class_]
                if not check(same):
                    return False
        return True

    return check_column


class _Compiler:
    """One type being compiled; models may contain themselves."""

    def __init__(self) -> None:
        self.models: dict[int, Accepted] = {}

    def accepted(self, node: Node, *, trusted: bool) -> Accepted | None:
        if isinstance(node, AnyNode) or (trusted and not _has_models(node)):
            return None
        match node:
            case ModelNode():
                return self._model(node)
            case OptionalNode():
                inner = self.accepted(node.inner, trusted=trusted)
                return None if inner is None else {**inner, NoneType: None}
            case UnionNode() | TaggedUnionNode():
                return self._union(node, trusted=trusted)
            case SequenceNode():
                return self._sequence(node, trusted=trusted)
            case MappingNode():
                return self._mapping(node, trusted=trusted)
            case ScalarNode():
                return _scalar(node)
            case _:
                return _NOTHING

    def _model(self, node: ModelNode) -> Accepted:
        if node.kind == "typeddict":  # a dictionary may have any further keys
            return _NOTHING
        known = self.models.get(id(node))
        if known is not None:
            return known
        accepted: Accepted = {node.class_: None}
        self.models[id(node)] = accepted
        columns: list[tuple[Callable[[Any], Any], Column]] = []
        for field, inner in node.fields:
            classes = self.accepted(inner, trusted=True)
            if classes is not None:
                columns.append((attrgetter(field.name), _late_column(classes)))
        if columns:
            accepted[node.class_] = _columns(columns)
        return accepted

    def _union(self, node: UnionNode | TaggedUnionNode, *, trusted: bool) -> Accepted | None:
        merged: Accepted = {}
        for member in node.members:
            classes = self.accepted(member, trusted=trusted)
            if classes is None:
                return None
            for class_, check in classes.items():
                if class_ in merged and (check is not None or merged[class_] is not None):
                    return _NOTHING  # `list[A] | list[B]`: the class does not tell which one is meant
                merged[class_] = check
        if getattr(node, "optional", False):
            merged[NoneType] = None
        return merged

    def _sequence(self, node: SequenceNode, *, trusted: bool) -> Accepted:
        if isinstance(node, DequeNode) or node.checks:
            return _NOTHING
        items = self.accepted(node.item, trusted=trusted)
        check = None if items is None else _flattened(_late_column(items), chain.from_iterable)
        classes = (list, tuple) if node.kind == "list" else (node.build,)
        return dict.fromkeys(classes, check)  # type: ignore[arg-type]  # builders are classes

    def _mapping(self, node: MappingNode, *, trusted: bool) -> Accepted:
        if node.checks:
            return _NOTHING
        keys = self.accepted(node.key, trusted=trusted)
        values = self.accepted(node.value, trusted=trusted)
        checks = []
        if keys is not None:
            checks.append(_flattened(_late_column(keys), chain.from_iterable))
        if values is not None:
            checks.append(_flattened(_late_column(values), _all_values))
        return {dict: (lambda dicts: all(check(dicts) for check in checks)) if checks else None}


def _has_models(node: Node) -> bool:
    return any(isinstance(inner, ModelNode) for inner in reachable(node))


def _scalar(node: ScalarNode) -> Accepted:
    if node.checks:
        return _NOTHING
    match node:
        case BuiltinNode():
            return {node.kind.type: None}
        case EnumNode():
            return {node.class_: None}
        case CustomNode():
            return {node.custom.type: None}
        case _:
            return _NOTHING


def _late_column(accepted: Accepted) -> Column:
    """The column check, made when first used: the classes of a recursive model are complete only then."""
    made: list[Column] = []

    def check(values: list[Any]) -> bool:
        if not made:
            made.append(column(accepted))
        return made[0](values)

    return check


def _flattened(check: Column, flatten: Callable[[Iterable[Any]], Iterable[Any]]) -> Column:
    return lambda values: check(list(flatten(values)))


def _all_values(dicts: Iterable[dict[Any, Any]]) -> Iterable[Any]:
    return chain.from_iterable(item.values() for item in dicts)


def _columns(columns: list[tuple[Callable[[Any], Any], Column]]) -> Column:
    def check(instances: list[Any]) -> bool:
        for getter, check_column in columns:
            values = list(map(getter, instances))
            if not check_column([value for value in values if type(value) is not UnsetType]):
                return False
        return True

    return check
