"""Limits on a value beyond its type: what may be set, on which types, and how a value is held against them.

Knows: `gt ge lt le multiple_of min_length max_length pattern ...` with JSON Schema's meaning, and where they may
be written: on a marker, in `Annotated` as `msgspec.Meta` or as one of the `annotated_types` classes. Does not
know: how a type is walked.
"""

import math
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, TypeAlias

import msgspec

from fasterapi.validation.errors import Refused, UnsupportedType

Check: TypeAlias = Callable[[Any], Refused | None]
"""The reason why a value is out of bounds, None when it is not."""


class Constraints(msgspec.Struct, frozen=True):
    """Limits on one value; None is no limit. Lengths count characters, bytes or items.

    >>> Constraints(ge=1, le=10)
    Constraints(ge=1, le=10)
    """

    gt: Any = None
    ge: Any = None
    lt: Any = None
    le: Any = None
    multiple_of: Any = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    strict: bool | None = None
    allow_inf_nan: bool | None = None
    max_digits: int | None = None
    decimal_places: int | None = None
    tz: bool | None = None

    def __repr__(self) -> str:
        given = (f"{name}={value!r}" for name, value in self.given().items())
        return f"Constraints({', '.join(given)})"

    def given(self) -> dict[str, Any]:
        """The limits that are set, by name."""
        return {name: value for name in _NAMES if (value := getattr(self, name)) is not None}

    def __or__(self, other: "Constraints") -> "Constraints":
        """Both; what `other` sets wins."""
        further = other.given()
        return Constraints(**(self.given() | further)) if further else self

    def __bool__(self) -> bool:
        return bool(self.given())

    def without(self, *names: str) -> "Constraints":
        """All limits but these."""
        given = self.given()
        left = {name: value for name, value in given.items() if name not in names}
        return self if len(left) == len(given) else Constraints(**left)


_NAMES: Final = Constraints.__struct_fields__
_META: Final = ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern", "tz")
_LENGTH: Final = frozenset({"min_length", "max_length"})
_ORDER: Final = frozenset({"gt", "ge", "lt", "le"})
_NUMERIC: Final = _ORDER | {"multiple_of"}
_DECIMAL: Final = _NUMERIC | {"allow_inf_nan", "max_digits", "decimal_places"}

# What may be set on each kind of value. `strict` fits every type and is read elsewhere.
_FITTING: Final[dict[str, frozenset[str]]] = {
    "int": _NUMERIC | {"allow_inf_nan"},
    "float": _NUMERIC | {"allow_inf_nan"},
    "decimal": _DECIMAL,
    "str": _LENGTH | {"pattern"},
    "bytes": _LENGTH,
    "date": _ORDER,
    "datetime": _ORDER | {"tz"},
    "time": _ORDER | {"tz"},
    "timedelta": _ORDER,
    "list": _LENGTH,
    "set": _LENGTH,
    "frozenset": _LENGTH,
    "tuple": _LENGTH,
    "dict": _LENGTH,
}

# What msgspec itself enforces, so that a decoder needs no help. On the size of sets its decoder and its `convert`
# disagree: one counts what is in the set, the other what was sent.
_NATIVE: Final[dict[str, frozenset[str]]] = {
    "int": _NUMERIC,
    "float": _NUMERIC,
    "str": _LENGTH | {"pattern"},
    "bytes": _LENGTH,
    "datetime": frozenset({"tz"}),
    "time": frozenset({"tz"}),
    "list": _LENGTH,
    "tuple": _LENGTH,
    "dict": _LENGTH,
}


def read_metadata(metadata: Iterable[Any]) -> Constraints:
    """The limits in the metadata of an `Annotated`: `Constraints`, `msgspec.Meta`, and objects with such attributes.

    The classes of `annotated_types` are known by their attributes, so that the package is not needed; anything
    else in an `Annotated` is not ours and is skipped.
    """
    found = Constraints()
    for item in metadata:
        if isinstance(item, Constraints):
            found |= item
        elif isinstance(item, msgspec.Meta):
            found |= Constraints(**{name: getattr(item, name) for name in _META})
        elif type(item).__module__.split(".")[0] in {"annotated_types", "pydantic"}:
            found |= _read_attributes(item)
    return found


