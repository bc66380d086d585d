"""The scopes asked for on the way down to a dependency.

Knows: how they are written. Does not know: schemes, tokens.
"""

from collections.abc import Sequence

__all__ = ["SecurityScopes"]


class SecurityScopes:
    """The scopes that a dependency and all of its dependants ask for by `Security(..., scopes=[...])`.

    >>> SecurityScopes(["me", "items"]).scope_str
    'me items'
    """

    def __init__(self, scopes: Sequence[str] | None = None) -> None:
        self.scopes = list(scopes or ())
        self.scope_str = " ".join(self.scopes)
