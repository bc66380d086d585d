from datetime import datetime

from pydantic import BaseModel, EmailStr, Field


class Contact(BaseModel):
    email: EmailStr
    phone: str | None = Field(None, max_length=20)


class Dated(BaseModel):
    created: datetime
    name: str = "dated"


class Named(BaseModel):
    name: str


class Checked(BaseModel):
    x: int

    def check(self) -> None: ...


class User(Named, Contact, Dated):
    level: int = 1


class Both(Named, Checked):
    pass
