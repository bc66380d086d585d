from typing import Annotated, Optional

from datetime import datetime
import msgspec
from fasterapi.compat import AnyUrl, EmailStr, HttpUrl, SecretStr


class User(msgspec.Struct, kw_only=True):
    email: EmailStr
    home: Optional[HttpUrl] = None
    any_url: AnyUrl
    password: SecretStr
    age: Annotated[int, msgspec.Meta(gt=0)]
    weight: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    level: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    scores: Annotated[list[int], msgspec.Meta(min_length=1)]
    born: Annotated[datetime, msgspec.Meta(tz=True)]
    short: Annotated[str, msgspec.Meta(max_length=3)]


class Qualified(msgspec.Struct):
    size: Annotated[int, msgspec.Meta(gt=0)]
    mail: EmailStr


def greet(email: EmailStr, limit: Annotated[int, msgspec.Meta(gt=0)] = 3) -> str:
    return email
