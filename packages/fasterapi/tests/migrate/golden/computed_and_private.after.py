from functools import cached_property
from typing import Any

import msgspec
from fasterapi.compat import computed, set_field


class Box(msgspec.Struct, dict=True):
    width: int
    height: int

    area: int = computed()

    def _compute_area(self) -> int:
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

    def __post_init__(self) -> None:
        self._cache: dict[str, int] = dict()
        self._count: int = 0
        self.model_post_init(None)
        self.area = self._compute_area()


class Frozen(msgspec.Struct, frozen=True):
    x: int

    double: int = computed()

    def _compute_double(self) -> int:
        return self.x * 2

    def __post_init__(self) -> None:
        set_field(self, "double", self._compute_double())
