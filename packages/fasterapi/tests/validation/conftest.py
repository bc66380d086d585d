"""What the property tests share: random types, with values that fit them and values that nearly do."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def shapes() -> ModuleType:
    """The generator of random types (`shapes.py`)."""
    spec = importlib.util.spec_from_file_location("validation_shapes", Path(__file__).parent / "shapes.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # recursive types look there
    spec.loader.exec_module(module)
    return module
