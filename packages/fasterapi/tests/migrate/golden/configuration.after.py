from typing import ClassVar
import msgspec


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    # nothing else may come

    name: str


class Frozen(msgspec.Struct, frozen=True):
    x: int


class Old(msgspec.Struct):
    name: str


class Keyword(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Camel(msgspec.Struct, rename="camel"):
    first_name: str


# TODO(fasterapi): `populate_by_name=True`: JSON is read under the alias only; constructor calls use the field's own name
class Aliased(msgspec.Struct):
    first_name: str = msgspec.field(name="firstName")


class Exemplary(msgspec.Struct):
    __json_schema_extra__: ClassVar[dict[str, object]] = {"examples": [{"name": "Foo"}]}
    name: str


# TODO(fasterapi): `extra="allow"`: msgspec drops unknown keys; declare the fields, or take a `dict` where anything may come
# TODO(fasterapi): `str_strip_whitespace=True`: call `.strip()` in `__post_init__`; msgspec takes strings as they come
class Loose(msgspec.Struct):
    pass
