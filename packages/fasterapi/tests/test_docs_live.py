"""The examples of the pages about connections that stay open run, top to bottom, each page as one script."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("page", ["websockets.md", "streaming.md"])
def test_the_examples_of_a_page_run(page):
    namespace: dict[str, object] = {"__name__": page}
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        exec(compile(block, page, "exec"), namespace)
