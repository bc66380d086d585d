"""What a migration did and what it left: per file, with file:line and advice.

Knows: the marks in the migrated text. Does not know: how they came there.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

MARK = "TODO(fasterapi): "


@dataclass(frozen=True)
class Todo:
    """One thing to do by hand: `line` counts from 1 in the migrated file."""

    path: PurePosixPath
    line: int
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.advice}"


@dataclass(frozen=True)
class FileReport:
    """One file: whether it changed, its marks, and why it was skipped, if it was."""

    path: PurePosixPath
    changed: bool
    todos: tuple[Todo, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class Report:
    """A whole run. `notes` concern files that the codemod reads but does not write (pyproject, Dockerfile)."""

    files: Sequence[FileReport]
    notes: Sequence[str] = ()
    written: bool = True
    diff: str = field(default="", repr=False)

    @property
    def changed(self) -> list[FileReport]:
        """The files that changed."""
        return [item for item in self.files if item.changed]

    @property
    def todos(self) -> list[Todo]:
        """Everything that is left to do by hand."""
        return [todo for item in self.files for todo in item.todos]

    @property
    def problems(self) -> list[FileReport]:
        """The files that were left as they were although they should have been read."""
        return [item for item in self.files if item.problem is not None]

    def to_text(self) -> str:
        """The report for people."""
        verb = "rewritten" if self.written else "would be rewritten"
        lines = [f"{len(self.changed)} of {_count(len(self.files), 'file')} {verb}."]
        lines += [f"  {item.path}" for item in self.changed]
        if self.problems:
            lines += ["", f"{_count(len(self.problems), 'file')} left as they were:"]
            lines += [f"  {item.path}: {item.problem}" for item in self.problems]
        if self.todos:
            lines += ["", f"{_count(len(self.todos), 'place')} to finish by hand, marked `# {MARK.strip()}`:"]
            lines += [f"  {todo}" for todo in self.todos]
        if self.notes:
            lines += ["", "Beside the Python files:", *(f"  {note}" for note in self.notes)]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """The report for scripts: `files`, `todos`, `problems`, `notes`."""
        return json.dumps(
            {
                "written": self.written,
                "changed": [str(item.path) for item in self.changed],
                "todos": [{"path": str(t.path), "line": t.line, "advice": t.advice} for t in self.todos],
                "problems": [{"path": str(item.path), "problem": item.problem} for item in self.problems],
                "notes": list(self.notes),
            },
            indent=2,
        )


def find_todos(path: PurePosixPath, text: str) -> tuple[Todo, ...]:
    r"""The marks in a file.

    >>> [str(todo) for todo in find_todos(PurePosixPath("a.py"), "x = 1\n# TODO(fasterapi): why\n")]
    ['a.py:2: why']
    """
    return tuple(
        Todo(path, number, line.partition(MARK)[2])
        for number, line in enumerate(text.splitlines(), 1)
        if line.lstrip().startswith("# " + MARK)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
