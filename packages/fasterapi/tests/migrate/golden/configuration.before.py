from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Strict(BaseModel):
    # nothing else may come
    model_config = ConfigDict(extra="forbid")

    name: str


class Frozen(BaseModel):
    x: int

    model_config = {"frozen": True, "from_attributes": True}


class Old(BaseModel):
    name: str

    class Config:
        orm_mode = True
        extra = "ignore"


class Keyword(BaseModel, extra="forbid"):
    name: str


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)

    first_name: str


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    first_name: str = Field(alias="firstName")


class Exemplary(BaseModel):
    name: str

    model_config = {"json_schema_extra": {"examples": [{"name": "Foo"}]}}


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow", str_strip_whitespace=True)
