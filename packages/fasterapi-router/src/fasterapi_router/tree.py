"""The compressed prefix tree: all routes of a router by the characters of their templates.

Knows: nodes, priority, backtracking. Does not know: the plans that answer most lookups faster.
Invariant: the walk visits templates in the order of `order_key`, so the first match is the answer. A tree
never changes after it is built; a router that gains a route builds another one.

Literal text is split wherever two templates part, also inside a segment: `/users/me` and `/user-groups` share
`/user`. A segment's fields form one piece, which is matched as a whole against the text up to the next slash.
"""

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from fasterapi_router.piece import Reader, Values, reader
from fasterapi_router.result import Route
from fasterapi_router.template import CATCH_ALL, OrderKey, Segment, Template, Tokens, piece_key

T = TypeVar("T")


class Piece(NamedTuple):
    """A step that is not literal: `tokens` to read up to the next slash or, if `to_end`, the path's end.

    `suffix` is the literal text that the piece ends with.
    """

    key: OrderKey
    tokens: Tokens
    to_end: bool
    suffix: str


class Node(Generic[T]):
    """What may follow one beginning of a path.

    `label` is the literal text on the edge to this node; `children` by the first character of their labels;
    `pieces` by key while the tree is built, `branches` the same in their order when it is complete; `routes`
    those that end here, by method.
    """

    __slots__ = ("_by_suffix", "branches", "children", "label", "pieces", "routes")

    def __init__(self, label: str) -> None:
        self.label = label
        self.children: dict[str, Node[T]] = {}
        self.pieces: dict[OrderKey, Branch[T]] = {}
        self.branches: list[Branch[T]] = []
        self.routes: dict[str, Route[T]] = {}
        self._by_suffix: dict[int, dict[str, list[int]]] = {}

    def seal(self) -> None:
        """Put the branches into order and index them by the literal text they end with."""
        self.branches = [self.pieces[key] for key in sorted(self.pieces)]
        for rank, branch in enumerate(self.branches):
            suffix = branch.piece.suffix
            self._by_suffix.setdefault(len(suffix), {}).setdefault(suffix, []).append(rank)

    def candidates(self, path: str, end: int) -> list[int]:
        """The indexes of `branches` whose literal ending fits the path, or its segment up to `end`."""
        if len(self.branches) == 1:
            return [0]
        ranks: list[int] = []
        for length, suffixes in self._by_suffix.items():
            of_segment = path[max(end - length, 0) : end]
            of_path = path[len(path) - length :]
            ranks += [rank for rank in suffixes.get(of_segment, ()) if not self.branches[rank].piece.to_end]
            ranks += [rank for rank in suffixes.get(of_path, ()) if self.branches[rank].piece.to_end]
        return sorted(ranks)


class Branch(NamedTuple, Generic[T]):
    """A piece, the function that reads it, and the node behind it."""

    piece: Piece
    read: Reader
    node: Node[T]


class Tree(Generic[T]):
    """All routes of a router.

    >>> from fasterapi_router.converter import BUILT_IN
    >>> from fasterapi_router.template import TemplateParser
    >>> template = TemplateParser(BUILT_IN).parse("/users/{id}")
    >>> tree = Tree([Route("GET", template.text, "show", None, None, template)], convert=False)
    >>> tree.find(("GET",), "/users/7")
    (Route(method='GET', path='/users/{id}', handler='show', metadata=None, name=None), ('7',))
    """

    __slots__ = ("_convert", "root")

    def __init__(self, routes: Iterable[Route[T]], *, convert: bool) -> None:
        self._convert = convert
        self.root: Node[T] = Node("")
        for route in routes:
            self._insert(route)
        waiting = [self.root]
        while waiting:
            node = waiting.pop()
            node.seal()
            waiting += node.children.values()
            waiting += [branch.node for branch in node.branches]

    def _insert(self, route: Route[T]) -> None:
        node = self.root
        for step in steps(route.template):
            node = _literal_child(node, step) if isinstance(step, str) else self._piece_child(node, step)
        node.routes[route.method] = route

    def _piece_child(self, node: Node[T], piece: Piece) -> Node[T]:
        branch = node.pieces.get(piece.key)
        if branch is None:
            read = reader(piece.tokens, convert=self._convert)
            branch = node.pieces[piece.key] = Branch(piece, read, Node[T](""))
        return branch.node

    def find(self, methods: tuple[str, ...], path: str) -> tuple[Route[T], Values] | None:
        """The first route that matches `path` and has one of `methods`, the earlier the better."""
        # What is still to be tried, the next one last: a node, where in the path, the values so far, and
        # which of the node's branches (-1: the node itself). A stack instead of recursion: labels may be
        # many.
        waiting: list[tuple[Node[T], int, Values, int]] = [(self.root, 0, (), -1)]
        while waiting:
            node, start, values, rank = waiting.pop()
            if rank >= 0:
                branch = node.branches[rank]
                stop = len(path) if branch.piece.to_end else _segment_end(path, start)
                got = branch.read(path[start:stop])
                if got is not None:
                    waiting.append((branch.node, stop, values + got, -1))
                continue
            if start == len(path):
                for method in methods:
                    if method in node.routes:
                        return node.routes[method], values
            if node.branches:
                ranks = node.candidates(path, _segment_end(path, start))
                waiting += [(node, start, values, rank) for rank in reversed(ranks)]
            child = node.children.get(path[start : start + 1])
            if child is not None and path.startswith(child.label, start):
                waiting.append((child, start + len(child.label), values, -1))
        return None


def _segment_end(path: str, start: int) -> int:
    slash = path.find("/", start)
    return len(path) if slash < 0 else slash


def _literal_child(node: Node[T], text: str) -> Node[T]:
    while text:
        child = node.children.get(text[0])
        if child is None:
            child = node.children[text[0]] = Node(text)
            return child
        shared = _shared_length(child.label, text)
        if shared < len(child.label):
            upper = node.children[text[0]] = Node[T](text[:shared])
            child.label = child.label[shared:]
            upper.children[child.label[0]] = child
            child = upper
        node = child
        text = text[shared:]
    return node


def _shared_length(left: str, right: str) -> int:
    length = min(len(left), len(right))
    return next((index for index in range(length) if left[index] != right[index]), length)


def steps(template: Template) -> Iterator[str | Piece]:
    """A template as the tree stores it: literal texts, which may run across slashes, and pieces."""
    literal = ""
    for index, segment in enumerate(template.segments):
        literal += "/" if index else ""
        if isinstance(segment, str):
            literal += segment
            continue
        to_end = segment.kind == CATCH_ALL
        tokens = template.tokens_from(index) if to_end else segment.tokens
        yield literal + segment.prefix
        yield _piece(segment, tokens, to_end=to_end)
        if to_end:
            return
        literal = ""
    if literal:
        yield literal


def _piece(segment: Segment, tokens: Tokens, *, to_end: bool) -> Piece:
    last = tokens[-1]
    suffix = last if isinstance(last, str) else ""
    inner = tokens[1:] if segment.prefix else tokens
    return Piece(piece_key(segment.kind, tokens), inner, to_end, suffix)
