"""Small values around an application: free-form state and settings.

Knows: nothing of requests. Does not know: who owns the state.
"""

from collections.abc import Iterator, Sequence
from typing import Any, overload


class State:
    """Attributes of any name over one dict, which may be shared: `request.state`, `app.state`.

    >>> state = State({"a": 1})
    >>> state.b = 2
    >>> state.a, state["b"], list(state)
    (1, 2, ['a', 'b'])
    """

    __slots__ = ("_state",)

    _state: dict[str, Any]

    def __init__(self, state: dict[str, Any] | None = None) -> None:
        object.__setattr__(self, "_state", {} if state is None else state)

    def __setattr__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __getattr__(self, key: str) -> Any:
        # `_state` is missing while an instance is copied or unpickled: looking it up would come back here.
        if key == "_state":
            raise AttributeError(key)
        try:
            return self._state[key]
        except KeyError:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{key}'") from None

    def __delattr__(self, key: str) -> None:
        try:
            del self._state[key]
        except KeyError:
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{key}'") from None

    def __getitem__(self, key: str) -> Any:
        return self._state[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._state[key] = value

    def __delitem__(self, key: str) -> None:
        del self._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state)

    def __len__(self) -> int:
        return len(self._state)

    def __contains__(self, key: object) -> bool:
        return key in self._state

    def __getstate__(self) -> dict[str, Any]:
        return {"_state": self._state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        object.__setattr__(self, "_state", state["_state"])


class Secret:
    """Text that tracebacks and logs must not show; `str()` reveals it.

    >>> Secret("swordfish")
    Secret('**********')
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}('**********')"

    def __str__(self) -> str:
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)


class CommaSeparatedStrings(Sequence[str]):
    """A list written in one environment variable; quotes protect commas.

    >>> list(CommaSeparatedStrings('127.0.0.1, "a,b"'))
    ['127.0.0.1', 'a,b']
    """

    __slots__ = ("_items",)

    def __init__(self, value: str | Sequence[str]) -> None:
        if isinstance(value, str):
            from shlex import shlex  # noqa: PLC0415 - for settings

            words = shlex(value, posix=True)
            words.whitespace = ","
            words.whitespace_split = True
            self._items = [word.strip() for word in words]
        else:
            self._items = list(value)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self._items[index]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._items!r})"

    def __str__(self) -> str:
        return ", ".join(repr(item) for item in self._items)
