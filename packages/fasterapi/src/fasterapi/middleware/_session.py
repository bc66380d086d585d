"""The values of a session.

Knows: what was changed. Does not know: cookies, requests, where the values are kept.
"""

from typing import Any, Self


class Session(dict[str, Any]):
    """The session's values, and whether anybody looked at (`accessed`) or changed (`modified`) them.

    A change inside a value is not seen: call `mark_modified()` after it, or assign the value again.

    >>> session = Session({"cart": []})
    >>> session["cart"].append(7)
    >>> session.modified
    False
    """

    accessed = False
    modified = False
    renewed = False

    def mark_accessed(self) -> None:
        """Note that the response depends on the session: `Vary: Cookie`."""
        self.accessed = True

    def mark_modified(self) -> None:
        """Note that the cookie must be sent again."""
        self.accessed = True
        self.modified = True

    def renew(self) -> None:
        """Keep the values under a new key, and forget the old key: do so when somebody signs in.

        A key that was known before, to whoever had the browser then, is worth nothing afterwards. Sessions
        in the cookie itself have no key.
        """
        self.renewed = True
        self.mark_modified()

    def __setitem__(self, key: str, value: Any) -> None:
        self.mark_modified()
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self.mark_modified()

    def clear(self) -> None:
        self.mark_modified()
        super().clear()

    def pop(self, key: str, *args: Any) -> Any:
        if key in self:
            self.mark_modified()
        return super().pop(key, *args)

    def popitem(self) -> tuple[str, Any]:
        item = super().popitem()
        self.mark_modified()
        return item

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self.mark_modified()
        return super().setdefault(key, default)

    def update(self, *args: Any, **kwargs: Any) -> None:
        self.mark_modified()
        super().update(*args, **kwargs)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc] # as dict's, with the mark
        self.mark_modified()
        return super().__ior__(other)
