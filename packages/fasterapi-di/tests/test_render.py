"""Graphs are drawn for people."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from fasterapi_di import Depends, build_graph


def get_settings() -> dict[str, str]:
    return {}


def open_database(settings: Any = Depends(get_settings)) -> Iterator[str]:
    yield "database"


async def get_user(database: Any = Depends(open_database), settings: Any = Depends(get_settings)) -> str:
    return "user"


class Pages:
    def __call__(self, size: int = 3) -> int:
        return size


def check() -> None: ...


async def show(
    user: Any = Depends(get_user),
    pages: Any = Depends(Pages()),
    pool: Any = Depends(lambda: 1, scope="app"),
    database: Any = Depends(open_database),
) -> None: ...


def graph() -> Any:
    return build_graph(show, bind=lambda parameter, node: None, extra=[Depends(check)])


def test_tree(golden: Callable[[str, str], None]) -> None:
    golden(
        "graph_tree.txt", re.sub(r"[\w./-]*test_render\.py:\d+", "test_render.py:LINE", str(graph())) + "\n"
    )


def test_mermaid(golden: Callable[[str, str], None]) -> None:
    golden("graph_mermaid.txt", graph().mermaid() + "\n")


def test_mermaid_escapes_what_would_be_markup() -> None:
    def target() -> None: ...

    target.__qualname__ = 'a"<b>&'
    text = build_graph(target, bind=lambda parameter, node: None).mermaid()
    assert text.splitlines()[1] == """    n0["a'#lt;b#gt;#amp;"]"""


def test_repr_of_a_node_is_short() -> None:
    assert repr(graph().root) == "Node(show)"
