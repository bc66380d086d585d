"""Views: a model without some of its fields, for those who may not see or send them.

Knows: how a view's fields are made of the model's. Does not know: routes; a view is a Struct like any other, so
filtering, validation and the document treat it as one that was written by hand.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias, Union

import msgspec
from msgspec import NODEFAULT, UNSET, UnsetType

from fasterapi.exceptions import FasterAPIError
from fasterapi.validation.fields import ModelField, model_fields, model_kind
from fasterapi.validation.rewrite import rewrite

__all__ = ["Fields", "View", "view_of"]

Fields: TypeAlias = Iterable[str] | Mapping[str, Any]
"""Names of fields; a mapping's values are True for the whole field, or the Fields of the model inside of it."""

_Frozen: TypeAlias = tuple[tuple[str, Any], ...]
_LONGEST_NAME = 60


class View:
    """Says in a return annotation which fields of a model are sent: `Annotated[Item, View(exclude={"password"})]`.

    `include` keeps only these fields, `exclude` leaves these out; mappings reach into fields that hold models.
    `rename` maps fields to their names in JSON. `partial` makes every field optional, as a PATCH wants its body.
    `name` is the name in the document; by default it is made of the model's and of what is left out.
    Raises FasterAPIError, when it meets its model, for fields that the model does not have, and for a view of none.

    Type checkers see the model itself, and the handler returns one.

    >>> class User(msgspec.Struct):
    ...     name: str
    ...     password: str
    >>> View(exclude={"password"}).response_type(User)
    <class '...UserWithoutPassword'>
    """

    __slots__ = ("exclude", "include", "name", "partial", "rename")

    def __init__(
        self,
        *,
        include: Fields | None = None,
        exclude: Fields | None = None,
        rename: Mapping[str, str] | None = None,
        partial: bool = False,
        name: str | None = None,
    ) -> None:
        self.include = None if include is None else _frozen(include)
        self.exclude = _frozen(exclude or ())
        self.rename = tuple((rename or {}).items())
        self.partial = partial
        self.name = name

    def response_type(self, model: Any) -> Any:
        """The view of `model`; of every model in it where it is `list[Item]`, `Item | None` and their kin."""
        made = _inside(model, self)
        if made is model:
            message = f"{self!r} stands beside {model!r}, which is no model and holds none"
            raise FasterAPIError(message)
        return made

    @property
    def _key(self) -> tuple[Any, ...]:
        return (self.include, self.exclude, self.rename, self.partial, self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, View) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        given = {
            "include": self.include and [name for name, _ in self.include],
            "exclude": [name for name, _ in self.exclude],
            "rename": dict(self.rename),
            "partial": self.partial,
            "name": self.name,
        }
        return f"View({', '.join(f'{name}={value!r}' for name, value in given.items() if value)})"


def view_of(
    model: Any,
    *,
    include: Fields | None = None,
    exclude: Fields | None = None,
    rename: Mapping[str, str] | None = None,
    partial: bool = False,
    name: str | None = None,
) -> Any:
    """The view itself, a Struct: for `response_model=`, for bodies, for `msgspec.convert`. Arguments as View's.

    Two views that are alike are one class.

    >>> class Item(msgspec.Struct):
    ...     id: int
    ...     price: float
    >>> Change = view_of(Item, exclude={"id"}, partial=True)
    >>> msgspec.json.decode(b'{"price": 2}', type=Change)
    PartialItemWithoutId(price=2.0)
    """
    view = View(include=include, exclude=exclude, rename=rename, partial=partial, name=name)
    return view.response_type(model)


def _frozen(fields: Fields) -> _Frozen:
    """Names, each with the names inside of it or None for the whole field; in an order that says nothing."""
    if isinstance(fields, str):
        message = f"the fields of a view are a set of names, not the text {fields!r}"
        raise FasterAPIError(message)
    named: Mapping[str, Any] = fields if isinstance(fields, Mapping) else dict.fromkeys(fields, True)
    return tuple(
        sorted((name, None if inner in (True, ...) else _frozen(inner)) for name, inner in named.items())
    )


def _inside(annotation: Any, view: View) -> Any:
    return rewrite(annotation, lambda part: _make(part, view) if model_kind(part) else None, kept=None)


