from datetime import datetime

from typing import Annotated
import msgspec
from fasterapi.compat import EmailStr


class Contact(msgspec.Struct):
    email: EmailStr
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class Dated(msgspec.Struct):
    created: datetime
    name: str = "dated"


class Named(msgspec.Struct):
    name: str


class Checked(msgspec.Struct):
    x: int

    def check(self) -> None: ...


class User(Named, kw_only=True):
    email: EmailStr
    phone: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    created: datetime
    level: int = 1


# TODO(fasterapi): two Structs cannot be joined by inheritance: copy what `several_bases.Checked` has to here
class Both(Named, Checked):
    pass
