"""A model class → its fields. Five kinds of class are models: Struct, dataclass, attrs, TypedDict, NamedTuple.

Knows: where each of them keeps names, types and defaults, and how type arguments replace type variables. Does
not know: how a field's value is checked.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Generic, TypeVar, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, UNSET

from fasterapi.validation.errors import UnsupportedType


class ModelField(msgspec.Struct, frozen=True):
    """One field: its Python `name`, the name clients use, its type (with `Annotated`), and its default.

    `further_names` are others that clients may use.
    """

    name: str
    encoded_name: str
    type: Any
    required: bool
    default: Any = NODEFAULT
    default_factory: Callable[[], Any] | None = None
    init: bool = True
    further_names: tuple[str, ...] = ()

    def make_default(self) -> Any:
        """The value of a field that was not sent."""
        return self.default_factory() if self.default_factory is not None else self.default


Kind = typing.Literal["struct", "dataclass", "attrs", "typeddict", "namedtuple"]


def model_kind(annotation: Any) -> Kind | None:
    """Which kind of model this class (or generic alias of one) is; None for anything else."""
    class_ = get_origin(annotation) or annotation
    if not isinstance(class_, type):
        return None
    if isinstance(class_, msgspec.StructMeta):
        return "struct"
    if typing.is_typeddict(class_):
        return "typeddict"
    if issubclass(class_, tuple):
        return "namedtuple" if hasattr(class_, "_fields") else None
    if dataclasses.is_dataclass(class_):
        return "dataclass"
    return "attrs" if hasattr(class_, "__attrs_attrs__") else None


def model_fields(annotation: Any) -> tuple[ModelField, ...]:
    """The fields of a model in order of declaration, with generic arguments filled in.

    Raises UnsupportedType when `annotation` is no model, or names a type that cannot be found.

    >>> class Item(msgspec.Struct, rename="camel"):
    ...     unit_price: float = 0.0
    >>> [(field.name, field.encoded_name, field.required) for field in model_fields(Item)]
    [('unit_price', 'unitPrice', False)]
    """
    kind = model_kind(annotation)
    if kind is None:
        raise UnsupportedType(
            f"{annotation!r} is no model: no Struct, dataclass, attrs class, TypedDict or NamedTuple"
        )
    try:
        return _READERS[kind](annotation)
    except NameError as error:
        name = getattr(annotation, "__name__", repr(annotation))
        raise UnsupportedType(
            f"{name} uses the name {error.name!r} in an annotation, which its module does not have at run time; "
            "import it outside of `if TYPE_CHECKING:`"
        ) from error


def _struct(annotation: Any) -> tuple[ModelField, ...]:
    found = []
    for info in msgspec.structs.fields(annotation):
        factory = None if info.default_factory is NODEFAULT else info.default_factory
        found.append(ModelField(info.name, info.encode_name, info.type, info.required, info.default, factory))
    return tuple(found)


def _dataclass(annotation: Any) -> tuple[ModelField, ...]:
    hints = _hints(annotation)
    found = []
    for item in dataclasses.fields(get_origin(annotation) or annotation):
        default = NODEFAULT if item.default is dataclasses.MISSING else item.default
        factory = None if item.default_factory is dataclasses.MISSING else item.default_factory
        required = default is NODEFAULT and factory is None
        found.append(
            ModelField(item.name, item.name, hints[item.name], required, default, factory, item.init)
        )
    return tuple(found)


def _attrs(annotation: Any) -> tuple[ModelField, ...]:
    hints = _hints(annotation)
    found = []
    for item in (get_origin(annotation) or annotation).__attrs_attrs__:
        # attrs' own marks are found by their shape, so that the package is not needed.
        factory = getattr(item.default, "factory", None)
        default = NODEFAULT if factory is not None or repr(item.default) == "NOTHING" else item.default
        required = default is NODEFAULT and factory is None
        type_ = hints.get(item.name, Any)
        found.append(ModelField(item.name, item.name, type_, required, default, factory, item.init))
    return tuple(found)


def _typeddict(annotation: Any) -> tuple[ModelField, ...]:
    class_ = get_origin(annotation) or annotation
    required = class_.__required_keys__
    found = []
    for name, qualified in _hints(annotation).items():
        is_required, type_ = _unqualify(qualified, name in required)
        found.append(ModelField(name, name, type_, is_required, UNSET))
    return tuple(found)


def _namedtuple(annotation: Any) -> tuple[ModelField, ...]:
    class_ = get_origin(annotation) or annotation
    hints = _hints(annotation)
    defaults = class_._field_defaults
    return tuple(
        ModelField(name, name, hints.get(name, Any), name not in defaults, defaults.get(name, NODEFAULT))
        for name in class_._fields
    )


_READERS: Final[Mapping[Kind, Callable[[Any], tuple[ModelField, ...]]]] = {
    "struct": _struct,
    "dataclass": _dataclass,
    "attrs": _attrs,
    "typeddict": _typeddict,
    "namedtuple": _namedtuple,
}

# `ReadOnly` came with Python 3.13.
_QUALIFIERS: Final = {
    typing.Required: True,
    typing.NotRequired: False,
    getattr(typing, "ReadOnly", None): None,
}


def _unqualify(type_: Any, required: bool) -> tuple[bool, Any]:
    """Without `Required`, `NotRequired` and `ReadOnly`, which say something about the key, not about the value."""
    while (origin := get_origin(type_)) in _QUALIFIERS and origin is not None:
        says = _QUALIFIERS[origin]
        required = required if says is None else says
        (type_,) = get_args(type_)
    return required, type_


def _hints(annotation: Any) -> dict[str, Any]:
    class_ = get_origin(annotation) or annotation
    hints = typing.get_type_hints(class_, include_extras=True)
    arguments = _type_arguments(annotation, class_)
    return {name: substitute(type_, arguments) for name, type_ in hints.items()} if arguments else hints


def _type_arguments(annotation: Any, class_: Any) -> dict[Any, Any]:
    """What each type variable stands for, base classes included: `class B(A[int])` binds A's variable."""
    bound = dict(zip(getattr(class_, "__parameters__", ()), get_args(annotation), strict=False))
    for base in getattr(class_, "__orig_bases__", ()):
        origin = get_origin(base)
        if origin is None or origin is Generic:
            continue
        given = tuple(substitute(item, bound) for item in get_args(base))
        bound = _type_arguments(origin[given], origin) | bound
    return bound


def substitute(type_: Any, arguments: Mapping[Any, Any]) -> Any:
    """`type_` with type variables replaced.

    >>> T = TypeVar("T")
    >>> substitute(dict[str, T], {T: int})
    dict[str, int]
    """
    if isinstance(type_, TypeVar):
        return arguments.get(type_, type_)
    if get_origin(type_) is Annotated:
        inner, *metadata = get_args(type_)
        return Annotated[substitute(inner, arguments), *metadata]
    parameters = getattr(type_, "__parameters__", ())
    if not parameters or isinstance(type_, type):
        return type_
    return type_[tuple(arguments.get(parameter, parameter) for parameter in parameters)]
