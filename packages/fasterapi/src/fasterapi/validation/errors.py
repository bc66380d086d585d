"""What can be wrong with a value: error names, their texts, and the shape in which clients read them.

Knows: FastAPI's names and texts (https://docs.pydantic.dev/latest/errors/validation_errors/). Does not know:
types, requests, or how an error was found.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final, NotRequired, TypeAlias, TypedDict

from fasterapi.exceptions import FasterAPIError
from fasterapi.validation.echo import echo

Loc: TypeAlias = tuple[str | int, ...]


class ErrorDict(TypedDict):
    """One entry of the list `detail` in a 422; always encodable by `msgspec.json`."""

    type: str
    loc: Loc
    msg: str
    input: Any  # whatever the client sent, cut to a safe size
    ctx: NotRequired[dict[str, Any]]  # numbers and texts that the message is made of


class UnsupportedType(FasterAPIError, TypeError):  # noqa: N818 - named for what is wrong
    """A declared type, or a constraint on it, cannot be honoured. Raised at registration."""


class SerializationError(FasterAPIError, ValueError):
    """A handler's value does not fit its response model; `errors` says where, under `("response", ...)`."""

    def __init__(self, errors: list[ErrorDict]) -> None:
        lines = [f"{len(errors)} error{'' if len(errors) == 1 else 's'} in the value returned"]
        lines += [f"  {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors]
        super().__init__("\n".join(lines))
        self.errors = errors


class Refused(ValueError):  # noqa: N818 - a reason, handed from a parser to the walk
    """Why one value does not fit: the error's `type` and the numbers and texts for its message.

    >>> Refused("greater_than", gt=3).message
    'Input should be greater than 3'
    """

    __slots__ = ("context", "type")  # read for every error of a 422

    def __init__(self, type_: str, **context: Any) -> None:
        super().__init__(type_)
        self.type = type_
        self.context = context

    @cached_property
    def message(self) -> str:
        """The English sentence for this error."""
        return render(self.type, self.context)

    def __str__(self) -> str:
        return self.message

    def as_error(self, loc: Loc, value: Any) -> ErrorDict:
        """The reason as an error about `value` at `loc`."""
        return self.about(loc, echo(value))

    def about(self, loc: Loc, given: Any) -> ErrorDict:
        """As `as_error`, where `given` is safe to be sent back as it is."""
        if not self.context:  # the same as below, for most errors
            type_ = self.type
            return {"type": type_, "loc": loc, "msg": _TEXTS.get(type_, type_), "input": given}
        error: ErrorDict = {"type": self.type, "loc": loc, "msg": self.message, "input": given}
        if self._ctx:
            error["ctx"] = {**self._ctx}
        return error

    @cached_property
    def _ctx(self) -> dict[str, Any]:
        return {name: _plain(item) for name, item in self.context.items() if name not in _HIDDEN}


# The exceptions that converting a text may raise: a parser's refusal, or a table without the text.
TEXT_ERRORS: Final = (ValueError, KeyError)

# Parts of a message that FastAPI's `ctx` does not have.
_HIDDEN: Final = frozenset({"sentence", "path_type"})

_TEXTS: Final[Mapping[str, str]] = {
    "missing": "Field required",
    "extra_forbidden": "Extra inputs are not permitted",
    "json_invalid": "JSON decode error",
    "value_error": "Value error, {sentence}",
    "none_required": "Input should be None",
    "int_type": "Input should be a valid integer",
    "int_parsing": "Input should be a valid integer, unable to parse string as an integer",
    "int_parsing_size": "Unable to parse input string as an integer, exceeded maximum size",
    "int_from_float": "Input should be a valid integer, got a number with a fractional part",
    "finite_number": "Input should be a finite number",
    "float_type": "Input should be a valid number",
    "float_parsing": "Input should be a valid number, unable to parse string as a number",
    "bool_type": "Input should be a valid boolean",
    "bool_parsing": "Input should be a valid boolean, unable to interpret input",
    "string_type": "Input should be a valid string",
    "string_too_short": "String should have at least {min_length} character{s}",
    "string_too_long": "String should have at most {max_length} character{s}",
    "string_pattern_mismatch": "String should match pattern '{pattern}'",
    "bytes_type": "Input should be a valid bytes",
    "bytes_too_short": "Data should have at least {min_length} byte{s}",
    "bytes_too_long": "Data should have at most {max_length} byte{s}",
    "bytes_invalid_encoding": "Data should be valid {encoding}: {encoding_error}",
    "greater_than": "Input should be greater than {gt}",
    "greater_than_equal": "Input should be greater than or equal to {ge}",
    "less_than": "Input should be less than {lt}",
    "less_than_equal": "Input should be less than or equal to {le}",
    "multiple_of": "Input should be a multiple of {multiple_of}",
    "decimal_type": "Decimal input should be an integer, float, string or Decimal object",
    "decimal_parsing": "Input should be a valid decimal",
    "decimal_max_digits": "Decimal input should have no more than {max_digits} digit{s} in total",
    "decimal_max_places": "Decimal input should have no more than {decimal_places} decimal place{s}",
    "decimal_whole_digits": "Decimal input should have no more than {whole_digits} digit{s} before the decimal point",
    "date_type": "Input should be a valid date",
    "date_parsing": "Input should be a valid date in the format YYYY-MM-DD, {error}",
    "date_from_datetime_parsing": "Input should be a valid date or datetime, {error}",
    "date_from_datetime_inexact": "Datetimes provided to dates should have zero time - e.g. be exact dates",
    "datetime_type": "Input should be a valid datetime",
    "datetime_parsing": "Input should be a valid datetime, {error}",
    "datetime_from_date_parsing": "Input should be a valid datetime or date, {error}",
    "timezone_aware": "Input should have timezone info",
    "timezone_naive": "Input should not have timezone info",
    "time_type": "Input should be a valid time",
    "time_parsing": "Input should be in a valid time format, {error}",
    "time_delta_type": "Input should be a valid timedelta",
    "time_delta_parsing": "Input should be a valid timedelta, {error}",
    "uuid_type": "UUID input should be a string, bytes or UUID object",
    "uuid_parsing": "Input should be a valid UUID, {error}",
    "ip_v4_address": "Input is not a valid IPv4 address",
    "ip_v6_address": "Input is not a valid IPv6 address",
    "ip_v4_network": "Input is not a valid IPv4 network",
    "ip_v6_network": "Input is not a valid IPv6 network",
    "ip_v4_interface": "Input is not a valid IPv4 interface",
    "ip_v6_interface": "Input is not a valid IPv6 interface",
    "path_type": "Input is not a valid path for {path_type}",
    "pattern_type": "Input should be a valid pattern",
    "pattern_regex": "Input should be a valid regular expression",
    "enum": "Input should be {expected}",
    "literal_error": "Input should be {expected}",
    "list_type": "Input should be a valid list",
    "set_type": "Input should be a valid set",
    "frozen_set_type": "Input should be a valid frozenset",
    "tuple_type": "Input should be a valid tuple",
    "set_item_not_hashable": "Set items should be hashable",
    "dict_type": "Input should be a valid dictionary",
    "too_short": "{field_type} should have at least {min_length} item{s} after validation, not {actual_length}",
    "too_long": "{field_type} should have at most {max_length} item{s} after validation, not {count}",
    "model_attributes_type": "Input should be a valid dictionary or object to extract fields from",
    "dataclass_type": "Input should be a dictionary or an instance of {class_name}",
    "named_tuple_type": "Input should be a tuple, list, dictionary or an instance of {class_name}",
    "union_tag_not_found": "Unable to extract tag using discriminator {discriminator}",
    "union_tag_invalid": (
        "Input tag '{tag}' found using {discriminator} does not match any of the expected tags: {expected_tags}"
    ),
    "recursion_loop": "Recursion error - input is nested too deeply",
}

_COUNTED: Final = ("min_length", "max_length", "max_digits", "decimal_places", "whole_digits")


def render(type_: str, context: Mapping[str, Any]) -> str:
    """The message of error `type_` with the parts in `context`; a type of your own brings its `sentence`.

    >>> render("string_too_short", {"min_length": 1})
    'String should have at least 1 character'
    """
    if not context:
        return _TEXTS.get(type_, type_)
    count = next((context[name] for name in _COUNTED if name in context), None)
    parts = {name: _text(item) for name, item in context.items()}
    actual = context.get("actual_length")
    parts["count"] = "more" if actual is None else str(actual)
    return _TEXTS.get(type_, "{sentence}").format_map(
        {"s": "" if count == 1 else "s", "sentence": type_} | parts
    )


def _text(item: Any) -> str:
    if isinstance(item, float) and item.is_integer():
        return f"{item:.0f}"
    isoformat = getattr(item, "isoformat", None)
    return isoformat() if isoformat is not None else str(item)


def _plain(item: Any) -> Any:
    if item is None or isinstance(item, str | int | float | dict):
        return item
    return _text(item)
