"""Types without parts: numbers, texts, dates, registered classes.

Knows: for each of them the parser for texts and FastAPI's names for what can be wrong. Does not know: containers.
"""

import datetime as dt
import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from fasterapi.validation import instants, text
from fasterapi.validation.constraints import Check, Constraints, compile_checks, split_native
from fasterapi.validation.errors import Loc, Refused
from fasterapi.validation.hooks import CustomType, decode_custom, plain_instant
from fasterapi.validation.walk import Node, Source, Walk


class ScalarKind(msgspec.Struct, frozen=True):
    """One built-in scalar: its name, its parser for texts, and the errors for a wrong type and a wrong text."""

    name: str
    type: Any
    parse: Callable[[str], Any]
    type_error: str
    parsing_error: str
    text_in_json: bool = False  # JSON has only texts for it, so strict mode parses them, too


KINDS: Final[dict[Any, ScalarKind]] = {
    kind.type: kind
    for kind in (
        ScalarKind("int", int, text.parse_int, "int_type", "int_parsing"),
        ScalarKind("float", float, text.parse_float, "float_type", "float_parsing"),
        ScalarKind("bool", bool, text.parse_bool, "bool_type", "bool_parsing"),
        ScalarKind("str", str, text.parse_str, "string_type", "string_type"),
        ScalarKind(
            "bytes", bytes, text.parse_bytes, "bytes_type", "bytes_invalid_encoding", text_in_json=True
        ),
        ScalarKind("none", type(None), text.parse_none, "none_required", "none_required"),
        ScalarKind(
            "decimal", Decimal, text.parse_decimal, "decimal_type", "decimal_parsing", text_in_json=True
        ),
        ScalarKind("uuid", UUID, text.parse_uuid, "uuid_type", "uuid_parsing", text_in_json=True),
        ScalarKind("date", dt.date, instants.parse_date, "date_type", "date_from_datetime_parsing", True),
        ScalarKind(
            "datetime",
            dt.datetime,
            instants.parse_datetime,
            "datetime_type",
            "datetime_from_date_parsing",
            True,
        ),
        ScalarKind("time", dt.time, instants.parse_time, "time_type", "time_parsing", True),
        ScalarKind(
            "timedelta", dt.timedelta, instants.parse_timedelta, "time_delta_type", "time_delta_parsing", True
        ),
    )
}
# Other classes for bytes that msgspec decodes.
_BYTES: Final = (bytearray, memoryview)


_NOT_FINITE: Final = Refused("finite_number")
# Kinds whose values JSON has, and the classes of JSON's values that are never taken for a kind.
_IN_JSON: Final = frozenset({"int", "float", "bool", "str", "none"})
_NO_SCALARS: Final[frozenset[type]] = frozenset({type(None), list, dict})
_NEVER: Final[dict[str, frozenset[type]]] = {
    "str": _NO_SCALARS | {int, float, bool},
    "none": frozenset({list, dict}),
}
_SHAPES: Final = {"int": ("int",), "float": ("float",), "bool": ("bool",), "none": ("null",)}


class ScalarNode(Node):
    """A type without parts. Subclasses say how a value is read; constraints are checked here."""

    checks: tuple[Check, ...] = ()
    takes_text_exactly = False  # a text is already a value of this type, so in a union it comes first
    is_number = False  # JSON's numbers are values of this type
    is_limited = False  # ... but not all of them

    def inspect(self, value: Any, loc: Loc, walk: Walk) -> Any:
        try:
            found = self.read(value, walk.source)
        except Refused as reason:
            return walk.fail(loc, reason, value)
        out_of_bounds = self.limit_passed(found)
        return found if out_of_bounds is None else walk.fail(loc, out_of_bounds, value)

    def limit_passed(self, value: Any) -> Refused | None:
        """Which of the constraints the value is not within."""
        for check in self.checks:
            reason = check(value)
            if reason is not None:
                return reason
        return None

    def check(self, value: Any) -> Any:
        """The value, if it is within the constraints; raises Refused."""
        reason = self.limit_passed(value)
        if reason is not None:
            # A copy: an exception that is raised again and again would keep all its tracebacks.
            raise Refused(reason.type, **reason.context)
        return value

    def parse(self, raw: str) -> Any:
        """A text as this type, constraints not yet checked; raises Refused."""
        raise NotImplementedError

    def read(self, value: Any, source: Source) -> Any:
        """A value as this type, constraints not yet checked; raises Refused."""
        raise NotImplementedError


