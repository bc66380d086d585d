"""The examples of the pages in `docs/` run, each page top to bottom as one script."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"
NEEDED = {"observability.md": ["opentelemetry.sdk", "structlog", "prometheus_client"], "deployment.md": []}
# What the examples do to logging would outlive them, so each page has a process of its own.
PROGRAM = """
import re, sys, textwrap
from fasterapi.testclient import TestClient
text = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^ *```python\\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
assert len(blocks) >= 5
namespace = {"__name__": "page"}
for block in blocks:
    exec(compile(textwrap.dedent(block), sys.argv[1], "exec"), namespace)
with TestClient(namespace["app"]) as client:
    print(client.get("/openapi.json").status_code)
"""


@pytest.mark.skipif(not DOCS.exists(), reason="the pages are in the repository alone")
@pytest.mark.parametrize("page", NEEDED)
def test_the_examples_of_a_page_run(page):
    for module in NEEDED[page]:
        pytest.importorskip(module, reason="the coverage session installs it")
    environment = {**os.environ, "PYTHONPATH": ":".join(sys.path)}
    subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(DOCS / page)],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
