"""Every example in docstrings and in the README runs."""

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import fasterapi_di

README = Path(__file__).parents[1] / "README.md"


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(fasterapi_di.__path__)])
def test_docstrings(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"fasterapi_di.{name}"))
    assert result.failed == 0


@pytest.mark.parametrize(
    "block", re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
)
def test_readme(block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a block prints is written in comments `# prints: …`."""
    exec(compile(block, str(README), "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.splitlines() == re.findall(r"# prints: (.*)", block)
