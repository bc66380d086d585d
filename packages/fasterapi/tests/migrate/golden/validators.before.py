from typing import Annotated, Optional

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ValidationInfo,
    field_validator,
    model_validator,
)
from typing_extensions import Self


def shout(value: str) -> str:
    return value.upper()


class User(BaseModel):
    name: str
    nick: Optional[str] = None
    password: str
    password2: str
    loud: Annotated[str, AfterValidator(shout)] = "x"
    raw: Annotated[str, BeforeValidator(str)] = ""

    # names are two words
    @field_validator("name", "nick")
    @classmethod
    def must_contain_space(cls, value: str) -> str:
        if " " not in value:
            raise ValueError("must contain a space")
        return value.title()

    @field_validator("password")
    def long_enough(cls, value):
        assert len(value) > 3
        return value

    @field_validator("password2")
    @classmethod
    def same(cls, value: str, info: ValidationInfo) -> str:
        if value != info.data["password"]:
            raise ValueError("passwords differ")
        return value

    @field_validator("raw", mode="before")
    @classmethod
    def prepare(cls, value):
        return str(value)

    @model_validator(mode="after")
    def check(self) -> Self:
        if self.name == self.nick:
            raise ValueError("nick is the name")
        return self

    @model_validator(mode="before")
    @classmethod
    def early(cls, data):
        return data


class Admin(User):
    level: int

    @field_validator("level")
    @classmethod
    def positive(cls, value: int) -> int:
        assert value > 0
        return value
