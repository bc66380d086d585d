from typing import Any

from pydantic import (
    BaseModel,
    Field,
    computed_field,
    field_serializer,
    field_validator,
    model_validator,
    root_validator,
    validator,
)


class Old(BaseModel):
    name: str
    tags: list[str] = []
    other: str = ""
    secret: str = Field("", frozen=True)

    @validator("name")
    def upper(cls, value):
        return value.upper()

    @validator("tags", pre=True)
    def split(cls, value):
        return value

    @validator("tags", each_item=True)
    def each(cls, value):
        return value

    @validator("other")
    def with_values(cls, value, values):
        return value

    @root_validator(pre=True)
    def before(cls, values):
        return values

    @field_serializer("name")
    def serialize(self, value):
        return value


class Odd(BaseModel):
    x: int
    y: int = 0

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)

    @field_validator("*")
    # on every field
    @classmethod
    def every(cls, value: int) -> int:
        return value

    @field_validator("x")
    @staticmethod
    def static(value: int) -> int:
        return value

    @field_validator("y")
    def bare(value: int) -> int:
        return value

    @computed_field
    def untyped(self):
        return self.x

    @model_validator(mode="wrap")
    @classmethod
    def wrap(cls, value, handler):
        return handler(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source, handler):
        return handler(source)

    def model_dump(self, **kwargs):
        return super().model_dump(**kwargs)
