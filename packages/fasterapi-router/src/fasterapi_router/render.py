"""The tree of a router, drawn for people.

Knows: how a tree looks in text. Does not know: matching.
"""

from typing import TypeVar

from fasterapi_router.template import Tokens
from fasterapi_router.tree import Node

T = TypeVar("T")

_GAP = 2


def draw(root: Node[T]) -> str:
    """One line per node: the text on its edge, then the routes that end there.

    >>> from fasterapi_router import RadixRouter
    >>> router = RadixRouter()
    >>> for path in ("/users/me", "/users/{id:int}", "/users/{name}", "/uploads/{rest:path}"):
    ...     _ = router.add_route("GET", path, path)
    >>> print(router)
    /u
    ├─ ploads/
    │  └─ {:path}  GET /uploads/{rest:path}
    └─ sers/
       ├─ me       GET /users/me
       ├─ {:int}   GET /users/{id:int}
       └─ {}       GET /users/{name}
    """
    lines: list[tuple[str, str]] = []
    # a stack and not recursion: a tree may be deeper than Python's stack
    waiting = [(label, "", "", node) for label, node in reversed(_below(root))]
    while waiting:
        label, lead, indent, node = waiting.pop()
        ends = sorted(_printable(f"{method} {route.path}") for method, route in node.routes.items())
        lines.append((lead + label, ", ".join(ends)))
        below = _below(node)
        for position in reversed(range(len(below))):
            is_last = position == len(below) - 1
            branch, further = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            waiting.append((below[position][0], indent + branch, indent + further, below[position][1]))
    width = max((len(left) for left, right in lines if right), default=0) + _GAP
    return "\n".join(f"{left:{width}}{right}".rstrip() for left, right in lines) or "(no routes)"


def _below(node: Node[T]) -> list[tuple[str, Node[T]]]:
    children = [(_printable(child.label), child) for _, child in sorted(node.children.items())]
    return children + [(_text(branch.piece.tokens), branch.node) for branch in node.branches]


def _text(tokens: Tokens) -> str:
    texts = [
        _printable(token) if isinstance(token, str) else f"{{{':' if token.label else ''}{token.label}}}"
        for token in tokens
    ]
    return "".join(texts)


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)[1:-1]
