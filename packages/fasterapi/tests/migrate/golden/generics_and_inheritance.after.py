from abc import ABC
from typing import Generic, Optional, TypeVar

import msgspec

T = TypeVar("T")
M = TypeVar("M", bound=msgspec.Struct)


class Page(msgspec.Struct, Generic[T]):
    items: list[T]
    total: int = 0


class Named(msgspec.Struct):
    name: str


class Dated(msgspec.Struct):
    year: int


class Both(Named, kw_only=True):
    year: int
    x: int = 1


class Mixin:
    def hello(self) -> str:
        return "hello"


class WithMixin(Mixin, Named):
    pass


# TODO(fasterapi): `ABC` is dropped: a Struct has its own metaclass; abstract methods are not enforced
class Abstract(msgspec.Struct):
    pass


class Node(msgspec.Struct):
    value: int
    children: list["Node"] = []
    parent: Optional["Node"] = None


def first(page: Page[Named]) -> Named:
    return page.items[0]