class BuiltinNode(ScalarNode):
    """int, str, datetime, ... with constraints."""

    def __init__(self, kind: ScalarKind, constraints: Constraints, *, strict: bool, rewritten: bool) -> None:
        self.kind = kind
        self.constraints = constraints
        self.strict = strict
        self.takes_text_exactly = kind.name == "str"
        meta, left = split_native(constraints, kind.name)
        self.annotation = kind.type if meta is None else Annotated[kind.type, meta]
        self.foreign = bool(left)
        self.guarded = kind.name == "decimal" and not constraints.allow_inf_nan
        self.rewritten = rewritten
        self.checks = compile_checks(constraints, kind.name)
        self.raw_class = kind.type if kind.name in _IN_JSON else None
        self.json_class = None if self.checks else self.raw_class
        self.wrong_type = Refused(kind.type_error)
        never = _NEVER.get(kind.name, _NO_SCALARS)
        self.never = never | {str} if strict and kind.name in _IN_JSON - {"str"} else never
        self.parses_first = kind.name not in {"bytes", "none"} and (kind.text_in_json or not strict)
        self.is_number = kind.name in {"int", "float", "bool", "decimal", "datetime", "timedelta"}
        self.is_limited = bool(self.checks)
        self.json_shapes = _SHAPES.get(kind.name, ("text",))
        constrained = bool(constraints.without("strict")) and kind.name in {"str", "int", "float", "bytes"}
        self.label = f"constrained-{kind.name}" if constrained else kind.name

    def validate(self, value: Any, loc: Loc, walk: Walk) -> Any:
        if walk.source is not Source.JSON:
            return super().validate(value, loc, walk)
        # One look suffices, where asking msgspec for the type and for the reason would be two.
        walk.visit()
        class_ = type(value)
        if class_ is self.raw_class:
            reason = self.limit_passed(value)
            return value if reason is None else walk.fail(loc, reason, value)
        return (
            walk.fail(loc, self.wrong_type, value) if class_ in self.never else self.inspect(value, loc, walk)
        )

    def explain(self, value: Any, loc: Loc, walk: Walk) -> None:
        self.validate(value, loc, walk)

    def parse(self, raw: str) -> Any:
        return self.kind.parse(raw)

    def limit_passed(self, value: Any) -> Refused | None:
        if self.guarded and not value.is_finite():
            return _NOT_FINITE
        try:
            return super().limit_passed(value)
        except (
            TypeError,
            ArithmeticError,
        ):  # a date with a zone against a limit without one, a Decimal's NaN
            return self.wrong_type

    def check(self, value: Any) -> Any:
        if self.guarded and not value.is_finite():
            raise Refused("finite_number")
        try:
            return super().check(value)
        except (
            TypeError,
            ArithmeticError,
        ):  # a date with a zone against a limit without one, a Decimal's NaN
            raise Refused(self.kind.type_error) from None

    def read(self, value: Any, source: Source) -> Any:
        if source is Source.TEXT and isinstance(value, str):
            return self.kind.parse(value)
        if source is Source.PYTHON:
            if isinstance(value, dt.date | dt.time | dt.timedelta) and type(value).__module__ != "datetime":
                value = plain_instant(value)
            if isinstance(value, self.kind.type) and not isinstance(value, bool | dt.datetime):
                return value
            value = _simplify(value, self.kind)
        elif self.parses_first and isinstance(value, str) and not _starts_a_number(value):
            self.kind.parse(value)  # takes whatever msgspec takes, and says more precisely what is wrong
        try:
            return msgspec.convert(value, self.kind.type, strict=self.strict, str_keys=True)
        except msgspec.ValidationError as error:
            raise self._refusal(value, str(error)) from error

    def _refusal(self, value: Any, sentence: str) -> Refused:
        kind = self.kind
        if isinstance(value, str) and (kind.text_in_json or not self.strict):
            if kind.name == "bytes":
                return Refused("bytes_invalid_encoding", encoding="base64", encoding_error=sentence)
            try:
                kind.parse(value)
            except Refused as reason:
                return reason
            return Refused(kind.parsing_error, error="not in the form that JSON bodies take")
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Refused(kind.type_error)
        if kind.name == "int" and not self.strict:
            return Refused("int_from_float")
        if kind.name == "bool" and value % 1 == 0 and not self.strict:
            return Refused("bool_parsing")
        if kind.name == "datetime" and not self.strict:
            return Refused("datetime_parsing", error="the number is out of range")
        return Refused(kind.type_error)


def _starts_a_number(text: str) -> bool:
    """Whether msgspec may read a number where our parsers do not: it takes `1e3` for an int."""
    return not text[:1].isalpha()


def _simplify(value: Any, kind: ScalarKind) -> Any:
    """A Python value as FastAPI's lax mode takes it for a number or a date, or unchanged."""
    if isinstance(value, bool | Decimal) and kind.name in {"int", "float"}:
        number = float(value)
        return int(value) if kind.name == "int" and number.is_integer() else number
    if kind.name == "date" and isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    if isinstance(value, enum.Enum):
        return value.value
    return value


class AnyNode(ScalarNode):
    """`Any`, `object`, a bare type variable: everything fits."""

    takes_text_exactly = True

    def __init__(self, annotation: Any = Any) -> None:
        self.annotation = annotation

    def parse(self, raw: str) -> Any:
        return raw

    def read(self, value: Any, source: Source) -> Any:  # noqa: ARG002 - the same for every source
        return value


class RawNode(AnyNode):
    """`msgspec.Raw`: JSON bytes kept as they are. msgspec makes it from bytes only, so it is made from here."""

    label = "raw"
    foreign = True

    def read(self, value: Any, source: Source) -> Any:  # noqa: ARG002 - the same for every source
        return value if isinstance(value, msgspec.Raw) else msgspec.Raw(msgspec.json.encode(value))


class CustomNode(ScalarNode):
    """A class registered with `register_type`."""

    def __init__(self, custom: CustomType) -> None:
        self.custom = custom
        self.annotation = custom.type
        self.label = custom.type.__name__

    def parse(self, raw: str) -> Any:
        return decode_custom(self.custom, raw)

    def read(self, value: Any, source: Source) -> Any:  # noqa: ARG002 - the same for every source
        return decode_custom(self.custom, value)
