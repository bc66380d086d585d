"""One declared type with everything the framework asks of it: the only door to this package for parameters.

Knows: how decoding, the slow pass and the conversion of texts belong together. Does not know: requests, routes, or
where a value came from (the caller says so by `loc`).
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, Generic, TypeVar, cast

import msgspec

from fasterapi.validation.build import build
from fasterapi.validation.classify import (
    TypeKind,
    classify,
    is_model_type,
    is_scalar_sequence_type,
    is_scalar_type,
)
from fasterapi.validation.completion import completing, leaves_defaults
from fasterapi.validation.constraints import Constraints
from fasterapi.validation.echo import echo, is_safe
from fasterapi.validation.errors import ErrorDict, Loc, Refused
from fasterapi.validation.fields import ModelField
from fasterapi.validation.fields_set import start_tracking
from fasterapi.validation.guard import guarding
from fasterapi.validation.hooks import dec_hook
from fasterapi.validation.inline import converter, inline
from fasterapi.validation.malformed import json_error, repeated_name
from fasterapi.validation.models import ModelNode
from fasterapi.validation.pydantic_models import PydanticNode
from fasterapi.validation.record import record
from fasterapi.validation.scalars import ScalarNode
from fasterapi.validation.textfields import TextFields, TextSource, rename
from fasterapi.validation.unions import OptionalNode
from fasterapi.validation.walk import INVALID, Enough, Node, Source, Walk, reachable

T = TypeVar("T")

_DECODE: Final = msgspec.json.Decoder().decode
_JSON: Final = Source.JSON  # an attribute of an enumeration is looked up slowly
_BODY: Final[Loc] = ("body",)
_NO_LIMITS: Final = Constraints()


class Adapter(Generic[T]):
    """A type, read once at registration.

    `constraints` are those of the marker; those in `Annotated` are found by themselves. `strict` asks for no
    conversions between JSON's types (`"1"` is no int). Raises UnsupportedType for a type that cannot be read and
    for a constraint that means nothing for it.

    >>> adapter = Adapter(list[int], constraints=Constraints(max_length=2))
    >>> adapter.decode(b"[1, 2]")
    [1, 2]
    >>> [(error["type"], error["loc"]) for error in adapter.json_errors(b'["x", 2]')]
    [('int_parsing', ('body', 0))]
    """

    def __init__(self, type_: Any, *, constraints: Constraints | None = None, strict: bool = False) -> None:
        self.type = type_
        self.strict = strict
        self.constraints = constraints or _NO_LIMITS
        self.node: Node = build(type_, self.constraints, strict=strict)

    def __repr__(self) -> str:
        return f"Adapter({self.type!r})"

    @cached_property
    def kind(self) -> TypeKind:
        """What the type looks like from outside."""
        return classify(self.type)

    @cached_property
    def is_scalar(self) -> bool:
        """Whether one text can hold it: a query parameter unless declared otherwise."""
        return is_scalar_type(self.type)

    @cached_property
    def is_scalar_sequence(self) -> bool:
        """Whether several texts of one name can hold it."""
        return is_scalar_sequence_type(self.type)

    @cached_property
    def is_model(self) -> bool:
        """Whether it has fields: a body unless declared otherwise."""
        return is_model_type(self.type)

    @cached_property
    def schema_type(self) -> Any:
        """The type with its constraints as msgspec understands them, for JSON Schema."""
        return self.node.annotation

    @cached_property
    def model_fields(self) -> tuple[ModelField, ...]:
        """The fields of a model (of an optional one, too), in order; empty for any other type."""
        node = self.node.inner if isinstance(self.node, OptionalNode) else self.node
        if isinstance(node, PydanticNode):
            return node.fields
        return tuple(field for field, _ in node.fields) if isinstance(node, ModelNode) else ()

    # JSON -----------------------------------------------------------------------------------------------------

    @cached_property
    def decode(self) -> Callable[[bytes], T]:
        """JSON bytes → value; raises ValueError (whatever msgspec raises) or RecursionError.

        Where msgspec knows the type, this is the bound method of its decoder and nothing else.
        """
        if not self.node.decodable:
            return self._decode_foreign
        decoder = msgspec.json.Decoder(self.node.annotation, strict=self.strict, dec_hook=dec_hook)
        decode = completing(decoder.decode) if leaves_defaults(self.node) else decoder.decode
        return decode if self.node.native else guarding(decode, self._decode_foreign)

    def _decode_foreign(self, body: bytes) -> T:
        return self.convert(msgspec.json.decode(body))

    @cached_property
    def convert(self) -> Callable[[Any], T]:
        """An object already decoded from JSON → value; raises ValueError."""
        if not self.node.native:
            return self._convert_foreign
        annotation, strict = self.node.annotation, self.strict

        def convert(value: Any) -> T:
            found: T = msgspec.convert(value, annotation, strict=strict, str_keys=True, dec_hook=dec_hook)
            return found

        return completing(convert) if leaves_defaults(self.node) else convert

    def _convert_foreign(self, value: Any) -> T:
        found, errors = self._run(value, (), Walk(Source.JSON))
        if errors:
            raise msgspec.ValidationError(errors[0]["msg"])
        return cast("T", found)

    def decode_tracked(self, body: bytes) -> T:
        """As `decode`, and `fields_set` knows afterwards, for the rest of this request, what the client sent.

        Costs a second pass; asked for by routes whose handlers use `fields_set`.
        """
        value = self.decode(body)
        start_tracking()
        record(self.node, value, msgspec.json.decode(body))
        return value

    def convert_tracked(self, value: Any) -> T:
        """As `convert`, and `fields_set` knows afterwards, as with `decode_tracked`."""
        found = self.convert(value)
        start_tracking()
        record(self.node, found, value)
        return found

    def errors(self, value: Any, loc: Loc = _BODY) -> list[ErrorDict]:
        """Everything that is wrong with an object decoded from JSON; empty exactly when `convert` accepts it."""
        return self._run(value, loc, Walk(Source.JSON))[1]

    @cached_property
    def explain(self) -> Callable[[bytes], list[ErrorDict]]:
        """As `json_errors`, for a body that `decode` has just refused."""
        if not self.node.native:
            return self.json_errors
        explain_value = self.node.explain

        def explain(body: bytes) -> list[ErrorDict]:
            walk = Walk(_JSON, None, False, is_safe(body))
            try:
                explain_value(_DECODE(body), _BODY, walk)
            except (ValueError, RecursionError, Enough):
                return self.json_errors(body)
            # A validator's refusal, a name given twice: nothing that one part alone shows.
            return walk.errors or self.json_errors(body)

        return explain

    def json_errors(self, body: bytes, loc: Loc = _BODY) -> list[ErrorDict]:
        """Everything that is wrong with JSON bytes; empty exactly when `decode` accepts them. Never raises."""
        try:
            value = msgspec.json.decode(body)
        except (ValueError, RecursionError) as error:
            # A type such as Decimal takes numbers that no float can hold.
            return [] if self._refusal(body) is None else [json_error(body, loc, str(error))]
        errors = self._run(value, loc, Walk(Source.JSON, is_safe=is_safe(body)))[1]
        reason = None if errors else self._refusal(body)
        return errors if reason is None else [reason.as_error(loc, value)]

    def _refusal(self, body: bytes) -> Refused | None:
        """Why the decoder refuses JSON in which the walk finds nothing wrong; None if it does not."""
        try:
            self.decode(body)
        except RecursionError:
            return Refused("recursion_loop")
        except ValueError:
            name = repeated_name(body)
            sentence = (
                "not in the form that the type takes" if name is None else f"{echo(name)!r} is given twice"
            )
            return Refused("value_error", sentence=sentence, error={})
        return None

    def _run(self, value: Any, loc: Loc, walk: Walk) -> tuple[Any, list[ErrorDict]]:
        found: Any = INVALID
        try:
            found = self.node.validate(value, loc, walk)
        except Enough:
            if not walk.errors:
                walk.errors.append(_TOO_LONG.as_error(loc, None))
        except RecursionError:
            walk.errors.append(Refused("recursion_loop").as_error(loc, None))
        return found, walk.errors

    # texts of a path, query, header, cookie or form -----------------------------------------------------------

    @cached_property
    def text_inline(self) -> str | None:
        """An expression that converts the text in the variable `{raw}`; None when `from_text` must be called.

        Its other names are in `text_namespace`. It may raise any of TEXT_ERRORS, and binds the local `number`.
        """
        found = inline(self.node)
        return None if found is None else found.template

    @cached_property
    def text_namespace(self) -> dict[str, object]:
        """What the names in `text_inline` stand for."""
        found = inline(self.node)
        return {} if found is None else dict(found.namespace)

    @cached_property
    def from_text(self) -> Callable[[str], T]:
        """One text → value; raises ValueError (one of TEXT_ERRORS)."""
        node = self.node.inner if isinstance(self.node, OptionalNode) else self.node
        return converter(node) if isinstance(node, ScalarNode) else self._walk_text

    def _walk_text(self, raw: Any) -> T:
        found, errors = self._run(raw, (), Walk(Source.TEXT))
        if errors:
            raise Refused("value_error", sentence=errors[0]["msg"])
        return cast("T", found)

    def from_texts(self, raws: list[str]) -> T:
        """All texts of one name → value; raises ValueError (one of TEXT_ERRORS)."""
        return self._walk_text(raws)

    def text_errors(self, raw: str | list[str], loc: Loc) -> list[ErrorDict]:
        """Everything that is wrong with a text, or with the texts of one name; empty if nothing is."""
        return self._run(raw, loc, Walk(Source.TEXT))[1]

    # models made of texts -------------------------------------------------------------------------------------

    def text_fields(self, source: TextSource, *, convert_underscores: bool = False) -> TextFields:
        """How the fields of the model, or of those of a union, are found among texts."""
        node = self.node.inner if isinstance(self.node, OptionalNode) else self.node
        if isinstance(node, PydanticNode) and len(node.models) > 1:
            return TextFields((), frozenset(), source, known=node.all_fields)
        if not isinstance(node, ModelNode | PydanticNode):
            members = [member for member in reachable(node) if isinstance(member, ModelNode)]
            known = [field for member in members for field in member.named_fields]
            drops_empty = source == "form"
            return TextFields((), frozenset(), source, known=known, drops_empty=drops_empty)
        return TextFields(self.model_fields, node.sequences, source, convert_underscores=convert_underscores)

    @property
    def heeds_further_names(self) -> bool:
        """Whether names of no field mean something to the model: it refuses them, or keeps them."""
        return any(
            member.heeds_further_names
            for member in reachable(self.node)
            if isinstance(member, ModelNode | PydanticNode)
        )

    def from_mapping(
        self, texts: Mapping[str, Any], loc: Loc, fields: TextFields | None = None
    ) -> tuple[T | None, list[ErrorDict]]:
        """The texts of a query, header list, cookie or form → a model, or None and everything that is wrong.

        A name given several times has a list of texts. `fields` are this adapter's `text_fields`, the query's if
        they are not given.
        """
        fields = fields or self.text_fields("query")
        given, called = fields.select(texts)
        found, errors = self._run(given, loc, Walk(Source.TEXT))
        if errors and called:
            rename(errors, len(loc), called)
        return (None, errors) if errors else (found, errors)


_TOO_LONG: Final = Refused("value_error", sentence="too large to be checked", error={})
