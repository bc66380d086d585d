from typing import Optional

from pydantic import BaseModel


class Ordered(BaseModel):
    name: str
    size: int = 1


class Unordered(BaseModel):
    size: int = 1
    name: str


class Base(BaseModel):
    note: Optional[str] = None


class Child(Base):
    title: str


class Narrowed(Ordered):
    name: Optional[str] = None


class Nullable(BaseModel):
    required_but_nullable: Optional[str]
    default_none: Optional[str] = None


class Nothing(BaseModel):
    pass


class Documented(BaseModel):
    """Only a docstring."""
