"""Structs, dataclasses, attrs classes, TypedDicts and NamedTuples.

Knows: which fields a model has, how each source gives them (a JSON object or array, the texts of a query, another
object's attributes), and what is said about missing and unknown ones. Does not know: the types of the fields.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final, get_origin

from msgspec import NODEFAULT, UNSET

from fasterapi.validation.errors import Loc, Refused
from fasterapi.validation.fields import Kind, ModelField, model_kind
from fasterapi.validation.fields_set import fields_set, has_fields, track_fields_set
from fasterapi.validation.walk import INVALID, Node, Source, Walk

_ABSENT: Final = object()
_MISSING: Final = Refused("missing")

_Part = tuple[ModelField, Node]

_TYPE_ERRORS: Final[Mapping[Kind, str]] = {
    "struct": "model_attributes_type",
    "attrs": "model_attributes_type",
    "dataclass": "dataclass_type",
    "typeddict": "dict_type",
    "namedtuple": "named_tuple_type",
}


class ModelNode(Node):
    """A class with fields. `load` is called after the node is known by its class, because types may be recursive."""

    def __init__(self, annotation: Any, *, strict: bool) -> None:
        self.annotation = annotation
        self.class_: type = get_origin(annotation) or annotation
        self.strict = strict
        self.kind: Kind = model_kind(annotation) or "struct"
        self.label = self.class_.__name__
        self.fields: tuple[_Part, ...] = ()
        config = getattr(self.class_, "__struct_config__", None)
        self.tag: str | int | None = getattr(config, "tag", None)
        self.tag_field: str = getattr(config, "tag_field", None) or ""
        self.array_like: bool = getattr(config, "array_like", False) or self.kind == "namedtuple"
        self.json_shapes = ("array",) if self.array_like else ("object",)
        self.forbids_unknown: bool = getattr(config, "forbid_unknown_fields", False)

    def load(self, fields: tuple[_Part, ...]) -> None:
        """Set the fields; a field whose annotation msgspec would read differently makes the class foreign."""
        self.fields = fields
        self.foreign = any(node.rewritten for _, node in fields)
        self._names = frozenset(field.encoded_name for field, _ in fields)
        self._parts = [
            (field.encoded_name, node, node.json_class, node.never, field.required) for field, node in fields
        ]

    def children(self) -> Iterator[Node]:
        for _, node in self.fields:
            yield node

    @property
    def named_fields(self) -> tuple[ModelField, ...]:
        """The fields, and the tag, which is none of a model's own."""
        fields = tuple(field for field, _ in self.fields)
        tag = ModelField(self.tag_field, self.tag_field, str, required=True, default=NODEFAULT)
        return fields if self.tag is None else (*fields, tag)

    @property
    def sequences(self) -> frozenset[str]:
        """The names of the fields that take all texts of a name."""
        return frozenset(field.encoded_name for field, node in self.fields if takes_texts(node))

    @property
    def heeds_further_names(self) -> bool:
        """Whether names of no field are refused."""
        return self.forbids_unknown

    def count_given(self, value: Any) -> int:
        return (
            sum(field.encoded_name in value for field, _ in self.fields) if isinstance(value, Mapping) else 0
        )

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        before = len(walk.errors)
        if walk.source is Source.PYTHON and not isinstance(value, Mapping):
            given = self._from_object(value, loc, walk)
        elif self.array_like and isinstance(value, list | tuple):
            given = self._from_array(value, loc, walk)
        elif isinstance(value, Mapping) and (not self.array_like or walk.source is not Source.JSON):
            given = self._from_mapping(value, loc, walk)
        else:
            walk.fail(loc, self.refusal(), value)
            return INVALID
        if len(walk.errors) > before:
            return INVALID
        names = frozenset(given)
        try:
            made = self._make(given)
        except (ValueError, TypeError) as error:
            # A validator may say more precisely what is wrong (a Refused) and with which field (`loc`, `value`).
            reason = (
                error if isinstance(error, Refused) else Refused("value_error", sentence=str(error), error={})
            )
            return walk.fail((*loc, *getattr(error, "loc", ())), reason, getattr(error, "value", value))
        if walk.track:
            track_fields_set(made, names & fields_set(value) if has_fields(value) else names)
        return made

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        if type(value) is not dict or self.array_like:
            self.inspect(value, loc, walk)
            return
        for name, node, class_, never, required in self._parts:
            if name in value:
                item = value[name]
                given = type(item)
                if given is class_:
                    continue
                if given in never:
                    walk.fail((*loc, name), node.wrong_type, item)
                else:
                    node.validate(item, (*loc, name), walk)
            elif required:
                walk.fail((*loc, name), _MISSING, value)
        if self.tag is not None or self.forbids_unknown:
            self._check_names(value, loc, walk)

    def refusal(self) -> Refused:
        """What is said about a value that is no such model at all."""
        type_ = "tuple_type" if self.array_like and self.kind == "struct" else _TYPE_ERRORS[self.kind]
        named = type_ in {"dataclass_type", "named_tuple_type"}
        return Refused(type_, class_name=self.label) if named else Refused(type_)

    def _make(self, given: dict[str, Any]) -> Any:
        if self.kind == "typeddict":
            return given
        late = {
            field.name: given.pop(field.name)
            for field, _ in self.fields
            if not field.init and field.name in given
        }
        if self.kind == "attrs":
            # attrs strips the underscore of private names in `__init__`.
            given = {name.lstrip("_"): value for name, value in given.items()}
        made = self.class_(**given)
        for name, value in late.items():
            object.__setattr__(made, name, value)
        return made

    def _from_mapping(self, value: Mapping[Any, Any], loc: Loc, walk: Walk) -> dict[str, Any]:
        given: dict[str, Any] = {}
        known = set()
        for field, node in self.fields:
            name = self._key_of(field, value, walk)
            known.add(name)
            item = value.get(name, _ABSENT)
            if walk.source is Source.TEXT:
                item = _as_list(item) if takes_texts(node) else _last(item)
            self._read((field, node), item, ((*loc, name), value), given, walk)
        self._check_names(value, loc, walk, known)
        return given

    def _check_names(
        self, value: Mapping[Any, Any], loc: Loc, walk: Walk, known: AbstractSet[str] | None = None
    ) -> None:
        """The tag, and names of no field; `known` are the fields' names in this mapping."""
        if self.tag is not None and walk.source is Source.JSON:
            self._check_tag(value.get(self.tag_field, self.tag), (*loc, self.tag_field), walk)
        if self.forbids_unknown:
            known = self._names if known is None else known
            tag = self.tag_field if self.tag is not None and walk.source is not Source.PYTHON else None
            for key in value:
                if key not in known and key != tag:
                    walk.fail((*loc, key), Refused("extra_forbidden"), value[key])

    def _key_of(self, field: ModelField, value: Mapping[Any, Any], walk: Walk) -> str:
        """The name of a field in this mapping; Python code may use its own name for it as well as the clients'."""
        name = field.encoded_name
        if walk.source is Source.PYTHON and name not in value and field.name in value:
            return field.name
        return name

    def _read(
        self, part: _Part, item: Any, place: tuple[Loc, Any], given: dict[str, Any], walk: Walk
    ) -> None:
        """Put one field into `given`, if it is there; `place` is its `loc` and the whole it is part of."""
        (field, node), (loc, whole) = part, place
        if item is _ABSENT or item is UNSET:
            if field.required:
                walk.fail(loc, _MISSING, whole)
            elif self.kind not in {"struct", "typeddict"} and not field.init:
                given[field.name] = field.make_default()
            return
        walk.fields_seen += 1
        result = node.validate(item, loc, walk)
        if result is not INVALID:
            given[field.name] = result

    def _check_tag(self, given: Any, loc: Loc, walk: Walk) -> None:
        if given != self.tag or type(given) is not type(self.tag):
            walk.fail(loc, Refused("literal_error", expected=repr(self.tag)), given)

    def _from_array(self, value: list[Any] | tuple[Any, ...], loc: Loc, walk: Walk) -> dict[str, Any]:
        given: dict[str, Any] = {}
        items: list[Any] = list(value)
        shift = 0
        if self.tag is not None and walk.source is Source.JSON:
            shift = 1
            self._check_tag(items.pop(0) if items else None, (*loc, 0), walk)
        for index, (field, node) in enumerate(self.fields):
            item = items[index] if index < len(items) else _ABSENT
            self._read((field, node), item, ((*loc, index + shift), value), given, walk)
        limit = len(self.fields)
        if len(items) > limit and (self.forbids_unknown or self.kind == "namedtuple"):
            field_type = "NamedTuple" if self.kind == "namedtuple" else "Tuple"
            reason = Refused("too_long", field_type=field_type, max_length=limit, actual_length=len(items))
            walk.fail(loc, reason, value)
        return given

    def _from_object(self, value: Any, loc: Loc, walk: Walk) -> dict[str, Any]:
        """The attributes of any object that has the fields: another model, a row of an ORM."""
        if isinstance(value, list | tuple) and not hasattr(value, "_fields") and self.array_like:
            return self._from_array(value, loc, walk)
        if type(value).__module__ == "builtins":
            walk.fail(loc, self.refusal(), value)
            return {}
        given: dict[str, Any] = {}
        for field, node in self.fields:
            item = getattr(value, field.name, _ABSENT)
            self._read((field, node), item, ((*loc, field.encoded_name), value), given, walk)
        return given


def _last(item: Any) -> Any:
    """The last one of several texts."""
    return item if not isinstance(item, list) else item[-1] if item else _ABSENT


def _as_list(item: Any) -> Any:
    """The one text of a name, as a sequence takes it."""
    return item if item is _ABSENT or isinstance(item, list) else [item]


def takes_texts(node: Node) -> bool:
    """Whether a field takes all texts of its name."""
    return any(
        getattr(member, "kind", None) in {"list", "set", "frozenset", "tuple"}
        for member in (node, *node.children())
    )
