"""An annotation → its tree of nodes. Read once, at registration.

Knows: every form an annotation can have, and which node is made of it. Raises UnsupportedType, naming the path to
the culprit, for a type that cannot be read and for a constraint that means nothing for its type.
"""

import enum
import threading
import types
import typing
from collections import abc, deque
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.structs import replace

from fasterapi.validation.choices import EnumNode, LiteralNode
from fasterapi.validation.classify import unwrap
from fasterapi.validation.constraints import Constraints, check_fit, read_metadata
from fasterapi.validation.containers import DequeNode, MappingNode, SequenceNode, TupleNode
from fasterapi.validation.errors import UnsupportedType
from fasterapi.validation.fields import model_fields, model_kind
from fasterapi.validation.hooks import custom_type
from fasterapi.validation.models import ModelNode
from fasterapi.validation.pydantic_models import PydanticNode
from fasterapi.validation.pydantic_types import mentions_pydantic
from fasterapi.validation.scalars import KINDS, AnyNode, BuiltinNode, CustomNode, RawNode
from fasterapi.validation.unions import OptionalNode, TaggedUnionNode, UnionNode
from fasterapi.validation.walk import Node

_NO_LIMITS: Final = Constraints()

# The class whose values stand for an abstract or old-style one.
_SEQUENCES: Final[dict[Any, str]] = {
    list: "list",
    abc.Sequence: "list",
    abc.MutableSequence: "list",
    abc.Collection: "list",
    abc.Iterable: "list",
    set: "set",
    abc.Set: "set",
    abc.MutableSet: "set",
    frozenset: "frozenset",
}
_MAPPINGS: Final = frozenset({dict, abc.Mapping, abc.MutableMapping})
_FREE: Final = frozenset({Any, object, msgspec.Raw})

# Models are read once per class; everything else is cheap, and equal annotations (`int | str`, `str | int`) may differ.
_MODELS: Final[dict[tuple[Any, bool], ModelNode]] = {}
# A class is in `_MODELS` before its fields are read, because it may contain itself; no other thread may see that.
_LOCK: Final = threading.RLock()


def build(annotation: Any, constraints: Constraints = _NO_LIMITS, *, strict: bool = False) -> Node:
    """The node for `annotation` with further `constraints`; raises UnsupportedType.

    >>> build(int | None).label
    'nullable[int]'
    """
    if mentions_pydantic(annotation):
        return PydanticNode(annotation, constraints, strict=strict)
    found = _collect(annotation)
    builder = _Builder(strict)
    with _LOCK:
        try:
            return builder.node(found.type, found.limits | constraints, rewritten=found.rewritten)
        except BaseException as error:
            for model in builder.added:
                _MODELS.pop(model, None)
            if isinstance(error, RecursionError):
                problem = f"{annotation!r} is an alias that refers to itself: use a Struct, which may contain itself"
                raise UnsupportedType(problem) from None
            raise


def forget_models() -> None:
    """Read all models again when next asked; a class registered late may be a field of one."""
    _MODELS.clear()


class _Collected(typing.NamedTuple):
    """An annotation without its wrappings: the type, the limits written around it, and whether msgspec sees them."""

    type: Any
    limits: Constraints
    rewritten: bool


def _collect(annotation: Any) -> _Collected:
    limits = _NO_LIMITS
    own = False
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *metadata = get_args(annotation)
            inner = read_metadata(metadata)
            native = read_metadata(item for item in metadata if isinstance(item, msgspec.Meta))
            # Two levels may set the same limit, which msgspec refuses; here the outer one wins.
            own = own or inner != native or bool(limits)
            limits = inner | limits
        else:
            bare = (
                unwrap(annotation) if get_origin(annotation) not in {Union, types.UnionType} else annotation
            )
            if bare is annotation:
                return _Collected(annotation, limits, own)
            annotation = _one_level(annotation)


def _one_level(annotation: Any) -> Any:
    origin = get_origin(annotation)
    if hasattr(origin, "__value__"):  # `type Pair[T] = ...`, with arguments
        return origin.__value__[get_args(annotation)]
    if hasattr(annotation, "__value__"):
        return annotation.__value__
    if isinstance(annotation, typing.NewType):
        return annotation.__supertype__
    return get_args(annotation)[0]


