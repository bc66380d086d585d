"""Values of Python code → Structs, with conversion and checks, as Pydantic's models did when they were called.

Knows: the framework's adapter. Does not know: requests; their bodies are decoded elsewhere and faster.
"""

from contextlib import suppress
from typing import Any, TypeVar, get_origin

import msgspec

from fasterapi.validation import Adapter, ErrorDict
from fasterapi.validation.walk import Enough, Source, Walk

T = TypeVar("T")


class ValidationError(msgspec.ValidationError):
    """A value does not fit a type; `errors()` lists what is wrong, in the shape of a 422's `detail`."""

    def __init__(self, title: str, errors: list[ErrorDict]) -> None:
        lines = [f"{len(errors)} validation error{'' if len(errors) == 1 else 's'} for {title}"]
        lines += [f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors]
        super().__init__("\n".join(lines))
        self.title = title
        self._errors = errors

    def errors(
        self, *, include_context: bool = True, include_input: bool = True, **_: bool
    ) -> list[dict[str, Any]]:
        """One entry per error: `type`, `loc` (from the value's root), `msg`, `input`, sometimes `ctx`.

        Pydantic's `include_url` is accepted: there are no URLs to leave out.
        """
        left_out = {
            name for name, wanted in (("ctx", include_context), ("input", include_input)) if not wanted
        }
        return [{key: item for key, item in error.items() if key not in left_out} for error in self._errors]

    def error_count(self) -> int:
        """How many there are."""
        return len(self._errors)

    def json(self, *, indent: int | None = None, **options: bool) -> str:
        """The list as JSON; the options are those of `errors`."""
        encoded = msgspec.json.encode(self.errors(**options))
        return (encoded if indent is None else msgspec.json.format(encoded, indent=indent)).decode()


def model_validate(
    type_: type[T],
    value: Any,
    *,
    strict: bool = False,
    from_attributes: bool = True,  # noqa: ARG001 - Pydantic's option; here attributes are always read
) -> T:
    """Make a `type_` of a mapping, of an object with such attributes, or of a `type_` (returned as it is).

    Unknown keys are dropped, unless the class forbids them. A mapping may use a field's own name as well as its name
    in JSON. Raises `ValidationError`. An object that is no Struct's business is handed to its own class.

    >>> class Item(msgspec.Struct):
    ...     name: str
    ...     price: float
    >>> model_validate(Item, {"name": "pen", "price": "1.5", "colour": "blue"})
    Item(name='pen', price=1.5)
    """
    own = getattr(type_, "model_validate", None)
    if own is not None and not _is_struct(type_):
        found: T = own(value)
        return found
    if type(value) is type_:
        return value
    walk = Walk(Source.PYTHON)
    with suppress(Enough):  # the list of errors is full: it is raised as it is
        found = Adapter(type_, strict=strict).node.validate(value, (), walk)
    if walk.errors:
        raise ValidationError(getattr(type_, "__name__", repr(type_)), walk.errors)
    return found


def model_validate_json(type_: type[T], text: str | bytes, *, strict: bool = False) -> T:
    """Decode JSON as a `type_`; raises `ValidationError`.

    >>> class Item(msgspec.Struct):
    ...     name: str
    >>> model_validate_json(Item, '{"name": "pen"}')
    Item(name='pen')
    """
    own = getattr(type_, "model_validate_json", None)
    if own is not None and not _is_struct(type_):
        found: T = own(text)
        return found
    adapter: Adapter[T] = Adapter(type_, strict=strict)
    content = text.encode() if isinstance(text, str) else text
    try:
        return adapter.decode(content)
    except (ValueError, RecursionError, msgspec.MsgspecError) as error:
        raise ValidationError(type_.__name__, adapter.json_errors(content, ())) from error


def model_construct(type_: type[T], **values: Any) -> T:
    """Make a `type_` of trusted values: no conversion, no checks beyond `__post_init__`; unknown names are dropped."""
    own = getattr(type_, "model_construct", None)
    if own is not None and not _is_struct(type_):
        found: T = own(**values)
        return found
    names = getattr(get_origin(type_) or type_, "__struct_fields__", ())
    return type_(**{name: value for name, value in values.items() if name in names})


def _is_struct(type_: Any) -> bool:
    class_ = get_origin(type_) or type_
    return isinstance(class_, type) and issubclass(class_, msgspec.Struct)
