from enum import Enum

from pydantic import BaseModel, ConfigDict, Extra, Field


class Colour(Enum):
    RED = 1


class Classic(BaseModel):
    a: int

    class Config:
        """Docs."""

        allow_mutation = False
        extra = Extra.forbid
        allow_population_by_field_name = False
        anystr_strip_whitespace = True
        unknown_setting = 1
        schema_extra = {"example": {"a": 1}}


class Dynamic(BaseModel):
    """Documented."""

    model_config: ConfigDict = ConfigDict(
        json_schema_extra={"examples": [{"a": 1}]},
        extra="ignore",
        validate_assignment=True,
        use_enum_values=True,
        json_encoders={Colour: lambda colour: colour.name},
        title=None,
    )

    a: Colour = Field(Colour.RED, title="A", example="RED", strict=True, union_mode="smart")
    b: int = Field(1, validation_alias="x", serialization_alias="y")
    c: list[int] = Field([1], min_items=1, max_items=None)
    d: float = Field(default=..., allow_inf_nan=False)


class Unpacked(BaseModel):
    model_config = {**{}, "extra": "forbid"}


SETTINGS = {}


class Named(BaseModel):
    model_config = SETTINGS
