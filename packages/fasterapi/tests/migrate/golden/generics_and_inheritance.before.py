from abc import ABC
from typing import Generic, Optional, TypeVar

from pydantic import BaseModel

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


class Named(BaseModel):
    name: str


class Dated(BaseModel):
    year: int


class Both(Named, Dated):
    x: int = 1


class Mixin:
    def hello(self) -> str:
        return "hello"


class WithMixin(Mixin, Named):
    pass


class Abstract(BaseModel, ABC):
    pass


class Node(BaseModel):
    value: int
    children: list["Node"] = []
    parent: Optional["Node"] = None


def first(page: Page[Named]) -> Named:
    return page.items[0]
