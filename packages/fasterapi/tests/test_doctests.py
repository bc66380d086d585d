"""The examples in docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import fasterapi

OPTIONAL = ("fasterapi.cli", "fasterapi.__main__", "fasterapi.compat")  # tested with the command line
MODULES = [
    module.name
    for module in pkgutil.walk_packages(fasterapi.__path__, "fasterapi.")
    if not module.name.startswith(OPTIONAL)
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    if name.startswith("fasterapi.telemetry."):
        pytest.importorskip(
            "opentelemetry.exporter.otlp.proto.http", reason="the parity session installs OpenTelemetry"
        )
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0
