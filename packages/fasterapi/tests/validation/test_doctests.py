"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import fasterapi.validation

MODULES = ["fasterapi.encoders", "fasterapi.validation"] + [
    f"fasterapi.validation.{module.name}" for module in pkgutil.iter_modules(fasterapi.validation.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name: str) -> None:
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0
