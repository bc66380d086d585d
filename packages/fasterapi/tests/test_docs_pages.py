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


@pytest.mark.parametrize("page", ["bodies.md", "static-files.md"])
def test_the_examples_of_a_page_run_one_after_another(page, tmp_path, monkeypatch):
    for module in ("yaml", "tomli_w", "python_multipart"):
        pytest.importorskip(module)
    path = PAGES / page
    if not path.exists():
        pytest.skip("the page is no part of the package")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "static").mkdir()
    names = {"__name__": "example"}
    for block in re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL):
        exec(compile(block, page, "exec"), names)
        names["app"].compile()
        assert names["app"].openapi()["info"]