class _Builder:
    """One tree in progress; `path` leads from the declared type to the part being read."""

    def __init__(self, strict: bool, parent: "_Builder | None" = None) -> None:
        self.strict = strict
        self.path: list[str] = [] if parent is None else parent.path
        self.added: list[tuple[Any, bool]] = [] if parent is None else parent.added

    def read(self, annotation: Any) -> Node:
        """The node of a part."""
        if mentions_pydantic(annotation):
            return PydanticNode(annotation, _NO_LIMITS, strict=self.strict)
        found = _collect(annotation)
        return self.node(found.type, found.limits, rewritten=found.rewritten)

    def node(self, type_: Any, limits: Constraints, *, rewritten: bool) -> Node:
        """The node of a type without wrappings."""
        if limits.strict is not None and limits.strict != self.strict:
            node = _Builder(limits.strict, self).node(type_, replace(limits, strict=None), rewritten=True)
            node.rewritten = node.foreign = True
            return node
        origin = get_origin(type_)
        if origin in {Union, types.UnionType}:
            return self._union(get_args(type_), limits, rewritten=rewritten)
        if isinstance(type_, TypeVar):
            return self._variable(type_, limits)
        return (
            self._sequence(type_, origin, limits, rewritten)
            or self._scalar(type_, limits, rewritten)
            or self._without_limits(type_, limits)
        )

    def _scalar(self, type_: Any, limits: Constraints, rewritten: bool) -> Node | None:
        if type_ is None:
            type_ = type(None)
        if not isinstance(type_, type) or type_ in _FREE:
            return None
        custom = custom_type(type_)
        if custom is not None:
            self._fit(limits, "custom", type_)
            return CustomNode(custom)
        kind = KINDS.get(bytes if type_ in {bytearray, memoryview} else type_)
        if kind is None:
            return None
        self._fit(limits, kind.name, type_)
        return BuiltinNode(replace(kind, type=type_), limits, strict=self.strict, rewritten=rewritten)

    def _without_limits(self, type_: Any, limits: Constraints) -> Node:
        """Types that take no constraints."""
        self._fit(limits, "other", type_)
        if type_ in _FREE:
            return RawNode(type_) if type_ is msgspec.Raw else AnyNode(type_)
        if get_origin(type_) is Literal:
            return LiteralNode(type_, _literal_values(type_), strict=self.strict)
        if model_kind(type_) is not None:
            return self._model(type_)
        if isinstance(type_, type) and issubclass(type_, enum.Enum):
            return EnumNode(type_, strict=self.strict)
        raise self._unsupported(type_)

    def _sequence(self, type_: Any, origin: Any, limits: Constraints, rewritten: bool) -> Node | None:
        class_ = origin or type_
        arguments = get_args(type_)
        if class_ is tuple:
            return self._tuple(arguments, limits, rewritten, bare=origin is None)
        if class_ in _MAPPINGS:
            self._fit(limits, "dict", type_)
            key, value = (self.read(item) for item in (arguments or (Any, Any)))
            return MappingNode(key, value, limits, strict=self.strict, rewritten=rewritten)
        if class_ is deque:
            self._fit(limits, "list", type_)
            return DequeNode(self.read(arguments[0] if arguments else Any), limits, strict=self.strict)
        kind = _SEQUENCES.get(class_) if isinstance(class_, type) else None
        if kind is None:
            return None
        self._fit(limits, kind, type_)
        item = self.read(arguments[0] if arguments else Any)
        return SequenceNode(kind, item, limits, strict=self.strict, rewritten=rewritten)

    def _tuple(self, arguments: tuple[Any, ...], limits: Constraints, rewritten: bool, *, bare: bool) -> Node:
        self._fit(limits, "tuple", tuple)
        if bare or (len(arguments) == 2 and arguments[1] is Ellipsis):
            item = self.read(Any if bare else arguments[0])
            return SequenceNode("tuple", item, limits, strict=self.strict, rewritten=rewritten)
        items = tuple(self.read(item) for item in arguments)
        return TupleNode(items, limits, strict=self.strict, rewritten=rewritten)

    def _union(self, arguments: tuple[Any, ...], limits: Constraints, *, rewritten: bool) -> Node:
        types_ = [item for item in arguments if item not in {type(None), msgspec.UnsetType}]
        optional = type(None) in arguments
        if not types_:
            return self.node(type(None), limits, rewritten=rewritten)
        given = bool(limits.without("strict"))
        members = tuple(_merge_tagged([self._member(item, limits) for item in types_]))
        if given and not any(_takes(member) for member in members):
            raise UnsupportedType(f"{self._where()}no member of the union takes {limits!r}")
        if len(members) == 1:
            node = OptionalNode(members[0]) if optional else members[0]
        else:
            strict = _Builder(True, self)
            exact = tuple(_merge_tagged([strict._member(item, limits) for item in types_]))
            node = UnionNode(members, exact, optional=optional)
        node.rewritten = node.rewritten or given
        return node

    def _member(self, annotation: Any, limits: Constraints) -> Node:
        """A member with the limits of the union, where they mean something for it: `Annotated[int | None, Gt(3)]`."""
        found = _collect(annotation)
        if limits.without("strict"):
            try:
                return self.node(found.type, found.limits | limits, rewritten=True)
            except UnsupportedType:
                pass
        return self.node(found.type, found.limits, rewritten=found.rewritten)

    def _variable(self, variable: TypeVar, limits: Constraints) -> Node:
        bound = variable.__bound__
        if bound is None and variable.__constraints__:
            bound = Union[variable.__constraints__]  # noqa: UP007 - a tuple of unknown length
        found = _collect(Any if bound is None else bound)
        return self.node(found.type, found.limits | limits, rewritten=True)

    def _model(self, annotation: Any) -> ModelNode:
        known = _MODELS.get((annotation, self.strict))
        if known is not None:
            return known
        node = ModelNode(annotation, strict=self.strict)
        _MODELS[annotation, self.strict] = node
        self.added.append((annotation, self.strict))
        self.path.append("")
        loaded = []
        for field in model_fields(annotation):
            self.path[-1] = f"{node.label}.{field.name}"
            loaded.append((field, self.read(field.type)))
        self.path.pop()
        node.load(tuple(loaded))
        return node

    def _fit(self, limits: Constraints, kind: str, type_: Any) -> None:
        try:
            check_fit(limits, kind, type_)
        except UnsupportedType as error:
            raise UnsupportedType(f"{self._where()}{error}") from None

    def _where(self) -> str:
        return f"{' -> '.join(self.path)}: " if self.path else ""

    def _unsupported(self, type_: Any) -> UnsupportedType:
        shown = f"{type_.__module__}.{type_.__qualname__}" if isinstance(type_, type) else repr(type_)
        return UnsupportedType(
            f"{self._where()}{shown} cannot be read from a request: use a Struct, a dataclass or a built-in type, "
            f"or teach the framework with fasterapi.validation.register_type({getattr(type_, '__name__', '...')}, ...)"
        )


def _literal_values(annotation: Any) -> tuple[Any, ...]:
    values: list[Any] = []
    for value in get_args(annotation):
        values.extend(_literal_values(value) if get_origin(value) is Literal else (value,))
    return tuple(values)


def _merge_tagged(members: list[Node]) -> typing.Iterator[Node]:
    """Structs with tags become one member, at the place of the first."""
    tagged = [member for member in members if isinstance(member, ModelNode) and member.tag is not None]
    same = len({(member.tag_field, member.array_like) for member in tagged}) == 1
    if len(tagged) < 2 or not same or len({member.tag for member in tagged}) < len(tagged):
        yield from members
        return
    for member in members:
        if member is tagged[0]:
            yield TaggedUnionNode(tuple(tagged))
        elif member not in tagged:
            yield member


def _takes(node: Node) -> bool:
    return bool(getattr(node, "checks", ())) or (
        isinstance(node, OptionalNode | UnionNode) and node.rewritten
    )
