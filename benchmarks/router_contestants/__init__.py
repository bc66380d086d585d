"""Routers to compare: each is a function that takes (method, template) pairs and gives back a lookup.

A lookup takes method and path and gives (template, params) or None. Where a router has another interface, the
adapter adds what every framework around it has to do as well: choose by method, make a dict of the parameters.
"""

from collections.abc import Callable
from typing import NamedTuple

Routes = list[tuple[str, str]]
Lookup = Callable[[str, str], tuple | None]


class Contestant(NamedTuple):
    """`name` as printed, `build` as above, `most` the number of routes from which on it takes too long."""

    name: str
    build: Callable[[Routes], Lookup]
    most: int = 10_000
    is_native: bool = False


class Target:
    """A handler for routers that call it or write to it."""

    def __init__(self, template: str) -> None:
        self.template = template

    def __call__(self) -> None: ...


def contestants() -> list[Contestant]:
    """Ours first, then those peers that are installed."""
    from router_contestants import native, ours, pure

    found = []
    for contestant in (*ours.CONTESTANTS, *pure.CONTESTANTS, *native.CONTESTANTS):
        try:
            contestant.build([("GET", "/"), ("GET", "/a/{b}")])
        except ImportError as error:
            print(f"skipped: {contestant.name} ({error})")
            continue
        found.append(contestant)
    return found