@lru_cache(maxsize=1024)
def _make(model: Any, view: View) -> Any:
    if model_kind(model) == "namedtuple":
        message = (
            f"a view of {model.__name__} is not possible: the fields of a NamedTuple have places, not names"
        )
        raise FasterAPIError(message)
    fields = {field.name: field for field in model_fields(model)}
    included, excluded, renamed = dict(view.include or ()), dict(view.exclude), dict(view.rename)
    _refuse_unknown(model, view, {*included, *excluded, *renamed} - fields.keys())
    kept = [
        field
        for name, field in fields.items()
        if (view.include is None or name in included) and excluded.get(name, UNSET) is not None
    ]
    if not kept:
        message = f"{view!r} of {_name(model)} has no fields at all"
        raise FasterAPIError(message)
    names = {field.name: renamed.get(field.name, field.encoded_name) for field in kept}
    _refuse_twice(model, view, list(names.values()))
    definitions = [
        _definition(
            field, _type_of(model, field, included.get(field.name), excluded.get(field.name)), view.partial
        )
        for field in kept
    ]
    config = getattr(model, "__struct_config__", None)
    class_ = getattr(model, "__origin__", model)
    return msgspec.defstruct(
        view.name or _default_name(model, view),
        definitions,
        module=class_.__module__,
        namespace={"__doc__": class_.__doc__} if config is not None else None,
        kw_only=True,
        rename=names,
        frozen=bool(getattr(config, "frozen", False)),
        omit_defaults=bool(getattr(config, "omit_defaults", False)),
        forbid_unknown_fields=bool(getattr(config, "forbid_unknown_fields", False)),
        tag=getattr(config, "tag", None),
        tag_field=getattr(config, "tag_field", None),
    )


def _type_of(model: Any, field: ModelField, included: Any, excluded: Any) -> Any:
    """The type of a field, with views of the models in it where the view reaches into them."""
    if not included and not excluded:
        return field.type
    inner = View()
    inner.include, inner.exclude = included, excluded or ()
    made = _inside(field.type, inner)
    if made is field.type:
        message = (
            f"a view of {_name(model)} reaches into {field.name!r}, which holds no model: {field.type!r}"
        )
        raise FasterAPIError(message)
    return made


def _definition(field: ModelField, type_: Any, partial: bool) -> tuple[str, Any] | tuple[str, Any, Any]:
    is_absent_by_default = partial or (not field.required and field.default is UNSET)
    if is_absent_by_default:
        return (field.name, Union[type_, UnsetType], UNSET)  # noqa: UP007 - a forward reference has no `|`
    if field.default_factory is not None:
        return (field.name, type_, msgspec.field(default_factory=field.default_factory))
    if field.required or field.default is NODEFAULT:
        return (field.name, type_)
    return (field.name, type_, msgspec.field(default=field.default))


def _refuse_unknown(model: Any, view: View, unknown: set[str]) -> None:
    if unknown:
        known = ", ".join(field.name for field in model_fields(model))
        message = f"{view!r}: {_name(model)} has no field {min(unknown)!r} (it has: {known})"
        raise FasterAPIError(message)


def _refuse_twice(model: Any, view: View, names: list[str]) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        message = f"{view!r} of {_name(model)}: two fields would be called {twice!r}"
        raise FasterAPIError(message)


def _name(model: Any) -> str:
    """`Page[Item]` as one word.

    >>> _name(dict), _name(list[int])
    ('dict', 'listInt')
    """
    origin, arguments = getattr(model, "__origin__", model), getattr(model, "__args__", ())
    return str(origin.__name__) + "".join(
        _pascal(getattr(argument, "__name__", "")) for argument in arguments
    )


def _default_name(model: Any, view: View) -> str:
    """`ItemWithoutPassword`, `ItemWithIdName`, `PartialItem`: the same view always has the same name."""
    name = ("Partial" if view.partial else "") + _name(model)
    if view.include is not None:
        name += "With" + _words(view.include)
    if view.exclude:
        name += "Without" + _words(view.exclude)
    if view.rename:
        name += "Renamed" + "".join(_pascal(new) for _, new in view.rename)
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}View"


def _words(fields: _Frozen) -> str:
    return "".join(_pascal(name) + ("" if inner is None else _words(inner)) for name, inner in fields)


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"\W|_", name))
