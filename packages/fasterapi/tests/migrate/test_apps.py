"""Small FastAPI applications of different style, migrated, pass their own tests unchanged but for imports."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("libcst", reason="the codemod needs the extra `cli`")

from fasterapi.cli.migrate import migrate

APPS = Path(__file__).parent / "apps"
NAMES = sorted(file.stem.removeprefix("test_") for file in APPS.glob("test_*.py"))


def run_tests(folder: Path, packages: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the tests of a folder in a process of their own, away from this repository's configuration."""
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -q -p no:cacheprovider\n")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-rA", *packages]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100, check=False
    )


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("apps") / "project"
    shutil.copytree(APPS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    report = migrate(folder)
    assert not report.problems
    return folder


@pytest.fixture(scope="module")
def outcome(migrated: Path) -> subprocess.CompletedProcess[str]:
    return run_tests(migrated, [])


def test_nothing_of_fastapi_is_left(migrated: Path) -> None:
    for file in migrated.rglob("*.py"):
        assert "import fastapi" not in file.read_text("utf-8"), file
        assert "from fastapi" not in file.read_text("utf-8"), file
        assert "from starlette" not in file.read_text("utf-8"), file


@pytest.mark.skipif(importlib.util.find_spec("httpx") is None, reason="the test client needs httpx")
@pytest.mark.parametrize("name", NAMES)
def test_a_migrated_application_passes_its_tests(outcome: subprocess.CompletedProcess[str], name: str) -> None:
    results = [line for line in outcome.stdout.splitlines() if f"test_{name}.py" in line]
    failed = [line for line in results if line.startswith(("FAILED", "ERROR"))]
    assert not failed, outcome.stdout[-6000:]
    assert any(line.startswith(("PASSED", "SKIPPED")) for line in results), outcome.stdout[-3000:]


@pytest.mark.skipif(importlib.util.find_spec("fastapi") is None, reason="FastAPI is not installed")
def test_the_applications_pass_under_fastapi(tmp_path: Path) -> None:
    """Without this the others would prove nothing: what is migrated must have been right before."""
    shutil.copytree(APPS, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    outcome = run_tests(tmp_path / "project", [])
    assert outcome.returncode == 0, outcome.stdout[-6000:]


def test_a_second_migration_changes_nothing(migrated: Path) -> None:
    report = migrate(migrated)
    assert [item.path for item in report.changed] == []
