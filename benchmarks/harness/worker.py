"""The process of one contestant: reads commands from stdin, one JSON object a line, and answers on stdout.

    python -m harness.worker CONTESTANT

Commands: {"do": "check" | "run" | "allocations" | "quit", "workload": name, "kind": kind, "count": n}
The application of a kind is built when it is first asked for.
"""

import importlib
import importlib.metadata
import json
import logging
import os
import platform
import sys
import traceback
from typing import Any

from harness.direct import DirectApplication
from harness.memory import peak_memory_bytes

__all__ = ["main"]


class _Worker:
    def __init__(self, name: str) -> None:
        self.module = importlib.import_module(f"contestants.{name}")
        self.applications: dict[str, DirectApplication] = {}

    def hello(self) -> dict[str, Any]:
        distribution = self.module.DISTRIBUTION
        return {
            "version": importlib.metadata.version(distribution) if distribution else "",
            "python": platform.python_version(),
            "unsupported": getattr(self.module, "UNSUPPORTED", {}),
            "fastapi_errors": getattr(self.module, "FASTAPI_ERRORS", False),
        }

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        application = self._application(command["kind"])
        if command["do"] == "check":
            return application.check(command["workload"])
        if command["do"] == "run":
            return application.run(command["workload"], command["count"])
        return application.allocations(command["workload"], command["count"])

    def _application(self, kind: str) -> DirectApplication:
        if kind not in self.applications:
            application = DirectApplication(
                self.module.build(kind), awaits_disconnect=getattr(self.module, "AWAITS_DISCONNECT", False)
            )
            application.start()
            self.applications[kind] = application
        return self.applications[kind]

    def close(self) -> None:
        for application in self.applications.values():
            application.stop()


def main(name: str) -> None:
    """Obey until "quit" or the end of input."""
    # What the framework prints must not reach the parent's pipe.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)

    def answer(value: dict[str, Any]) -> None:
        answers.write(json.dumps(value) + "\n")
        answers.flush()

    try:
        worker = _Worker(name)
        answer(worker.hello())
    except Exception as error:
        answer({"error": f"{type(error).__name__}: {error}"})
        return
    for line in sys.stdin:
        command = json.loads(line)
        if command["do"] == "quit":
            break
        try:
            answer(worker.obey(command))
        except Exception as error:
            answer({"error": f"{type(error).__name__}: {error}", "traceback": traceback.format_exc()})
    answer({"peak_bytes": peak_memory_bytes()})
    worker.close()


if __name__ == "__main__":
    main(sys.argv[1])
