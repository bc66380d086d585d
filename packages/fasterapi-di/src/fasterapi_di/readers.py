"""Leaf values: how a framework says where a parameter that is no dependency comes from.

Knows: an expression or a function gives a value. Does not know: where that value lives (a request, a
message).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fasterapi_di.code import CodeBuilder


class Reader(ABC):
    """One value that is read at the beginning of a call.

    `name`: a hint for the local variable. `key`: readers with equal keys are read once per call; None means
    that this reader object is the key. `is_async`: its statements contain `await`. `can_fail`: it may give
    `INVALID`. `uses_context`: its value depends on the context of the node it is bound to (`Node.context`),
    so dependencies that need it are shared only within one context.

    A *context* here is the mapping of local names at the place where the code is inserted: `emit` may use
    these names in its text, `read` gets them as a mapping.
    """

    name: str
    key: Hashable | None = None
    is_async: bool = False
    can_fail: bool = False
    uses_context: bool = False

    @abstractmethod
    def emit(self, code: "CodeBuilder", target: str) -> None:
        """Add statements that assign the local `target`; with `can_fail` they may assign `INVALID`."""

    @abstractmethod
    def read(self, context: Mapping[str, Any]) -> Any:
        """Return the value, or an awaitable of it if `is_async`, without generated code."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class CallableReader(Reader):
    """Read a value by calling `function`: without arguments, or with the surrounding local named `argument`.

    An async `function` is awaited. With `can_fail` it returns `INVALID` for a value that it refuses.

    >>> CallableReader("now", lambda: 12).read({})
    12
    >>> CallableReader("size", len, argument="message").read({"message": "four"})
    4
    """

    def __init__(
        self,
        name: str,
        function: Callable[..., Any],
        is_async: bool = False,
        *,
        argument: str = "",
        key: Hashable | None = None,
        can_fail: bool = False,
        uses_context: bool = False,
    ) -> None:
        self.name = name
        self.function = function
        self.is_async = is_async
        self.argument = argument
        self.key = key
        self.can_fail = can_fail
        self.uses_context = uses_context

    def emit(self, code: "CodeBuilder", target: str) -> None:
        function = code.global_(self.function, f"read_{self.name}")
        code.line(f"{target} = {'await ' if self.is_async else ''}{function}({self.argument})")

    def read(self, context: Mapping[str, Any]) -> Any:
        return self.function(context[self.argument]) if self.argument else self.function()
