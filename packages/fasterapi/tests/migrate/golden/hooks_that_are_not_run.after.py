from typing import Any

import msgspec
from fasterapi.compat import validate_field
# TODO(fasterapi): `computed_field` of Pydantic: no counterpart, still Pydantic's
from pydantic import (
    computed_field,
    field_serializer,
    model_validator,
    root_validator,
    validator,
)


class Old(msgspec.Struct):
    name: str
    tags: list[str] = []
    other: str = ""
    # TODO(fasterapi): `Field(frozen=True)`: msgspec freezes whole classes (`frozen=True`), not fields
    secret: str = ""

    @classmethod
    def upper(cls, value):
        return value.upper()

    # TODO(fasterapi): `split` is not run: it wants the value as it came, before its type is checked
    @validator("tags", pre=True)
    def split(cls, value):
        return value

    # TODO(fasterapi): `each` is not run: it wants the value as it came, before its type is checked
    @validator("tags", each_item=True)
    def each(cls, value):
        return value

    # TODO(fasterapi): `with_values` is not run: take `values` from the other fields of `self` in `__post_init__`
    @validator("other")
    def with_values(cls, value, values):
        return value

    # TODO(fasterapi): `before` is not run: it works on raw input; check the fields in `__post_init__`
    @root_validator(pre=True)
    def before(cls, values):
        return values

    # TODO(fasterapi): `serialize` is not run: convert in the handler or in the type (`register_type`)
    @field_serializer("name")
    def serialize(self, value):
        return value

    def __post_init__(self) -> None:
        validate_field(self, "name", self.upper)


class Odd(msgspec.Struct):
    x: int
    y: int = 0

    # TODO(fasterapi): `__init__` is not run when JSON is decoded: move its work to `__post_init__`
    def __init__(self, **data: Any) -> None:
        super().__init__(**data)

    # on every field
    @classmethod
    def every(cls, value: int) -> int:
        return value

    @staticmethod
    def static(value: int) -> int:
        return value

    @staticmethod
    def bare(value: int) -> int:
        return value

    # TODO(fasterapi): `untyped` needs a return annotation to become a field
    @computed_field
    def untyped(self):
        return self.x

    # TODO(fasterapi): `wrap` is not run: it works on raw input; check the fields in `__post_init__`
    @model_validator(mode="wrap")
    @classmethod
    def wrap(cls, value, handler):
        return handler(value)

    # TODO(fasterapi): Pydantic's hook is not run: use `fasterapi.validation.register_type`
    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        return handler(source)

    def model_dump(self, **kwargs):
        # TODO(fasterapi): `super().model_dump()`: a Struct has no such method; see `fasterapi.compat`
        return super().model_dump(**kwargs)

    def __post_init__(self) -> None:
        validate_field(self, "x", self.every)
        validate_field(self, "y", self.every)
        validate_field(self, "x", self.static)
        validate_field(self, "y", self.bare)
