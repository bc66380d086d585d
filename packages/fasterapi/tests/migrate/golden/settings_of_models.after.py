from enum import Enum

from typing import Annotated, ClassVar
import msgspec
from fasterapi.validation import Constraints


class Colour(Enum):
    RED = 1


# TODO(fasterapi): `anystr_strip_whitespace=True`: call `.strip()` in `__post_init__`; msgspec takes strings as they come
# TODO(fasterapi): `unknown_setting=1`: msgspec has no such setting
class Classic(msgspec.Struct, forbid_unknown_fields=True):
    __json_schema_extra__: ClassVar[dict[str, object]] = {"example": {"a": 1}}
    a: int


# TODO(fasterapi): `validate_assignment=True`: msgspec checks while decoding, not when an attribute is set
# TODO(fasterapi): `use_enum_values=True`: fields hold the enum's members; read `.value` where the bare value is wanted
# TODO(fasterapi): `json_encoders={Colour: lambda colour: colour.name}`: convert in the handler, or register the type with `fasterapi.validation.register_type`
class Dynamic(msgspec.Struct, kw_only=True):
    """Documented."""
    __json_schema_extra__: ClassVar[dict[str, object]] = {"examples": [{"a": 1}]}

    # TODO(fasterapi): `Field(strict=True)`: ask for strict decoding at the route or with `Faster(strict=True)`
    a: Annotated[Colour, msgspec.Meta(title="A", extra_json_schema={"example": "RED"})] = Colour.RED
    # TODO(fasterapi): `Field(validation_alias=...)` has no counterpart in msgspec
    # TODO(fasterapi): `Field(serialization_alias=...)` has no counterpart in msgspec
    b: int = msgspec.field(default=1, name="x")
    c: Annotated[list[int], msgspec.Meta(min_length=1)] = msgspec.field(default_factory=lambda: [1])
    d: Annotated[float, Constraints(allow_inf_nan=False)]


# TODO(fasterapi): `model_config={**{}, "extra": "forbid"}`: what it holds cannot be read here; msgspec takes options in the class statement
class Unpacked(msgspec.Struct):
    pass


SETTINGS = {}


# TODO(fasterapi): `model_config=SETTINGS`: what it holds cannot be read here; msgspec takes options in the class statement
class Named(msgspec.Struct):
    pass
