"""Draw a graph for people: a text tree and a Mermaid flowchart.

Knows: names, places, lifetimes, children. Does not know: how graphs are built or run.
"""

from collections.abc import Sequence
from typing import Any, Protocol


class Drawable(Protocol):
    """What a node must show to be drawn."""

    @property
    def name(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def scope(self) -> str | None: ...
    @property
    def children(self) -> Sequence[Any]: ...


def tree(root: Drawable, extra: Sequence[Drawable] = (), last: Sequence[Drawable] = ()) -> str:
    """Return a tree, dependencies below their dependants, in their order. A node drawn before is only named."""
    lines = [f"{root.name} ({root.location})"]
    drawn: set[int] = set()
    _branches([*extra, *root.children, *last], "", lines, drawn)
    return "\n".join(lines)


def _branches(children: Sequence[Drawable], indent: str, lines: list[str], drawn: set[int]) -> None:
    for number, child in enumerate(children, 1):
        is_last = number == len(children)
        branch = "└─ " if is_last else "├─ "
        if id(child) in drawn:
            lines.append(f"{indent}{branch}{child.name} ↑ shared")
            continue
        drawn.add(id(child))
        lines.append(f"{indent}{branch}{child.name} ({child.location}){_remark(child)}")
        _branches(child.children, indent + ("   " if is_last else "│  "), lines, drawn)


def _remark(node: Drawable) -> str:
    words = [node.kind.replace("_", " ")] if node.kind != "sync" else []
    if node.scope is not None:
        words.append(f'scope "{node.scope}"')
    return f" [{', '.join(words)}]" if words else ""


def mermaid(root: Drawable, extra: Sequence[Drawable] = ()) -> str:
    """Return a Mermaid flowchart; extra dependencies hang on dotted lines."""
    lines = ["flowchart TD"]
    numbers: dict[int, int] = {}
    _mermaid_node(root, lines, numbers)
    for node in extra:
        _mermaid_node(node, lines, numbers)
        lines.append(f"    n{numbers[id(root)]} -.-> n{numbers[id(node)]}")
    return "\n".join(lines)


def _mermaid_node(node: Drawable, lines: list[str], numbers: dict[int, int]) -> None:
    if id(node) in numbers:
        return
    number = numbers[id(node)] = len(numbers)
    label = f"{node.name}{_remark(node)}".replace('"', "'")
    for unsafe, entity in (("&", "#amp;"), ("<", "#lt;"), (">", "#gt;")):
        label = label.replace(unsafe, entity)
    lines.append(f'    n{number}["{label}"]')
    for child in node.children:
        _mermaid_node(child, lines, numbers)
        lines.append(f"    n{number} --> n{numbers[id(child)]}")
