from typing import Optional

import msgspec


class Ordered(msgspec.Struct):
    name: str
    size: int = 1


class Unordered(msgspec.Struct, kw_only=True):
    size: int = 1
    name: str


class Base(msgspec.Struct):
    note: Optional[str] = None


class Child(Base, kw_only=True):
    title: str


class Narrowed(Ordered):
    name: Optional[str] = None


class Nullable(msgspec.Struct):
    required_but_nullable: Optional[str]
    default_none: Optional[str] = None


class Nothing(msgspec.Struct):
    pass


class Documented(msgspec.Struct):
    """Only a docstring."""
