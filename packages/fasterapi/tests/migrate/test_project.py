"""What the migration reads and writes on disk, and what it refuses."""

import importlib
import json
import os
import stat
import subprocess
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

pytest.importorskip("libcst", reason="the codemod needs the extra `cli`")

from fasterapi.cli.migrate import MigrationError, migrate, rewrite_sources

BEFORE = "from fastapi import FastAPI\napp = FastAPI()\n"
AFTER = "from FasterAPI import Faster\napp = Faster()\n"


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, "-C", str(folder), *arguments], check=True, capture_output=True)


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    report = migrate(tmp_path, write=False)
    assert (tmp_path / "main.py").read_text() == BEFORE
    assert report.diff.startswith("--- a/main.py\n+++ b/main.py\n")
    assert "1 of 1 file would be rewritten." in report.to_text()


def test_a_single_file_is_migrated_alone(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    (tmp_path / "other.py").write_text(BEFORE)
    migrate(tmp_path / "main.py")
    assert (tmp_path / "main.py").read_text() == AFTER
    assert (tmp_path / "other.py").read_text() == BEFORE


@pytest.mark.parametrize(
    "folder", [".git", ".venv", "venv", "node_modules", "__pycache__", "lib/site-packages", "build", "mine"]
)
def test_what_is_not_the_projects_own_is_left_alone(tmp_path: Path, folder: str) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "x.py").write_text(BEFORE)
    if folder == "mine":
        (tmp_path / folder / "pyvenv.cfg").write_text("")
    migrate(tmp_path)
    assert (tmp_path / folder / "x.py").read_text() == BEFORE


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE.replace("\n", "\r\n").encode(), AFTER.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + BEFORE.encode(), b"\xef\xbb\xbf" + AFTER.encode()),
        (
            b"# -*- coding: latin-1 -*-\nfrom fastapi import FastAPI\nx = '\xe9'\n",
            b"# -*- coding: latin-1 -*-\nfrom FasterAPI import Faster\nx = '\xe9'\n",
        ),
        (BEFORE.rstrip().encode(), AFTER.rstrip().encode()),
        (b"from fastapi import FastAPI\n\tx", b"from fastapi import FastAPI\n\tx"),
        (b"x = 1\r\nfrom fastapi import FastAPI\n", b"x = 1\r\nfrom FasterAPI import Faster\n"),
    ],
    ids=["crlf", "byte-order mark", "declared encoding", "no last newline", "unparsable", "mixed"],
)
def test_encoding_and_line_endings_stay(tmp_path: Path, before: bytes, after: bytes) -> None:
    (tmp_path / "main.py").write_bytes(before)
    migrate(tmp_path)
    assert (tmp_path / "main.py").read_bytes() == after


@pytest.mark.parametrize("content", [b"from fastapi import (\n", b"\xff\xfe fastapi", b"# coding: nonsense\nimport fastapi\n"])
def test_a_file_that_cannot_be_parsed_is_reported_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(content)
    (tmp_path / "good.py").write_text(BEFORE)
    report = migrate(tmp_path)
    assert (tmp_path / "bad.py").read_bytes() == content
    assert [str(item.path) for item in report.problems] == ["bad.py"]
    assert "bad.py: cannot be parsed" in report.to_text()
    assert (tmp_path / "good.py").read_text() == AFTER


def test_permissions_stay_and_no_temporary_file_is_left(tmp_path: Path) -> None:
    file = tmp_path / "main.py"
    file.write_text(BEFORE)
    file.chmod(0o755)
    migrate(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o755
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]


@pytest.fixture
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside")
    (folder / "x.py").write_text(BEFORE)
    return folder


def test_links_never_lead_out(tmp_path: Path, outside: Path) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    (tmp_path / "linked.py").symlink_to(outside / "x.py")
    (tmp_path / "folder").symlink_to(outside)
    (tmp_path / "inner.py").symlink_to(tmp_path / "main.py")
    report = migrate(tmp_path)
    assert (outside / "x.py").read_text() == BEFORE
    assert (tmp_path / "linked.py").is_symlink()
    assert (tmp_path / "inner.py").is_symlink()
    assert (tmp_path / "inner.py").read_text() == AFTER
    assert [(str(item.path), item.problem) for item in report.problems] == [
        ("linked.py", "a link to a file outside the folder")
    ]


