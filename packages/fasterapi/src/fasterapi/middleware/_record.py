"""A middleware that is not built yet: its class and its options.

Knows: nothing but how to keep and show them.
"""

from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec

P = ParamSpec("P")


class Middleware:
    """One entry of `Faster(middleware=[...])`: `cls(app, *args, **kwargs)` is called when the stack is built.

    Iterating gives the class, the positional and the keyword options.

    >>> class Timing:
    ...     def __init__(self, app, header="x-time"): ...
    >>> Middleware(Timing, header="server-timing")
    Middleware(Timing, header='server-timing')
    """

    __slots__ = ("args", "cls", "kwargs")

    def __init__(self, cls: Callable[Concatenate[Any, P], Any], *args: P.args, **kwargs: P.kwargs) -> None:
        self.cls = cls
        self.args = args
        self.kwargs = kwargs

    def __iter__(self) -> Iterator[Any]:
        return iter((self.cls, self.args, self.kwargs))

    def __repr__(self) -> str:
        parts = [getattr(self.cls, "__name__", "")]
        parts += [repr(value) for value in self.args]
        parts += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"{type(self).__name__}({', '.join(parts)})"
