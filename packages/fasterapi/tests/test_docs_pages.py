"""The examples of these pages run, each on its own."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[3] / "docs"


def examples():
    for page in ("protection.md", "caching.md"):
        path = PAGES / page
        blocks = re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL) if path.exists() else []
        for number, block in enumerate(blocks, 1):
            yield pytest.param(page, block, id=f"{page} {number}")


@pytest.mark.parametrize(("page", "block"), list(examples()))
def test_an_example_runs(page, block):
    if "SessionMiddleware" in block:
        pytest.importorskip("itsdangerous", reason="the extra `sessions` is not installed")
    exec(compile(block, page, "exec"), {"__name__": "example"})
