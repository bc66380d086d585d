"""Without `telemetry=` nothing of it is there; with it, what is missing or misspelt is named at once."""

import subprocess
import sys

import pytest

from fasterapi import Faster
from fasterapi.testclient import TestClient


def test_an_application_without_telemetry_imports_nothing_of_it():
    code = """
import sys
from fasterapi import Faster
from fasterapi.testclient import TestClient
app = Faster()
app.get("/")(lambda: 1)
TestClient(app).get("/")
print([name for name in sys.modules if "opentelemetry" in name or name == "fasterapi.telemetry.server"])
"""
    environment = {"PYTHONPATH": ":".join(sys.path)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    assert found.stdout.strip() == "[]"


def test_the_generated_function_of_an_application_without_telemetry_knows_nothing_of_it():
    app = Faster()

    @app.get("/{x}")
    async def show(x: int) -> int:
        return x

    assert "dependencies" not in app.explain("GET", "/1").partition("source")[2]


def test_an_unknown_option_is_refused_with_the_ones_there_are():
    with pytest.raises(TypeError, match=r"no option 'traces'; it has tracer_provider, .*tracing, "):
        Faster(telemetry={"traces": True})


def test_a_missing_opentelemetry_is_named_with_the_command_that_installs_it(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("fasterapi.telemetry.")]:
        if name not in {"fasterapi.telemetry.config", "fasterapi.telemetry.data"}:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(RuntimeError, match=r"pip install \"fasterapi\[telemetry\]\""):
        Faster(telemetry={})
