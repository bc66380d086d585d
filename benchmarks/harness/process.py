"""The parent's side of `worker`: one process per contestant, spoken to in lines of JSON.

Knows: pipes and answers. Does not know: applications, statistics.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

from harness.environments import Absent, Contestant, variables
from harness.workloads import Workload

__all__ = ["ContestantError", "Worker"]

FOLDER = Path(__file__).parent.parent


class ContestantError(Exception):
    """The contestant raised; the text is its traceback."""


class Worker:
    """A contestant's process. Raises Absent when the contestant cannot be imported."""

    def __init__(self, contestant: Contestant, python: str) -> None:
        self.contestant = contestant
        try:
            self.process = subprocess.Popen(
                [python, "-m", "harness.worker", contestant.module],
                cwd=FOLDER,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                env=variables(contestant),
            )
        except OSError as error:
            raise Absent(f"{python} cannot be run: {error.strerror}") from None
        hello = self._read()
        if "error" in hello:
            self.process.wait()
            raise Absent(hello["error"])
        self.version: str = hello["version"]
        self.python: str = hello["python"]
        self.unsupported: dict[str, str] = hello["unsupported"]
        self.has_fastapi_errors: bool = hello["fastapi_errors"]

    @property
    def title(self) -> str:
        """The name with the version."""
        return f"{self.contestant.title} {self.version}".strip()

    def ask(self, do: str, workload: Workload, count: int = 0) -> dict[str, Any]:
        """Give one command. Raises ContestantError."""
        command = {"do": do, "workload": workload.name, "kind": workload.kind, "count": count}
        self._write(command)
        answer = self._read()
        if "error" in answer:
            raise ContestantError(answer.get("traceback", answer["error"]))
        return answer

    def quit(self) -> int:
        """End the process; its peak resident memory in bytes, 0 when it has ended before."""
        try:
            self._write({"do": "quit"})
            peak = int(self._read().get("peak_bytes", 0))
        except OSError:
            peak = 0  # it has ended before
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return peak

    def _write(self, command: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"error": "the process ended"}
