"""Is a value exactly what its response model says, so that encoding it as it stands gives nothing away?

Knows: for each place of a type the exact classes whose instances hold nothing beyond it. A subclass may have further
fields, so it is not accepted. Does not know: what happens to a value that is refused (`serializer` converts it).

Inside an instance of a model, fields without models in them are trusted, as their class was declared so; outside of
one (`dict[str, int]`, `list[str]`) every value is looked at. Many values of one place are looked at in columns: one
pass in C over the classes of all of them, instead of one call per value.
"""

from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from itertools import chain
from operator import attrgetter
from types import NoneType
from typing import Any, Final, TypeAlias

from msgspec import UnsetType

from fasterapi.validation.choices import EnumNode
from fasterapi.validation.containers import DequeNode, MappingNode, SequenceNode
from fasterapi.validation.models import ModelNode
from fasterapi.validation.pydantic_models import PydanticNode
from fasterapi.validation.scalars import AnyNode, BuiltinNode, CustomNode, ScalarNode
from fasterapi.validation.unions import OptionalNode, TaggedUnionNode, UnionNode
from fasterapi.validation.walk import Node, reachable

# Fewer values than this are looked at one by one: a pass in C has to be set up.
_FEW: Final = 8

Check: TypeAlias = Callable[[Any], bool]


class Content:
    """What is inside instances of one class, to be looked at as well."""

    def one(self, value: Any) -> bool:
        """Whether the content of one instance is closed."""
        raise NotImplementedError

    def many(self, values: Collection[Any]) -> bool:
        """Whether the contents of all these instances are closed."""
        raise NotImplementedError


Accepted: TypeAlias = dict[type, Content | None]
"""The exact classes that may stand at one place, each with what is inside its instances."""


class Place:
    """One place of a type: a field, the items of a list, the answer itself.

    The checks are made when first used: the classes of a model that contains itself are complete only then.
    """

    def __init__(self, accepted: Accepted) -> None:
        self.accepted = accepted

    @cached_property
    def classes(self) -> frozenset[type]:
        """The classes alone."""
        return frozenset(self.accepted)

    @cached_property
    def inner(self) -> dict[type, Content]:
        """The classes with content."""
        return {class_: content for class_, content in self.accepted.items() if content is not None}

    @cached_property
    def one(self) -> Check:
        """Whether one value is closed."""
        classes, inner = self.classes, self.inner
        if not inner:
            return lambda value: type(value) in classes
        checks = {class_: content.one for class_, content in inner.items()}

        def check(value: Any) -> bool:
            class_ = type(value)
            return class_ in classes and (class_ not in checks or checks[class_](value))

        return check

    @cached_property
    def each(self) -> Callable[[Iterable[Any]], bool]:
        """Whether a few values are closed."""
        classes, one = self.classes, None if not self.inner else self.one

        def check(values: Iterable[Any]) -> bool:
            for value in values:  # noqa: SIM110 - a generator costs twice the loop
                if type(value) not in classes or (one is not None and not one(value)):
                    return False
            return True

        return check

    def many(self, values: Iterable[Any]) -> bool:
        """Whether all of many values are closed."""
        if not self.inner:
            return self.classes.issuperset(map(type, values))
        values = values if isinstance(values, list) else list(values)
        present = set(map(type, values))
        if not present <= self.classes:
            return False
        for class_ in present:
            content = self.accepted[class_]
            if content is not None:
                same = values if len(present) == 1 else [value for value in values if type(value) is class_]
                if not content.many(same):
                    return False
        return True


class _Fields(Content):
    def __init__(self) -> None:
        self.columns: list[tuple[Callable[[Any], Any], Place]] = []

    @cached_property
    def singles(self) -> list[tuple[Callable[[Any], Any], Check]]:
        return [(getter, place.one) for getter, place in self.columns]

    def one(self, value: Any) -> bool:
        for getter, check in self.singles:  # noqa: SIM110 - a generator costs twice the loop
            if not check(getter(value)):
                return False
        return True

    def many(self, values: Collection[Any]) -> bool:
        return all(place.many(map(getter, values)) for getter, place in self.columns)


