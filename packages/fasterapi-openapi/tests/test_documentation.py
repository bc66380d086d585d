"""Every example in the documentation runs."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import fasterapi_openapi

MODULES = [name for _, name, _ in pkgutil.iter_modules(fasterapi_openapi.__path__)]
README = Path(__file__).parent.parent / "README.md"


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples_are_true(name: str) -> None:
    module = importlib.import_module(f"fasterapi_openapi.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_there_are_examples_to_run() -> None:
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [
        test
        for name in MODULES
        for test in finder.find(importlib.import_module(f"fasterapi_openapi.{name}"))
        if test.examples
    ]
    assert len(found) > 25


@pytest.mark.parametrize("needs_starlette", [False, True])
def test_readme_examples_run(needs_starlette: bool) -> None:
    """The blocks are read in order, as one program; those for Starlette only where it is installed."""
    if not README.exists():
        pytest.skip("the README is not beside the tests")
    if needs_starlette:
        pytest.importorskip("starlette", reason="one example is about Starlette's routes")
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    namespace = {"__name__": "readme"}
    for block in blocks:
        if needs_starlette or "starlette" not in block:
            exec(compile(block, str(README), "exec"), namespace)
