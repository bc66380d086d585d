"""What the documentation shows is run."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fasterapi_concurrency

README = Path(__file__).parents[1] / "README.md"
MODULES = [module.name for module in pkgutil.iter_modules(fasterapi_concurrency.__path__)]
EXAMPLES = (
    re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    if README.exists()
    else []
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_are_true(name):
    module = importlib.import_module(f"fasterapi_concurrency.{name}")
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples_in_the_readme_run(example):
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    expected = "".join(
        line.split("# prints ")[1] + "\n" for line in example.splitlines() if "# prints " in line
    )
    assert done.stdout == expected
