"""Mappings with several values per key: query strings and forms.

Knows: pairs in order; a key's last value is "the" value. Does not know: sockets, limits.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from operator import itemgetter
from typing import Any, TypeVar

from fasterapi.datastructures._upload import UploadFile
from fasterapi.datastructures._urlencoded import parse_pairs

K = TypeVar("K")
V_co = TypeVar("V_co", covariant=True)


class ImmutableMultiDict(Mapping[K, V_co]):
    """Pairs in order; `[]` gives a key's last value, `getlist` all of them.

    >>> pairs = ImmutableMultiDict([("a", 1), ("a", 2)])
    >>> pairs["a"], pairs.getlist("a"), pairs.multi_items()
    (2, [1, 2], [('a', 1), ('a', 2)])
    """

    __slots__ = ("_dict", "_list")

    _dict: dict[K, V_co]
    _list: list[tuple[K, V_co]]

    def __init__(
        self,
        *args: "ImmutableMultiDict[K, V_co] | Mapping[K, V_co] | Iterable[tuple[K, V_co]]",
        **kwargs: Any,
    ) -> None:
        if len(args) > 1:
            raise TypeError(f"{type(self).__name__} takes one mapping or list of pairs, got {len(args)}")
        self._list = _pairs(args[0]) if args else []
        if kwargs:
            self._list += kwargs.items()  # type: ignore[arg-type] # keyword names are the keys
        self._dict = dict(self._list)

    def getlist(self, key: object) -> list[V_co]:
        """All values of `key`, in order; empty when it does not occur."""
        return [value for name, value in self._list if name == key]

    def keys(self) -> KeysView[K]:
        """Every key once."""
        return self._dict.keys()

    def values(self) -> ValuesView[V_co]:
        """The last value of every key."""
        return self._dict.values()

    def items(self) -> ItemsView[K, V_co]:
        """Every key with its last value."""
        return self._dict.items()

    def multi_items(self) -> list[tuple[K, V_co]]:
        """Every pair, in order."""
        return list(self._list)

    def __getitem__(self, key: K) -> V_co:
        return self._dict[key]

    def __contains__(self, key: object) -> bool:
        return key in self._dict

    def __iter__(self) -> Iterator[K]:
        return iter(self._dict)

    def __len__(self) -> int:
        return len(self._dict)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return False
        first = itemgetter(0)
        return sorted(self._list, key=first) == sorted(other._list, key=first)

    __hash__ = None  # type: ignore[assignment] # a mapping, compared by content

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._list!r})"


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, ImmutableMultiDict):
        return value.multi_items()
    items = getattr(value, "multi_items", None) or getattr(value, "items", None)
    return list(items() if items is not None else value)


class MultiDict(ImmutableMultiDict[Any, Any]):
    """An `ImmutableMultiDict` that can be changed.

    >>> pairs = MultiDict([("a", "1"), ("a", "2")])
    >>> pairs["a"] = "3"
    >>> pairs
    MultiDict([('a', '3')])
    """

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> None:
        self.setlist(key, [value])

    def __delitem__(self, key: Any) -> None:
        del self._dict[key]
        self._forget(key)

    def _forget(self, key: Any) -> None:
        self._list = [pair for pair in self._list if pair[0] != key]

    def pop(self, key: Any, default: Any = None) -> Any:
        """Remove `key` with all its values; its last value, or `default`."""
        self._forget(key)
        return self._dict.pop(key, default)

    def popitem(self) -> tuple[Any, Any]:
        """Remove one key with all its values. `KeyError` when empty."""
        key, value = self._dict.popitem()
        self._forget(key)
        return key, value

    def poplist(self, key: Any) -> list[Any]:
        """Remove `key`; all its values."""
        values = self.getlist(key)
        self.pop(key)
        return values

    def clear(self) -> None:
        """Remove everything."""
        self._dict.clear()
        self._list.clear()

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Set `key` unless it is there; the value that holds afterwards."""
        if key not in self._dict:
            self.append(key, default)
        return self._dict[key]

    def setlist(self, key: Any, values: list[Any]) -> None:
        """Give `key` exactly these values; none removes it."""
        self.pop(key)
        self._list += [(key, value) for value in values]
        if values:
            self._dict[key] = values[-1]

    def append(self, key: Any, value: Any) -> None:
        """Give `key` one more value."""
        self._list.append((key, value))
        self._dict[key] = value

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Replace the values of every key of the arguments, which are those of the constructor."""
        new = MultiDict(*args, **kwargs)
        self._list = [pair for pair in self._list if pair[0] not in new] + new.multi_items()
        self._dict.update(new)


class QueryParams(ImmutableMultiDict[str, str]):
    """The parameters of a query string, or any mapping or pairs; keys and values become `str`.

    `&` separates, `;` does not (WHATWG URL, section 5.1); blank values are kept; bytes that are no UTF-8
    are replaced.

    >>> QueryParams("a=1&b=x+y&a=").multi_items()
    [('a', '1'), ('b', 'x y'), ('a', '')]
    >>> str(QueryParams(a=1, b="ü"))
    'a=1&b=%C3%BC'
    """

    __slots__ = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        value = args[0] if len(args) == 1 else None
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        if isinstance(value, str):
            args = (parse_pairs(value),)
        super().__init__(*args, **kwargs)
        self._list = [(str(key), str(value)) for key, value in self._list]
        self._dict = dict(self._list)

    def __str__(self) -> str:
        from urllib.parse import urlencode  # noqa: PLC0415 - to write a query is rare

        return urlencode(self._list)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


class FormData(ImmutableMultiDict[str, UploadFile | str]):
    """The fields and files of a form.

    >>> FormData([("name", "Ada")])["name"]
    'Ada'
    """

    __slots__ = ()

    async def close(self) -> None:
        """Close every file."""
        for _, value in self._list:
            if isinstance(value, UploadFile):
                await value.close()
