"""A folder on disk: which files are migrated, and how they are written back safely.

Knows: folders, links, git, atomic writes. Does not know: what is changed in a file.
Nothing outside the given path is ever written: links that lead out are reported, not followed.
"""

import difflib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fasterapi.cli.migrate.names import SPELLINGS
from fasterapi.cli.migrate.report import FileReport, Report, find_todos
from fasterapi.cli.migrate.rewrite import Rewritten, rewrite_sources
from fasterapi.exceptions import FasterAPIError

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages", "venv", "env", "build", "dist"})
MAX_FILE_BYTES = 2_000_000


class MigrationError(FasterAPIError):
    """The migration was refused before anything was written; the text says why and what to do."""


def migrate(path: Path, *, write: bool = True, force: bool = False, package: str = SPELLINGS[0]) -> Report:
    """Migrate the file or folder `path`; with `write=False` only say what would happen.

    Raises `MigrationError` if there is nothing to read, or if git knows of uncommitted changes below `path` and
    `force` is not set: the migration must be a diff that can be looked at and taken back.
    """
    if not path.exists():
        raise MigrationError(f"{path} does not exist")
    root = path.resolve()
    if write and not force:
        _refuse_dirty_tree(root)
    base = root if root.is_dir() else root.parent
    contents: dict[PurePosixPath, bytes] = {}
    skipped: list[FileReport] = []
    for file, problem in _python_files(root):
        relative = PurePosixPath(file.relative_to(base).as_posix())
        if problem is None:
            contents[relative] = file.read_bytes()
        else:
            skipped.append(FileReport(relative, changed=False, problem=problem))
    if not contents:
        raise MigrationError(f"{path} holds no Python file")
    results = rewrite_sources(contents, package=package)
    if write:
        for relative, result in results.items():
            if result.content != contents[relative]:
                _replace(base / relative, result.content)
    reports = [_file_report(relative, contents[relative], results[relative]) for relative in contents]
    diff = "".join(_diff(relative, contents[relative], results[relative].content) for relative in contents)
    return Report([*reports, *skipped], _notes(base) if root.is_dir() else [], written=write, diff=diff)


def _file_report(path: PurePosixPath, before: bytes, result: Rewritten) -> FileReport:
    text = result.content.decode("utf-8", errors="replace")
    return FileReport(path, result.content != before, find_todos(path, text), result.problem)


def _python_files(root: Path) -> Iterator[tuple[Path, str | None]]:
    """Every Python file below `root`, each with the reason why it is not read, if there is one."""
    if root.is_file():
        yield root, None
        return
    for folder, folders, files in os.walk(root, followlinks=False):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if name not in SKIPPED_FOLDERS
            and not name.startswith(".")
            and not (here / name).is_symlink()
            and not (here / name / "pyvenv.cfg").exists()
        )
        for name in sorted(files):
            file = here / name
            if file.suffix != ".py":
                continue
            if file.is_symlink():
                target = file.resolve()
                if not target.is_relative_to(root):
                    yield file, "a link to a file outside the folder"
            elif file.stat().st_size > MAX_FILE_BYTES:
                yield file, f"larger than {MAX_FILE_BYTES // 1_000_000} MB"
            else:
                yield file, None


def _refuse_dirty_tree(root: Path) -> None:
    folder = root if root.is_dir() else root.parent
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), "status", "--porcelain", "--", "."]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    except FileNotFoundError:
        return
    if answer.returncode == 0 and answer.stdout.strip():
        count = len(answer.stdout.splitlines())
        raise MigrationError(
            f"{folder} has {count} uncommitted change{'s' if count > 1 else ''}\n"
            "  commit or stash first, so that the migration is a diff of its own; or pass --force"
        )


def _replace(file: Path, content: bytes) -> None:
    """Write beside the file, then swap: an interrupted run leaves either the old file or the new one."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        temporary.chmod(file.stat().st_mode)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _diff(path: PurePosixPath, before: bytes, after: bytes) -> str:
    if before == after:
        return ""
    old = before.decode("utf-8", errors="replace").splitlines(keepends=True)
    new = after.decode("utf-8", errors="replace").splitlines(keepends=True)
    lines = difflib.unified_diff(old, new, f"a/{path}", f"b/{path}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _notes(base: Path) -> list[str]:
    """Advice on files that name FastAPI and are not Python."""
    notes = []
    patterns = (
        "pyproject.toml",
        "requirements*.txt",
        "requirements/*.txt",
        "setup.cfg",
        "Dockerfile*",
        "Procfile",
    )
    for pattern in patterns:
        for file in sorted(base.glob(pattern)):
            if not file.is_file() or file.is_symlink():
                continue
            for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
                if "fastapi" in line.lower() and not line.lstrip().startswith("#"):
                    notes.append(f"{file.relative_to(base)}:{number}: names FastAPI: {line.strip()}")
    return notes
