from typing import Annotated, Optional

import msgspec
from fasterapi.compat import ValidationInfo, validate_field, validate_model
# TODO(fasterapi): `BeforeValidator` of Pydantic: no counterpart, still Pydantic's
from pydantic import (
    BeforeValidator,
    field_validator,
    model_validator,
)
from typing_extensions import Self


def shout(value: str) -> str:
    return value.upper()


class User(msgspec.Struct, kw_only=True):
    name: str
    nick: Optional[str] = None
    password: str
    password2: str
    loud: str = "x"
    # TODO(fasterapi): `BeforeValidator(str)` is not run: msgspec has no hook there; use `__post_init__`
    raw: Annotated[str, BeforeValidator(str)] = ""

    # names are two words
    @classmethod
    def must_contain_space(cls, value: str) -> str:
        if " " not in value:
            raise ValueError("must contain a space")
        return value.title()

    @classmethod
    def long_enough(cls, value):
        assert len(value) > 3
        return value

    @classmethod
    def same(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data["password"]:
            raise ValueError("passwords differ")
        return value

    # TODO(fasterapi): `prepare` is not run: it wants the value as it came, before its type is checked
    @field_validator("raw", mode="before")
    @classmethod
    def prepare(cls, value):
        return str(value)

    def check(self) -> Self:
        if self.name == self.nick:
            raise ValueError("nick is the name")
        return self

    # TODO(fasterapi): `early` is not run: it works on raw input; check the fields in `__post_init__`
    @model_validator(mode="before")
    @classmethod
    def early(cls, data):
        return data

    def __post_init__(self) -> None:
        validate_field(self, "loud", shout)
        validate_field(self, "name", self.must_contain_space)
        validate_field(self, "nick", self.must_contain_space)
        validate_field(self, "password", self.long_enough)
        validate_field(self, "password2", self.same, info=True)
        validate_model(self.check)


class Admin(User, kw_only=True):
    level: int

    @classmethod
    def positive(cls, value: int) -> int:
        assert value > 0
        return value

    def __post_init__(self) -> None:
        super().__post_init__()
        validate_field(self, "level", self.positive)
