from typing import Annotated, Optional

import pydantic
from pydantic import (
    AnyUrl,
    AwareDatetime,
    BaseModel,
    EmailStr,
    HttpUrl,
    NonNegativeFloat,
    PositiveInt,
    SecretStr,
    StringConstraints,
    conint,
    conlist,
    constr,
)


class User(BaseModel):
    email: EmailStr
    home: Optional[HttpUrl] = None
    any_url: AnyUrl
    password: SecretStr
    age: PositiveInt
    weight: NonNegativeFloat = 0.0
    name: constr(min_length=1, max_length=20)
    level: conint(ge=1, le=5) = 1
    scores: conlist(int, min_length=1)
    born: AwareDatetime
    short: Annotated[str, StringConstraints(max_length=3)]


class Qualified(pydantic.BaseModel):
    size: int = pydantic.Field(gt=0)
    mail: pydantic.EmailStr


def greet(email: EmailStr, limit: PositiveInt = 3) -> str:
    return email
