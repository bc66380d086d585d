"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import fasterapi.security

MODULES = [
    f"fasterapi.security.{module.name}" for module in pkgutil.iter_modules(fasterapi.security.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