def test_huge_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    (tmp_path / "data.py").write_text("x = 1\n" * 400_000)
    assert [item.problem for item in migrate(tmp_path).problems] == ["larger than 2 MB"]


@pytest.mark.parametrize("change", ["edit", "add"])
def test_a_dirty_tree_is_refused_unless_forced(tmp_path: Path, change: str) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    (tmp_path / ("main.py" if change == "edit" else "new.py")).write_text(BEFORE + "# changed\n")
    with pytest.raises(MigrationError, match="1 uncommitted change\n.*--force"):
        migrate(tmp_path)
    assert (tmp_path / "main.py").read_text().startswith(BEFORE)
    assert migrate(tmp_path, write=False).changed  # looking is always allowed
    assert migrate(tmp_path, force=True).changed


def test_a_clean_tree_is_migrated(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    assert migrate(tmp_path).changed


def test_without_git_nothing_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    monkeypatch.setenv("PATH", "")
    assert migrate(tmp_path).changed


@pytest.mark.parametrize("name", ["missing", "empty"])
def test_nothing_to_migrate_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(MigrationError, match=r"does not exist|holds no Python file"):
        migrate(tmp_path / name)


def test_a_failing_write_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.py").write_text(BEFORE)

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        migrate(tmp_path)
    assert os.listdir(tmp_path) == ["main.py"]
    assert (tmp_path / "main.py").read_text() == BEFORE


def test_the_report_lists_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("from fastapi_users import x\nfrom fastapi import FastAPI\n")
    (tmp_path / "pyproject.toml").write_text('[project]\ndependencies = ["fastapi[all]"]\n# fastapi\n')
    (tmp_path / "Dockerfile").write_text('CMD ["fastapi", "run"]\n')
    report = migrate(tmp_path, write=False)
    assert [str(todo) for todo in report.todos] == [
        "main.py:1: `fastapi_users` is built on FastAPI's own classes and cannot serve a FasterAPI application"
    ]
    assert [note.partition(" ")[0] for note in report.notes] == ["pyproject.toml:2:", "Dockerfile:1:"]
    text = report.to_text()
    assert "1 place to finish by hand" in text
    assert "Beside the Python files:" in text
    record = json.loads(report.to_json())
    assert record["todos"][0]["line"] == 1
    assert record["written"] is False


def test_modules_are_found_through_packages_and_re_exports() -> None:
    files = {
        "pkg/__init__.py": "from .models import Item\n",
        "pkg/models.py": "from pydantic import BaseModel\nclass Item(BaseModel):\n    size: int = 1\n",
        "pkg/sub/child.py": "from .. import Item\nclass Child(Item):\n    name: str\n",
        "tests/use.py": "import pkg\nfrom pkg.sub import child\nx = pkg.Item(**{})\ny = child.Child(**{})\n",
    }
    results = rewrite_sources({PurePosixPath(k): v.encode() for k, v in files.items()})
    assert "class Child(Item, kw_only=True):" in results[PurePosixPath("pkg/sub/child.py")].content.decode()
    used = results[PurePosixPath("tests/use.py")].content.decode()
    assert "x = model_validate(pkg.Item, {})" in used
    assert "y = model_validate(child.Child, {})" in used


def test_a_file_that_trips_the_codemod_is_reported_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.py").write_text(BEFORE)
    (tmp_path / "good.py").write_text(BEFORE)
    real = importlib.import_module("fasterapi.cli.migrate.rewrite")
    original = real.rewrite_models

    def trip(source: Any, index: Any) -> Any:
        if source.path.name == "bad.py":
            raise RecursionError("too deep")
        return original(source, index)

    monkeypatch.setattr(real, "rewrite_models", trip)
    report = migrate(tmp_path)
    assert [str(item.path) for item in report.problems] == ["bad.py"]
    assert "RecursionError: too deep" in report.to_text()
    assert (tmp_path / "good.py").read_text() == AFTER


def test_text_that_would_not_parse_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "main.py").write_text(BEFORE)
    real = importlib.import_module("fasterapi.cli.migrate.rewrite")

    def refuse(text: bytes) -> None:
        raise SyntaxError("never mind")

    monkeypatch.setattr(real.ast, "parse", refuse)
    report = migrate(tmp_path)
    monkeypatch.undo()
    assert "does not parse (never mind)" in report.to_text()
    assert (tmp_path / "main.py").read_text() == BEFORE
