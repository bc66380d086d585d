"""The slow pass: a value is walked along its type, and everything that does not fit is written down.

Knows: the three kinds of source a value can have, the list of errors, and limits on how long a walk may take. Does
not know: any type; each kind of type is a `Node` in `scalars`, `containers`, `models` or `unions`.

msgspec decides whether a value fits, wherever it knows the type (`Node.native`): the walk only explains a refusal,
by converting ever smaller parts alone. What msgspec does not know is decided by the node itself (`Node.foreign`), and
so are the few values that only msgspec takes (`Node.guarded`).
"""

import enum
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from fasterapi.validation.echo import echo
from fasterapi.validation.errors import ErrorDict, Loc, Refused
from fasterapi.validation.hooks import dec_hook

MAX_ERRORS: Final = 100
MAX_VISITS: Final = 1_000_000


class Source(enum.Enum):
    """Where a value comes from, which decides what is converted: JSON, texts of a URL or form, or Python code."""

    JSON = "json"
    TEXT = "text"
    PYTHON = "python"


class _Invalid:
    def __repr__(self) -> str:
        return "INVALID"


INVALID: Final = _Invalid()
"""What a node returns instead of a value that did not fit."""


class Enough(Exception):  # noqa: N818 - not an error of the program
    """The list of errors is full, or the walk has taken long enough."""


class Walk:
    """One walk: the errors so far, how many nodes were visited, and how many fields of models were given."""

    __slots__ = ("errors", "fields_seen", "is_safe", "source", "track", "visits")

    def __init__(
        self,
        source: Source,
        visits: list[int] | None = None,
        track: bool = False,
        is_safe: bool = False,
    ) -> None:
        self.source = source
        self.track = track  # note which fields each model was given
        self.is_safe = is_safe  # what was sent may be sent back as it is
        self.errors: list[ErrorDict] = []
        self.fields_seen = 0
        self.visits = [0] if visits is None else visits

    def trial(self) -> "Walk":
        """A walk whose errors may be thrown away; its visits count."""
        return Walk(self.source, self.visits, self.track, self.is_safe)

    def visit(self) -> None:
        """Count one node; raises Enough."""
        self.visits[0] += 1
        if self.visits[0] > MAX_VISITS:
            raise Enough

    def fail(self, loc: Loc, reason: Refused, value: Any) -> _Invalid:
        """Note that `value` at `loc` does not fit; raises Enough when the list is full."""
        errors = self.errors
        if len(errors) >= MAX_ERRORS:
            raise Enough
        errors.append(reason.about(loc, value if self.is_safe else echo(value)))
        return INVALID

    def take(self, trial: "Walk") -> None:
        """The errors of a trial are errors after all."""
        self.errors += trial.errors
        del self.errors[MAX_ERRORS:]
        if len(self.errors) >= MAX_ERRORS:
            raise Enough


class Node:
    """One type, read once. `annotation` is what msgspec is asked for; `label` names it in the `loc` of a union.

    `foreign`: msgspec cannot decide about this type. `guarded`: it can, but for values that are seen in the bytes
    (`"NaN"` for a Decimal). `rewritten`: it can, but not by the annotation as it was written, so a class with such a
    field is foreign.
    """

    annotation: Any = Any
    label: str = "any"
    strict: bool = False
    foreign: bool = False
    guarded: bool = False
    rewritten: bool = False
    # Of JSON's values, those of this very class fit, and those of these classes are refused for this reason.
    json_class: type | None = None
    never: frozenset[type] = frozenset()
    wrong_type: Refused = Refused("value_error")
    json_shapes: tuple[str, ...] = ()  # of several members of a union, msgspec knows one of each shape
    _decodable: bool | None = None
    _native: bool | None = None

    @property
    def decodable(self) -> bool:
        """Whether msgspec knows this type and everything in it."""
        if self._decodable is None:
            self._decodable = not any(node.foreign for node in reachable(self)) and _is_known(self.annotation)
        return self._decodable

    @property
    def native(self) -> bool:
        """Whether msgspec alone decides about this type and everything in it."""
        if self._native is None:
            self._native = self.decodable and not any(node.guarded for node in reachable(self))
        return self._native

    def children(self) -> Iterator["Node"]:
        """The types directly inside."""
        yield from ()

    def validate(self, value: Any, loc: Loc, walk: Walk) -> Any:
        """The value as this type, or INVALID with the reasons in `walk.errors`."""
        walk.visit()
        if walk.source is not Source.JSON or not self.native:
            return self.inspect(value, loc, walk)
        try:
            found = msgspec.convert(
                value, self.annotation, strict=self.strict, str_keys=True, dec_hook=dec_hook
            )
        except msgspec.ValidationError as error:
            before = len(walk.errors)
            self.explain(value, loc, walk)
            if len(walk.errors) == before:
                walk.fail(loc, reason_of(error), value)
            return INVALID
        walk.fields_seen += self.count_given(value)
        return found

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        """Write down what is wrong with a value of JSON that msgspec, which decides about this type, has refused."""
        self.inspect(value, loc, walk)

    def count_given(self, value: Any) -> int:  # noqa: ARG002 - for models
        """How many fields of this model are in `value`, which msgspec took as a whole."""
        return 0

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        """The own walk of this kind of type; the same contract as `validate`."""
        raise NotImplementedError


def reachable(root: Node) -> Iterator[Node]:
    """`root` and all nodes below it, each once; types may be recursive."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting.extend(node.children())


def _is_known(annotation: Any) -> bool:
    try:
        msgspec.json.Decoder(annotation, dec_hook=dec_hook)
    except TypeError:
        return False
    return True


def reason_of(error: BaseException) -> Refused:
    """A refusal by msgspec of a whole whose parts are fine: a ValueError of a `__post_init__`, mostly."""
    cause = error.__cause__
    if isinstance(cause, Refused):
        return cause
    return Refused("value_error", sentence=str(error if cause is None else cause), error={})
