"""Every type of the document, walked once → which classes become components, under which names.

Knows: annotations, shapes, names, and the difference between what is sent and what is received.
Does not know: how a schema is written, operations, HTTP.

A class is split into `Item-Input` and `Item-Output` only if both are needed and they differ, itself or
through a class that it refers to; so a document holds two variants of nothing but what really differs.
"""

import datetime as dt
import decimal
import typing
from collections.abc import Collection, Hashable
from typing import Any, Literal

from .annotation import is_alias, unwrap
from .fields import Field, Shape, kind_of, read_shape
from .naming import NameHook, component_names

Mode = Literal["input", "output"]
_LEAVES = frozenset({int, str, float, bool, bytes, type(None), dt.datetime, dt.date})


class Node:
    """A class (or a self-referring alias) that becomes a component."""

    __slots__ = ("annotation", "differs", "key", "modes", "references", "shape", "value")

    def __init__(self, key: Hashable, annotation: Any, shape: Shape | None, value: Any = None) -> None:
        self.key = key
        self.annotation = annotation
        self.shape = shape  # None for an alias, whose `value` is then an annotation
        self.value = value
        self.references: list[Node] = []
        self.modes: set[Mode] = set()
        self.differs = False


class ComponentGraph:
    """Collects types, then answers `name(key, mode)`.

    `output_defaults_required`: whether a field with a default is promised in what is sent (msgspec sends it
    unless `omit_defaults` is set). FastAPI's documents do not promise it, so that is off by default.
    """

    def __init__(self, *, separate: bool = True, output_defaults_required: bool = False) -> None:
        self.separate = separate
        self.output_defaults_required = output_defaults_required
        self.nodes: dict[Hashable, Node] = {}
        self._added: set[tuple[Hashable, Mode]] = set()
        self._names: dict[tuple[Hashable, Mode], str] = {}

    def add(self, annotation: Any, mode: Mode, used_by: str = "a type") -> None:
        """Collect a type and everything that it refers to, as received (`input`) or sent (`output`)."""
        try:
            if (annotation, mode) in self._added:
                return
            self._added.add((annotation, mode))
        except TypeError:  # not hashable: `Annotated[int, ["a note"]]`
            pass
        found: list[Node] = []
        self._walk(annotation, found, None, used_by)
        pending = found
        while pending:
            node = pending.pop()
            if mode not in node.modes:
                node.modes.add(mode)
                pending.extend(node.references)

    def assign_names(self, *, reserved: Collection[str] = (), name_hook: NameHook | None = None) -> None:
        """Fix the names; call it once, after everything was added."""
        base = component_names(
            ((key, node.annotation) for key, node in self.nodes.items()),
            reserved=reserved,
            name_hook=name_hook,
        )
        self._spread_differences()
        for key, node in self.nodes.items():
            split = self.separate and node.differs and len(node.modes) == 2
            for mode in node.modes:
                suffix = f"-{mode.capitalize()}" if split else ""
                self._names[key, mode] = base[key] + suffix

    def name(self, node: Node, mode: Mode) -> str:
        """The component's name in that direction."""
        return self._names[node.key, mode]

    def written_mode(self, node: Node, mode: Mode) -> Mode:
        """The direction whose schema stands under `name(node, mode)`: one document, one truth per name."""
        if self.separate or "input" not in node.modes:
            return mode
        return "input"

    def _walk(self, annotation: Any, found: list[Node], owner: Node | None, used_by: str) -> None:
        if type(annotation) is type and annotation in _LEAVES:
            return  # most fields: spares the questions below
        origin, args, _ = unwrap(annotation, used_by)
        if origin is decimal.Decimal and owner is not None:
            owner.differs = True  # received as number or text, sent as text
        if origin is typing.Literal:
            return
        if is_component(origin):
            found.append(self._visit(origin, args, used_by))
            return
        if isinstance(origin, typing.TypeVar):
            args = (origin.__bound__,) if origin.__bound__ is not None else origin.__constraints__
        for argument in args:
            if argument is not ... and argument != ():
                self._walk(argument, found, owner, used_by)

    def _visit(self, origin: Any, args: tuple[Any, ...], used_by: str) -> Node:
        key = component_key(origin, args)
        if key in self.nodes:
            return self.nodes[key]
        if is_alias(origin):
            node = Node(key, origin, None, origin.__value__)
            self.nodes[key] = node
            self._walk(node.value, node.references, node, used_by)
            return node
        shape = read_shape(origin, args, used_by)
        node = Node(key, origin[args] if args else origin, shape)
        self.nodes[key] = node
        for field in shape.fields:
            self._walk(field.type, node.references, node, f"{origin.__qualname__}.{field.name}")
            if self.output_defaults_required and is_sent_despite_default(shape, field):
                node.differs = True
        return node

    def _spread_differences(self) -> None:
        users: dict[Hashable, list[Node]] = {}
        for node in self.nodes.values():
            for reference in node.references:
                users.setdefault(reference.key, []).append(node)
        pending = [node for node in self.nodes.values() if node.differs]
        while pending:
            for user in users.get(pending.pop().key, ()):
                if not user.differs:
                    user.differs = True
                    pending.append(user)


def is_sent_despite_default(shape: Shape, field: Field) -> bool:
    """Whether a field that may be absent on the way in is always there on the way out."""
    if field.required or field.may_be_unset:
        return False
    return shape.kind != "typeddict" and not shape.omit_defaults and not shape.array_like


def is_component(origin: Any) -> bool:
    """Whether a type gets a place of its own under `components`."""
    return kind_of(origin) is not None or is_alias(origin)


def component_key(origin: Any, args: tuple[Any, ...]) -> Hashable:
    """What identifies a component: the class with its type arguments."""
    if not args:
        return typing.cast("Hashable", origin)
    try:
        hash(args)
    except TypeError:  # `Page[Annotated[int, ["a note"]]]`
        return (origin, repr(args))
    return (origin, args)
