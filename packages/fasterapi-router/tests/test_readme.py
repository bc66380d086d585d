"""The README's Python runs, and so do the examples in docstrings."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import fasterapi_router

README = Path(__file__).parent.parent / "README.md"
MODULES = [
    "fasterapi_router",
    *(f"fasterapi_router.{module.name}" for module in pkgutil.iter_modules(fasterapi_router.__path__)),
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed


def test_the_readme_runs(call, monkeypatch):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) >= 2
    namespace = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), namespace)
    answer = call(namespace["app"], "GET", "/users/7")
    assert (answer.status, answer.body) == (200, b"user 7")
    assert call(namespace["app"], "PUT", "/users/7").headers["allow"] == "GET, HEAD"
