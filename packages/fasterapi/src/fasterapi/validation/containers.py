"""Lists, sets, tuples and dictionaries.

Knows: which Python containers each source may give, how their errors are named, and how a long list is passed in
large steps where nothing is wrong. Does not know: what is inside.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Any, Final

import msgspec

from fasterapi.validation.constraints import Constraints, compile_checks, split_native
from fasterapi.validation.errors import Loc, Refused
from fasterapi.validation.hooks import custom_type, dec_hook
from fasterapi.validation.walk import INVALID, Node, Source, Walk, reachable

# Items converted in one call; only a step that fails is walked item by item.
_STEP: Final = 256

_TYPE_ERRORS: Final = {
    "list": "list_type",
    "set": "set_type",
    "frozenset": "frozen_set_type",
    "tuple": "tuple_type",
    "dict": "dict_type",
}


class ContainerNode(Node):
    """What all containers share: constraints on the number of items, and the error for no container at all."""

    def __init__(self, kind: str, constraints: Constraints, *, strict: bool, rewritten: bool) -> None:
        self.kind = kind
        self.strict = strict
        self.constraints = constraints
        self.meta, left = split_native(constraints, kind)
        self.foreign = bool(left)
        self.checks = compile_checks(constraints, kind)
        self.rewritten = rewritten or any(child.rewritten for child in self.children())

    @property
    def json_shapes(self) -> tuple[str, ...]:  # type: ignore[override]  # read-only here
        """An object or an array."""
        return ("object",) if self.kind == "dict" else ("array",)

    def annotate(self, annotation: Any) -> Any:
        """The annotation with the limits that msgspec enforces."""
        return annotation if self.meta is None else Annotated[annotation, self.meta]

    def finish(self, value: Any, given: Any, loc: Loc, walk: Walk) -> Any:
        """The container, if its size is within the constraints."""
        for check in self.checks:
            reason = check(value)
            if reason is not None:
                return walk.fail(loc, reason, given)
        return value

    def has_too_many(self, amount: int) -> bool:
        """Whether this many items are above the limit."""
        limit = self.constraints.max_length
        return limit is not None and amount > limit

    def refuse(self, good: Any, given: Any, loc: Loc, walk: Walk, before: int) -> Any:
        """Some items do not fit: as in FastAPI, too many others are all there is to say."""
        if self.has_too_many(len(good)):
            del walk.errors[before:]
            return self.finish(good, given, loc, walk)
        return INVALID


class SequenceNode(ContainerNode):
    """Any number of items of one type."""

    def __init__(
        self,
        kind: str,
        item: Node,
        constraints: Constraints,
        *,
        strict: bool = False,
        rewritten: bool = False,
    ) -> None:
        self.item = item
        super().__init__(kind, constraints, strict=strict, rewritten=rewritten)
        if kind == "tuple":
            self.annotation = self.annotate(tuple[item.annotation, ...])  # type: ignore[name-defined]  # made at run time
            self.label = f"tuple[{item.label}, ...]"
        else:
            self.annotation = self.annotate(_BUILDERS[kind][item.annotation])  # type: ignore[index]
            self.label = f"{kind}[{item.label}]"
        self.build: Callable[[Iterable[Any]], Any] = _BUILDERS[kind]

    def children(self) -> Iterator[Node]:
        yield self.item

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        class_, validate = self.item.json_class, self.item.validate
        if type(value) is not list or self.checks or (class_ is None and len(value) > _STEP):
            self.inspect(value, loc, walk)
            return
        for index, part in enumerate(value):
            if type(part) is not class_:
                validate(part, (*loc, index), walk)

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        given = items_of(value, walk.source)
        if given is None:
            return walk.fail(loc, Refused(_TYPE_ERRORS[self.kind]), value)
        if self.kind == "list" and self.has_too_many(len(given)):
            return self.finish(given, value, loc, walk)
        before = len(walk.errors)
        found: list[Any] = []
        failed = False
        for start in range(0, len(given), _STEP):
            step = given[start : start + _STEP]
            if not self._pass(step, found, walk):
                for index, item in enumerate(step, start):
                    result = self.item.validate(item, (*loc, index), walk)
                    failed = failed or result is INVALID
                    found.append(result)
        try:
            built = self.build(item for item in found if item is not INVALID) if failed else self.build(found)
        except TypeError:
            return walk.fail(loc, Refused("set_item_not_hashable"), value)
        return (
            self.refuse(built, value, loc, walk, before) if failed else self.finish(built, value, loc, walk)
        )

    def refuse(self, good: Any, given: Any, loc: Loc, walk: Walk, before: int) -> Any:
        limit = self.constraints.min_length
        if self.kind == "tuple" and limit is not None and len(good) < limit:
            return self.finish(good, given, loc, walk)
        if self.kind == "tuple" and self.has_too_many(len(good)):
            good = given
        return super().refuse(good, given, loc, walk, before)

    def _pass(self, step: list[Any], found: list[Any], walk: Walk) -> bool:
        """Convert a whole step if nothing is wrong with it."""
        if walk.source is not Source.JSON or not self.item.native:
            return False
        try:
            type_ = list[self.item.annotation]  # type: ignore[name-defined]  # made at run time
            found += msgspec.convert(step, type_, strict=self.item.strict, str_keys=True, dec_hook=dec_hook)
        except msgspec.ValidationError:
            return False
        return True


class DequeNode(SequenceNode):
    """A `collections.deque`, which msgspec does not know."""

    def __init__(self, item: Node, constraints: Constraints, *, strict: bool = False) -> None:
        super().__init__("list", item, constraints, strict=strict)
        self.foreign = True
        self.build = deque


_BUILDERS: Final[dict[str, type]] = {"list": list, "set": set, "frozenset": frozenset, "tuple": tuple}


def items_of(value: Any, source: Source) -> list[Any] | None:
    """The items of an array as this source gives them, or None if it is none."""
    if isinstance(value, list):
        return value
    if isinstance(value, str | bytes | bytearray | Mapping) or source is Source.JSON:
        return [value] if source is Source.TEXT and isinstance(value, str) else None
    if isinstance(value, tuple | set | frozenset | deque) or (
        source is Source.PYTHON
        and isinstance(value, Iterable)
        and not hasattr(type(value), "__struct_fields__")
    ):
        return list(value)
    return None


class TupleNode(ContainerNode):
    """A fixed number of items, each of its own type."""

    def __init__(
        self, items: tuple[Node, ...], constraints: Constraints, *, strict: bool, rewritten: bool
    ) -> None:
        self.items = items
        super().__init__("tuple", constraints, strict=strict, rewritten=rewritten)
        # msgspec sets no length on a tuple of fixed size.
        self.foreign = self.foreign or self.meta is not None
        self.annotation = tuple[tuple(item.annotation for item in items)] if items else tuple[()]  # type: ignore[misc]
        self.label = f"tuple[{', '.join(item.label for item in items)}]"

    def children(self) -> Iterator[Node]:
        yield from self.items

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        given = items_of(value, walk.source)
        if given is None:
            return walk.fail(loc, Refused("tuple_type"), value)
        size = len(self.items)
        if len(given) > size:
            reason = Refused("too_long", field_type="Tuple", max_length=size, actual_length=len(given))
            return walk.fail(loc, reason, value)
        before = len(walk.errors)
        found = [
            item.validate(part, (*loc, index), walk)
            for index, (item, part) in enumerate(zip(self.items, given, strict=False))
        ]
        for index in range(len(given), size):
            walk.fail((*loc, index), Refused("missing"), value)
        return INVALID if len(walk.errors) > before else self.finish(tuple(found), value, loc, walk)


class MappingNode(ContainerNode):
    """A dictionary. JSON's keys are texts, so keys are converted even in strict mode."""

    def __init__(
        self, key: Node, value: Node, constraints: Constraints, *, strict: bool, rewritten: bool
    ) -> None:
        self.key = key
        self.value = value
        super().__init__("dict", constraints, strict=strict, rewritten=rewritten)
        # The decoder refuses flags and None as keys, and counts different texts of one key once; `convert` differs,
        # and leaves keys of registered types as they are.
        inside = list(reachable(key))
        self.foreign = self.foreign or not {"bool", "none"}.isdisjoint(node.label for node in inside)
        self.foreign = self.foreign or any(
            isinstance(node.annotation, type) and custom_type(node.annotation) for node in inside
        )
        self.foreign = self.foreign or (self.meta is not None and key.annotation is not str)
        self.annotation = self.annotate(dict[key.annotation, value.annotation])  # type: ignore[name-defined]
        self.label = f"dict[{key.label},{value.label}]"

    def children(self) -> Iterator[Node]:
        yield self.key
        yield self.value

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        if type(value) is not dict or self.checks or self.key.json_class is not str:
            self.inspect(value, loc, walk)
            return
        class_, validate = self.value.json_class, self.value.validate
        for key, item in value.items():
            if type(item) is not class_:
                validate(item, (*loc, key), walk)

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if not isinstance(value, Mapping):
            return walk.fail(loc, Refused("dict_type"), value)
        before = len(walk.errors)
        found: dict[Any, Any] = {}
        failed = False
        for key, item in value.items():
            # A `loc` holds texts and numbers; keys of Python dictionaries may be anything.
            place = (*loc, key if isinstance(key, str | int) else str(key))
            new_key = self._read_key(key, (*place, "[key]"), walk)
            result = self.value.validate(item, place, walk)
            if new_key is INVALID or result is INVALID:
                failed = True
            else:
                found[new_key] = result
        return (
            self.refuse(found, value, loc, walk, before) if failed else self.finish(found, value, loc, walk)
        )

    def _read_key(self, key: Any, loc: Loc, walk: Walk) -> Any:
        if walk.source is not Source.JSON:
            return self.key.validate(key, loc, walk)
        if not self.key.native or self.foreign:
            return self._read_text(key, loc, walk)
        try:
            whole = dict[self.key.annotation, Any]  # type: ignore[name-defined]  # a type made at run time
            (found,) = msgspec.convert(
                {key: None}, whole, strict=self.strict, str_keys=True, dec_hook=dec_hook
            )
        except msgspec.ValidationError:
            # Our parsers for texts take a little more than msgspec does.
            if (
                self._read_text(key, loc, walk) is not INVALID
                and self.key.validate(key, loc, walk) is not INVALID
            ):
                walk.fail(loc, Refused("value_error", sentence="not in the form that JSON bodies take"), key)
            return INVALID
        return found

    def _read_text(self, key: Any, loc: Loc, walk: Walk) -> Any:
        """JSON has only texts for keys, so they are read as texts are."""
        trial = Walk(Source.TEXT, walk.visits)
        found = self.key.validate(key, loc, trial)
        walk.take(trial)
        return found