def _read_attributes(item: Any) -> Constraints:
    given = {}
    for name in _NAMES:
        value = getattr(item, name, None)
        if value is not None and not callable(value):
            given[name] = value.pattern if isinstance(value, re.Pattern) else value
    return Constraints(**given)


def check_fit(constraints: Constraints, kind: str, annotation: Any) -> None:
    """Raise UnsupportedType when a limit means nothing for a value of this kind, or cannot be meant."""
    given = constraints.given()
    if not given:
        return
    fitting = _FITTING.get(kind, frozenset()) | {"strict"}
    for name, value in given.items():
        if name not in fitting:
            allowed = ", ".join(sorted(fitting - {"strict"})) or "no constraints"
            raise UnsupportedType(
                f"the constraint {name}={value!r} means nothing for {_name(annotation)}, which takes {allowed}; "
                f"remove it or change the type"
            )
    if constraints.pattern is not None:
        try:
            re.compile(constraints.pattern)
        except re.error as error:
            raise UnsupportedType(
                f"pattern={constraints.pattern!r} is no regular expression: {error}"
            ) from error


def _name(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else repr(annotation)


def split_native(constraints: Constraints, kind: str) -> tuple[msgspec.Meta | None, Constraints]:
    """What msgspec can enforce on this kind, and what is left for own code."""
    left = constraints.without("strict")
    if not left:
        return None, left
    native = _NATIVE.get(kind, frozenset())
    mine = {name: value for name, value in left.given().items() if name in native}
    if kind == "float" and left.allow_inf_nan is not False:
        left = left.without("allow_inf_nan")
    if kind == "int":
        left = left.without("allow_inf_nan")
        if any(not isinstance(mine.get(name, 0), int) for name in _NUMERIC):
            return None, left
    try:
        return (msgspec.Meta(**mine) if mine else None), left.without(*mine)
    except (TypeError, ValueError) as error:
        # msgspec takes no limit beyond 64 bits and no two lower limits; own code does.
        if not set(mine) <= _NUMERIC:
            raise UnsupportedType(f"{constraints!r}: {error}") from error
        return None, left


def compile_checks(constraints: Constraints, kind: str) -> tuple[Check, ...]:
    """One check per limit, in the order in which FastAPI reports; each gives the reason for a value out of bounds."""
    given = constraints.given()
    if not given:
        return ()
    checks: list[Check] = []
    if given.get("allow_inf_nan") is False and kind != "decimal":
        checks.append(_check_finite)
    for name in _CHECKED:
        if name in given:
            # Numbers with a point are held against such, as in msgspec and FastAPI.
            limit = float(given[name]) if kind == "float" else given[name]
            checks.append(_CHECKS[name](limit, given[name]))
    if "max_digits" in given or "decimal_places" in given:
        checks.insert(0, _digits(given.get("max_digits"), given.get("decimal_places")))
    if kind in _SIZES:
        checks += [_SIZES[kind](name, given[name]) for name in ("min_length", "max_length") if name in given]
    elif "min_length" in given or "max_length" in given:
        checks += [_items(kind, name, given[name]) for name in ("min_length", "max_length") if name in given]
    if "pattern" in given:
        checks.append(_pattern(given["pattern"]))
    if "tz" in given:
        checks.append(_timezone(given["tz"]))
    return tuple(checks)


_NOT_FINITE: Final = Refused("finite_number")


def _check_finite(value: Any) -> Refused | None:
    return _NOT_FINITE if isinstance(value, float) and not math.isfinite(value) else None


def _greater_than(limit: Any, shown: Any) -> Check:
    reason = Refused("greater_than", gt=shown)
    return lambda value: None if value > limit else reason


def _greater_than_equal(limit: Any, shown: Any) -> Check:
    reason = Refused("greater_than_equal", ge=shown)
    return lambda value: None if value >= limit else reason


def _less_than(limit: Any, shown: Any) -> Check:
    reason = Refused("less_than", lt=shown)
    return lambda value: None if value < limit else reason


def _less_than_equal(limit: Any, shown: Any) -> Check:
    reason = Refused("less_than_equal", le=shown)
    return lambda value: None if value <= limit else reason


def _multiple_of(divisor: Any, shown: Any) -> Check:
    reason = Refused("multiple_of", multiple_of=shown)

    def check(value: Any) -> Refused | None:
        try:
            rest = (
                math.fmod(value, divisor)
                if isinstance(value, float) and math.isfinite(value)
                else value % divisor
            )
        except ArithmeticError:  # an integer that no float holds, a Decimal of a million digits
            return reason
        return None if rest == 0 else reason

    return check


_CHECKS: Final[dict[str, Callable[[Any, Any], Check]]] = {
    "multiple_of": _multiple_of,
    "le": _less_than_equal,
    "lt": _less_than,
    "ge": _greater_than_equal,
    "gt": _greater_than,
}
_CHECKED: Final = tuple(_CHECKS)


def _digits(max_digits: int | None, decimal_places: int | None) -> Check:
    def check(value: Decimal) -> Refused | None:
        _, digits, exponent = value.as_tuple()
        if not isinstance(exponent, int):
            return _NOT_FINITE
        places = max(0, -exponent)
        total = max(len(digits), places) if exponent < 0 else len(digits) + exponent
        if max_digits is not None and total > max_digits:
            return Refused("decimal_max_digits", max_digits=max_digits)
        if decimal_places is not None and places > decimal_places:
            return Refused("decimal_max_places", decimal_places=decimal_places)
        if (
            max_digits is not None
            and decimal_places is not None
            and total - places > max_digits - decimal_places
        ):
            return Refused("decimal_whole_digits", whole_digits=max_digits - decimal_places)
        return None

    return check


def _text_size(unit: str) -> Callable[[str, int], Check]:
    def build(name: str, limit: int) -> Check:
        too_short = Refused(f"{unit}_too_short", min_length=limit)
        too_long = Refused(f"{unit}_too_long", max_length=limit)
        if name == "min_length":
            return lambda value: None if len(value) >= limit else too_short
        return lambda value: None if len(value) <= limit else too_long

    return build


_SIZES: Final = {"str": _text_size("string"), "bytes": _text_size("bytes")}
_FIELD_TYPES: Final = {
    "list": "List",
    "set": "Set",
    "frozenset": "Frozenset",
    "tuple": "Tuple",
    "dict": "Dictionary",
}
# FastAPI stops counting these when the limit is passed, and says "more".
_UNCOUNTED: Final = frozenset({"set", "frozenset", "dict"})


def _items(kind: str, name: str, limit: int) -> Check:
    field_type = _FIELD_TYPES[kind]

    def check_minimum(value: Any) -> Refused | None:
        if len(value) >= limit:
            return None
        return Refused("too_short", field_type=field_type, min_length=limit, actual_length=len(value))

    def check_maximum(value: Any) -> Refused | None:
        if len(value) <= limit:
            return None
        actual = None if kind in _UNCOUNTED else len(value)
        return Refused("too_long", field_type=field_type, max_length=limit, actual_length=actual)

    return check_minimum if name == "min_length" else check_maximum


def _pattern(pattern: str) -> Check:
    search = re.compile(pattern).search
    reason = Refused("string_pattern_mismatch", pattern=pattern)
    return lambda value: reason if search(value) is None else None


def _timezone(aware: bool) -> Check:
    reason = Refused("timezone_aware" if aware else "timezone_naive")
    return lambda value: None if (value.tzinfo is not None) is aware else reason
