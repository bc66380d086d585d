"""A function that is made anew for every request must be cheap to make.

Up to Python 3.13 a `def` evaluates its annotations each time it is reached, and `Awaitable[None]` in one of them costs
as much as two calls. `from __future__ import annotations` leaves them texts.
"""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

PACKAGE = Path(find_spec("fasterapi").origin).parent
# People wait for these; requests do not.
AT_REST = {"cli", "_testclient"}


def made_while_running(tree):
    """The functions with annotations that are written inside of coroutine functions."""
    for outer in ast.walk(tree):
        if isinstance(outer, ast.AsyncFunctionDef):
            for inner in ast.walk(outer):
                is_function = isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner is not outer
                if is_function and (inner.returns or any(arg.annotation for arg in inner.args.args)):
                    yield inner


def leaves_annotations_alone(tree):
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(name.name == "annotations" for name in node.names)
        for node in tree.body
    )


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="annotations are evaluated when they are asked for")
def test_functions_made_while_a_request_runs_do_not_evaluate_their_annotations():
    evaluated = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if name.parts[0] not in AT_REST and not leaves_annotations_alone(tree):
            evaluated += [
                f"{name}:{function.lineno} {function.name}" for function in made_while_running(tree)
            ]

    assert evaluated == []
