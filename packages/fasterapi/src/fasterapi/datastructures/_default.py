"""A default value that can be told apart from the same value written by the user.

Knows: nothing but the value. Does not know: which option it stands for.
"""

from typing import Any, TypeVar, cast

T = TypeVar("T")


class DefaultPlaceholder:
    """Wraps a default, so that "not given" differs from "given, and equal to the default".

    >>> bool(DefaultPlaceholder(None)), DefaultPlaceholder(1) == DefaultPlaceholder(1)
    (False, True)
    """

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and bool(other.value == self.value)

    def __hash__(self) -> int:
        return hash((DefaultPlaceholder, self.value))

    def __repr__(self) -> str:
        return f"Default({self.value!r})"


def Default(value: T) -> T:  # noqa: N802 - FastAPI's name
    """Wrap `value` in a `DefaultPlaceholder`; typed as the value, so that signatures stay readable.

    >>> Default("x")
    Default('x')
    """
    return cast("T", DefaultPlaceholder(value))
