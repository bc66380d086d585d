"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import fasterapi.authentication
import fasterapi.middleware

MODULES = ["fasterapi.authentication"] + [
    f"fasterapi.middleware.{module.name}" for module in pkgutil.iter_modules(fasterapi.middleware.__path__)
]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