class _Items(Content):
    def __init__(self, place: Place) -> None:
        self.place = place

    def one(self, value: Collection[Any]) -> bool:
        return self.place.each(value) if len(value) < _FEW else self.place.many(value)

    def many(self, values: Collection[Any]) -> bool:
        return self.place.many(chain.from_iterable(values))


class _Entries(Content):
    def __init__(self, keys: Place | None, values: Place | None) -> None:
        self.keys = keys
        self.values = values

    @cached_property
    def one(self) -> Check:  # a function instead of a method: one look-up less per answer
        keys, values = self.keys, self.values
        if keys is None or values is None or keys.inner or values.inner:
            return lambda value: self.many([value])
        key_classes, value_classes = keys.classes, values.classes

        def check(value: dict[Any, Any]) -> bool:
            for key, item in value.items():
                if type(key) not in key_classes or type(item) not in value_classes:
                    return False
            return True

        return check

    def many(self, values: Collection[dict[Any, Any]]) -> bool:
        if self.keys is not None and not self.keys.many(chain.from_iterable(values)):
            return False
        return self.values is None or self.values.many(chain.from_iterable(map(dict.values, values)))


def closed_classes(node: Node) -> Accepted | None:
    """The classes of a closed value, or None if every value is one (`Any`).

    >>> from fasterapi.validation.build import build
    >>> closed_classes(build(int | None))
    {<class 'int'>: None, <class 'NoneType'>: None}
    """
    return _Compiler().accepted(node, trusted=False)


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
                return {}

    def _place(self, node: Node, *, trusted: bool) -> Place | None:
        accepted = self.accepted(node, trusted=trusted)
        return None if accepted is None else Place(accepted)

    def _model(self, node: ModelNode) -> Accepted:
        if node.kind == "typeddict":  # a dictionary may have any further keys
            return {}
        known = self.models.get(id(node))
        if known is not None:
            return known
        fields = _Fields()
        # Known before its fields are read. A model that contains itself thereby has content to be looked at.
        accepted: Accepted = {node.class_: fields}
        self.models[id(node)] = accepted
        for field, inner in node.fields:
            place = self._place(inner, trusted=True)
            if place is not None:
                fields.columns.append((attrgetter(field.name), Place({**place.accepted, UnsetType: None})))
        if not fields.columns:
            accepted[node.class_] = None
        return accepted

    def _union(self, node: UnionNode | TaggedUnionNode, *, trusted: bool) -> Accepted | None:
        merged: Accepted = {}
        for member in node.members:
            classes = self.accepted(member, trusted=trusted)
            if classes is None:
                return None
            for class_, content in classes.items():
                if class_ in merged and (content is not None or merged[class_] is not None):
                    return {}  # `list[A] | list[B]`: the class does not tell which one is meant
                merged[class_] = content
        if getattr(node, "optional", False):
            merged[NoneType] = None
        return merged

    def _sequence(self, node: SequenceNode, *, trusted: bool) -> Accepted:
        if isinstance(node, DequeNode) or node.checks:
            return {}
        place = self._place(node.item, trusted=trusted)
        content = None if place is None else _Items(place)
        return dict.fromkeys(_ARRAYS[node.kind], content)

    def _mapping(self, node: MappingNode, *, trusted: bool) -> Accepted:
        if node.checks:
            return {}
        keys, values = self._place(node.key, trusted=trusted), self._place(node.value, trusted=trusted)
        return {dict: None if keys is None and values is None else _Entries(keys, values)}


_ARRAYS: Final[dict[str, tuple[type, ...]]] = {
    "list": (list, tuple),
    "tuple": (tuple,),
    "set": (set,),
    "frozenset": (frozenset,),
}


def _has_models(node: Node) -> bool:
    return any(isinstance(inner, ModelNode | PydanticNode) for inner in reachable(node))


def _scalar(node: ScalarNode) -> Accepted:
    if node.checks:
        return {}
    match node:
        case BuiltinNode():
            return {node.kind.type: None}
        case EnumNode():
            return {node.class_: None}
        case CustomNode():
            return {node.custom.type: None}
        case _:
            return {}
