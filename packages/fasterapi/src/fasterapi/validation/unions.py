"""Types of which a value may be one of several.

Knows: how the best member is chosen (as FastAPI does: a member that needs no conversion before one that does, among
models the one with the most fields given, then the order of declaration), and how tagged Structs are told apart.
Does not know: the members' own rules.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Union

from fasterapi.validation.containers import TupleNode
from fasterapi.validation.errors import Loc, Refused
from fasterapi.validation.models import ModelNode
from fasterapi.validation.scalars import CustomNode, ScalarNode
from fasterapi.validation.walk import INVALID, Node, Source, Walk, reachable


class OptionalNode(Node):
    """A type or None."""

    def __init__(self, inner: Node) -> None:
        self.inner = inner
        self.strict = inner.strict
        self.rewritten = inner.rewritten
        self.annotation = inner.annotation if inner.annotation is Any else Union[inner.annotation, None]  # noqa: UP007
        self.label = f"nullable[{inner.label}]"
        self.json_class = inner.json_class
        self.never = inner.never - {type(None)}
        self.wrong_type = inner.wrong_type

    def children(self) -> Iterator[Node]:
        yield self.inner

    def validate(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if value is None:
            return None
        if walk.source is not Source.JSON or not self.native or isinstance(value, str):
            return super().validate(value, loc, walk)
        return self.inner.validate(value, loc, walk)

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        self.inner.explain(value, loc, walk)

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if value is None or (self._means_none(value, walk) and not self._takes(value, loc, walk)):
            return None
        return self.inner.validate(value, loc, walk)

    def _means_none(self, value: Any, walk: Walk) -> bool:
        """As msgspec's lax mode has it, which has decided already where it knows the type."""
        is_lax = walk.source is Source.JSON and not self.strict and not self.native
        return is_lax and isinstance(value, str) and value.lower() == "null"

    def _takes(self, value: Any, loc: Loc, walk: Walk) -> bool:
        return self.inner.validate(value, loc, walk.trial()) is not INVALID


class UnionNode(Node):
    """Several types; `exact` are the same members, converting nothing."""

    def __init__(self, members: tuple[Node, ...], exact: tuple[Node, ...], *, optional: bool) -> None:
        self.members = members
        self.exact = exact
        self.optional = optional
        self.strict = members[0].strict
        self.rewritten = any(member.rewritten for member in members)
        types = [*(member.annotation for member in members), *([None] if optional else [])]
        # A union made at run time from a tuple of unknown length.
        self.annotation = Any if Any in types else Union[tuple(types)]  # noqa: UP007
        self.label = f"union[{','.join(member.label for member in members)}]"
        self.foreign = self._misleads_msgspec()
        self._has_models = [
            any(isinstance(node, ModelNode) for node in reachable(member)) for member in exact
        ]

    def _misleads_msgspec(self) -> bool:
        """Whether msgspec must not see this union.

        It takes some unions that it misreads: a number that is too large for one member may be fine for another,
        which it does not try. Those that it refuses are known beforehand, because msgspec 0.22.0 may crash in the
        next garbage collection after a refusal, and after seeing a tuple of fixed size beside a member with a limit.
        """
        if any(
            isinstance(member, TupleNode | CustomNode) or getattr(member, "checks", ())
            for member in self.members
        ):
            return True
        if any(node.guarded for member in self.members for node in reachable(member)):
            return True
        numbers = [member for member in self.members if isinstance(member, ScalarNode) and member.is_number]
        if len(numbers) > 1 and any(member.is_limited for member in numbers):
            return True
        structs = [member for member in self.members if _is_struct(member)]
        shapes = [shape for member in self.members for shape in member.json_shapes]
        return len(structs) > 1 or len(shapes) > len(set(shapes))

    def children(self) -> Iterator[Node]:
        yield from self.members

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        before = len(walk.errors)
        for member in self.members:
            if member.validate(value, (*loc, member.label), walk) is not INVALID:
                del walk.errors[before:]  # msgspec has not tried this member
                return

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if value is None and self.optional:
            return None
        if walk.source is Source.TEXT:
            found = self._first_text(value, loc, walk)
        elif walk.source is Source.PYTHON:
            found = self._own_instance(value, loc, walk)
        else:
            found = INVALID
        if found is INVALID and walk.source is not Source.TEXT:
            found = self._first_exact(value, loc, walk)
        return self._best(value, loc, walk) if found is INVALID else found

    def _first_text(self, value: Any, loc: Loc, walk: Walk) -> Any:
        """A text stays a text where that is allowed."""
        for member in self.members:
            if isinstance(member, ScalarNode) and member.takes_text_exactly and isinstance(value, str):
                found = member.validate(value, loc, walk.trial())
                if found is not INVALID:
                    return found
        return INVALID

    def _own_instance(self, value: Any, loc: Loc, walk: Walk) -> Any:
        """An object of a member's class, or of a subclass, is of that member."""
        models = [
            member for member in self.members if isinstance(member, ModelNode) and member.kind != "typeddict"
        ]
        owner = _owner(value, models)
        return INVALID if owner is None else owner.validate(value, loc, walk.trial())

    def _first_exact(self, value: Any, loc: Loc, walk: Walk) -> Any:
        for member, has_models in zip(self.exact, self._has_models, strict=True):
            if (
                not has_models
            ):  # models are tried once, below: trying them twice on each level doubles per level
                found = member.validate(value, loc, walk.trial())
                if found is not INVALID:
                    return found
        return INVALID

    def _best(self, value: Any, loc: Loc, walk: Walk) -> Any:
        best: Any = INVALID
        most = -1
        trials = []
        for member, has_models in zip(self.members, self._has_models, strict=True):
            trial = walk.trial()
            found = member.validate(value, (*loc, member.label), trial)
            trials.append(trial)
            if found is not INVALID and trial.fields_seen > most:
                best, most = found, trial.fields_seen
                if not has_models:
                    break
        if best is INVALID:
            for trial in trials:
                walk.take(trial)
        else:
            walk.fields_seen += most
        return best


