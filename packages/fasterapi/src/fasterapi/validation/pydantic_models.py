"""Pydantic's models and types in requests and responses: one node for a whole annotation that mentions one.

Knows: `pydantic.TypeAdapter`, asked as FastAPI asks it. Pydantic is never imported here: whoever declares one of its
models has done so, and the class itself says whose it is. Does not know: requests, routes.
"""

import sys
import types
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Final, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT

from fasterapi.validation.constraints import Constraints
from fasterapi.validation.echo import echo
from fasterapi.validation.errors import ErrorDict, Loc, UnsupportedType
from fasterapi.validation.fields import ModelField
from fasterapi.validation.pydantic_types import is_only_models, is_pydantic_model, mentions_pydantic
from fasterapi.validation.textfields import TextFields
from fasterapi.validation.walk import INVALID, MAX_ERRORS, Enough, Node, Source, Walk

__all__ = ["PydanticNode", "PydanticType", "documented_type"]

_LISTS: Final = (list, tuple, set, frozenset)


class PydanticType(msgspec.Struct, frozen=True, eq=False):
    """In a document, an annotation whose schema Pydantic writes."""

    annotation: Any


def documented_type(annotation: Any) -> Any:
    """What stands for a declared type in a document."""
    if not mentions_pydantic(annotation) or is_only_models(annotation):
        return annotation
    return PydanticType(annotation)


class PydanticNode(Node):
    """An annotation that Pydantic decides about. Raises UnsupportedType if it cannot."""

    foreign = True
    json_shapes = ("object",)

    def __init__(self, annotation: Any, constraints: Constraints, *, strict: bool) -> None:
        pydantic: Any = sys.modules["pydantic"]
        self.annotation = annotation
        self.strict = strict
        self.label = getattr(annotation, "__name__", str(annotation))
        limits = constraints.without("strict").given()
        limited = Annotated[annotation, pydantic.Field(**limits)] if limits else annotation
        self._limited = limited
        try:
            self.adapter: Any = pydantic.TypeAdapter(limited)
        except pydantic.errors.PydanticUserError as error:
            problem = str(error).splitlines()[0]
            raise UnsupportedType(f"Pydantic cannot read {annotation!r}: {problem}") from error
        self._refusal: type[ValueError] = pydantic.ValidationError

    @cached_property
    def models(self) -> tuple[Any, ...]:
        """The model that this is, or those that it may be; none for anything else."""
        return tuple(_models(self.annotation))

    @property
    def model(self) -> Any:
        """The first one of the models; None for anything else."""
        return self.models[0] if self.models else None

    @cached_property
    def _text_adapter(self) -> Any:
        """Of several models, each finds its own fields among the texts, which it may read otherwise than the others."""
        pydantic: Any = sys.modules["pydantic"]
        if len(self.models) < 2:
            return self.adapter
        return pydantic.TypeAdapter(_with_selection(self._limited))

    @property
    def fields(self) -> tuple[ModelField, ...]:
        """The fields of the model, under the names that clients use; none of anything but a model."""
        return () if self.model is None else _fields_of(self.model)

    @property
    def all_fields(self) -> tuple[ModelField, ...]:
        """The fields of all models that it may be."""
        return tuple(field for model in self.models for field in _fields_of(model))

    @property
    def sequences(self) -> frozenset[str]:
        """The names of the fields that take all texts of a name."""
        return _sequences(self.fields)

    @property
    def heeds_further_names(self) -> bool:
        """Whether names of no field are refused, or kept."""
        return any(model.model_config.get("extra") in {"allow", "forbid"} for model in self.models)

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        try:
            adapter = self._text_adapter if walk.source is Source.TEXT else self.adapter
            found = adapter.validate_python(value, from_attributes=True, strict=self.strict or None)
            if walk.source is not Source.PYTHON:
                return found
            # An instance of a subclass keeps its class, and must not bring further fields along.
            shown = self.adapter.dump_python(found, by_alias=True, warnings=False)
            return self.adapter.validate_python(shown)
        except self._refusal as error:
            self._explain(error, loc, walk)
            return INVALID

    def _explain(self, refusal: Any, loc: Loc, walk: Walk) -> None:
        for problem in refusal.errors(include_url=False):
            if len(walk.errors) >= MAX_ERRORS:
                raise Enough
            error: ErrorDict = {
                "type": problem["type"],
                "loc": (*loc, *problem["loc"]),
                "msg": problem["msg"],
                "input": echo(problem["input"]),
            }
            if problem.get("ctx"):
                error["ctx"] = {name: _plain(item) for name, item in problem["ctx"].items()}
            walk.errors.append(error)

    def encode(self, value: Any, options: Mapping[str, Any]) -> bytes:
        """A handler's value as JSON, with the fields of the declared model; raises pydantic's ValidationError."""
        found = self.adapter.validate_python(value, from_attributes=True)
        encoded: bytes = self.adapter.dump_json(found, **options)
        return encoded

    def to_builtins(self, value: Any, options: Mapping[str, Any]) -> Any:
        """As `encode`, in JSON's own types."""
        found = self.adapter.validate_python(value, from_attributes=True)
        return self.adapter.dump_python(found, mode="json", **options)

    def errors(self, refusal: Any, loc: Loc) -> list[ErrorDict]:
        """What a ValidationError of this node says."""
        walk = Walk(Source.PYTHON)
        self._explain(refusal, loc, walk)
        return walk.errors

    @property
    def refusal(self) -> type[ValueError]:
        """The exception that `encode` and `to_builtins` raise."""
        return self._refusal


