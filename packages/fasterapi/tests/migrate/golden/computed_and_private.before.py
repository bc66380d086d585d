from functools import cached_property
from typing import Any

from pydantic import BaseModel, PrivateAttr, computed_field


class Box(BaseModel):
    width: int
    height: int
    _cache: dict[str, int] = PrivateAttr(default_factory=dict)
    _count: int = 0
    _unset: str

    @computed_field
    @property
    def area(self) -> int:
        """Both sides."""
        return self.width * self.height

    @property
    def plain(self) -> int:
        return 1

    @cached_property
    def slow(self) -> int:
        return 2

    def model_post_init(self, context: Any) -> None:
        self._count += 1


class Frozen(BaseModel, frozen=True):
    x: int

    @computed_field
    @property
    def double(self) -> int:
        return self.x * 2
