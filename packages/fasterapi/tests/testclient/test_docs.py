"""The examples in the docstrings run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["fasterapi.testclient", "fasterapi._testclient.loopthread"])
def test_examples(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