class TaggedUnionNode(Node):
    """Structs that a tag tells apart."""

    def __init__(self, members: tuple[ModelNode, ...]) -> None:
        self.members = members
        self.strict = members[0].strict
        self.by_tag = {member.tag: member for member in members}
        self.tag_field = members[0].tag_field
        self.json_shapes = members[0].json_shapes
        # A union made at run time from a tuple of unknown length.
        self.annotation = Union[tuple(member.annotation for member in members)]  # noqa: UP007
        self.label = f"tagged-union[{','.join(member.label for member in members)}]"

    def children(self) -> Iterator[Node]:
        yield from self.members

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if walk.source is Source.PYTHON and not isinstance(value, Mapping):
            return self._own_instance(value, loc, walk)
        if isinstance(value, Mapping):
            tag = value.get(self.tag_field)
            present = self.tag_field in value
        elif isinstance(value, list) and self.members[0].array_like:
            tag = value[0] if value else None
            present = bool(value)
        else:
            return walk.fail(loc, self.members[0].refusal(), value)
        discriminator = repr(self.tag_field)
        if not present:
            return walk.fail(loc, Refused("union_tag_not_found", discriminator=discriminator), value)
        member = self.by_tag.get(tag) if isinstance(tag, str | int) and not isinstance(tag, bool) else None
        if member is None:
            tags = ", ".join(repr(known) for known in self.by_tag)
            reason = Refused(
                "union_tag_invalid", discriminator=discriminator, tag=_tag_text(tag), expected_tags=tags
            )
            return walk.fail(loc, reason, value)
        return member.validate(value, (*loc, str(tag)), walk)

    def _own_instance(self, value: Any, loc: Loc, walk: Walk) -> Any:
        owner = _owner(value, self.members)
        if owner is None:
            return walk.fail(loc, self.members[0].refusal(), value)
        return owner.validate(value, loc, walk)


def _owner(value: Any, models: Iterable[ModelNode]) -> ModelNode | None:
    """The model of which this is an instance: of the very class, or else of a subclass."""
    candidates = [model for model in models if isinstance(value, model.class_)]
    return next((model for model in candidates if type(value) is model.class_), next(iter(candidates), None))


def _is_struct(node: Node) -> bool:
    return isinstance(node, TaggedUnionNode) or (isinstance(node, ModelNode) and node.kind == "struct")


def _tag_text(tag: Any) -> str:
    return tag[:100] if isinstance(tag, str) else str(tag)[:100]