def _models(annotation: Any) -> Iterator[Any]:
    if is_pydantic_model(annotation) and hasattr(annotation, "model_fields"):
        yield annotation
    elif get_origin(annotation) in {Annotated, Union, types.UnionType}:
        for item in get_args(annotation):
            yield from _models(item)


def _with_selection(annotation: Any) -> Any:
    """A union of models, each of which selects its fields from the texts before it is validated."""
    if get_origin(annotation) is Annotated:
        return Annotated[_with_selection(annotation.__origin__), *annotation.__metadata__]
    members = []
    for item in get_args(annotation):
        found = tuple(_models(item))
        members.append(Annotated[item, *_selection(found[0], item)] if len(found) == 1 else item)
    return Union[tuple(members)]  # noqa: UP007 - of unknown length


def _selection(model: Any, member: Any) -> tuple[Any, ...]:
    pydantic: Any = sys.modules["pydantic"]
    fields = _fields_of(model)
    text_fields = TextFields(fields, _sequences(fields), "form")

    def select(value: Any) -> Any:
        return text_fields.select(value)[0] if isinstance(value, dict) else value

    tags = [item for item in getattr(member, "__metadata__", ()) if isinstance(item, pydantic.Tag)]
    # The tag is what errors call the member.
    return pydantic.BeforeValidator(select), tags[-1] if tags else pydantic.Tag(model.__name__)


def _fields_of(model: Any) -> tuple[ModelField, ...]:
    return tuple(_field(name, info, model.model_config) for name, info in model.model_fields.items())


def _sequences(fields: Iterable[ModelField]) -> frozenset[str]:
    return frozenset(field.encoded_name for field in fields if _is_sequence(field.type))


def _field(name: str, info: Any, config: Mapping[str, Any]) -> ModelField:
    known, *further = _names(name, info, config)
    remarks = [msgspec.Meta(**said)] if (said := _remarks(info)) else []
    type_ = (
        Annotated[info.annotation, *info.metadata, *remarks] if info.metadata or remarks else info.annotation
    )
    required = info.is_required()
    default = NODEFAULT if required or info.default_factory is not None else info.default
    return ModelField(
        name, known, type_, required, default, info.default_factory, further_names=tuple(further)
    )


def _remarks(info: Any) -> dict[str, Any]:
    return {name: value for name in ("title", "description", "examples") if (value := getattr(info, name))}


def _names(name: str, info: Any, config: Mapping[str, Any]) -> list[str]:
    """The names by which clients may call a field, the documented one first."""
    choices = getattr(info.validation_alias, "choices", None)
    if choices is None:
        names = [info.validation_alias if isinstance(info.validation_alias, str) else info.alias or name]
    else:
        names = [choice for choice in choices if isinstance(choice, str)] or [info.alias or name]
    if config.get("validate_by_alias") is False:
        return [name]
    if config.get("validate_by_name", config.get("populate_by_name", False)) and name not in names:
        names.append(name)
    return names


def _is_sequence(type_: Any) -> bool:
    bare = get_args(type_)[0] if get_origin(type_) is Annotated else type_
    members = (bare, *get_args(bare))
    return any((get_origin(member) or member) in _LISTS for member in members)


def _plain(item: Any) -> Any:
    if item is None or isinstance(item, str | int | float):
        return item
    return {} if isinstance(item, Exception) else str(item)
