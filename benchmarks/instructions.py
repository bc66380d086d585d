"""Instructions per request, which do not depend on the machine's load.

    python benchmarks/instructions.py [--workloads health,query] [--only fasterapi,raw,fastapi] [--requests 1000]

Each contestant runs under `valgrind --tool=callgrind` (or `perf stat`, where the kernel lets it count
instructions): once with a few requests of every workload, then once per workload with many more of this one. The
difference is what these requests cost; start-up and the making of scopes cancel out. Hash seeds are
fixed. Valgrind takes about a minute for each figure.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness.environments import CONTESTANTS, Absent, find_python
from harness.workloads import WORKLOADS, Workload

FOLDER = Path(__file__).parent
FEW = 100
DEFAULT_WORKLOADS = "health,path-int,json-body,query,header-cookie,diamond,not-found,invalid"
PROGRAM = """
import importlib, logging, sys
logging.disable(logging.CRITICAL)
from harness.direct import DirectApplication
module = importlib.import_module("contestants." + sys.argv[1])
application = DirectApplication(module.build(sys.argv[2]))
application.start()
for entry in sys.argv[3].split(","):
    name, count, spare = entry.split("=")
    application.run(name, int(count))
    application.make_scopes(name, int(spare))
"""


def with_valgrind(command: list[str], environment: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out"]
        done = subprocess.run(
            [*valgrind, *command], cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
        )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return int(found[1])


def with_perf(command: list[str], environment: dict[str, str]) -> int:
    perf = ["perf", "stat", "-x,", "-e", "instructions:u"]
    done = subprocess.run(
        [*perf, *command], cwd=FOLDER, env=environment, capture_output=True, text=True, check=False
    )
    found = re.search(r"^(\d+),.*instructions", done.stderr, re.MULTILINE)
    if found is None:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    return int(found[1])


def choose_counter() -> tuple[str, Callable[[list[str], dict[str, str]], int]]:
    """Perf where it can count, else valgrind. Raises SystemExit without either."""
    if shutil.which("perf"):
        try:
            with_perf([sys.executable, "-c", "pass"], dict(os.environ))
        except RuntimeError:
            pass  # virtual machines and containers often hide the counters
        else:
            return "perf stat", with_perf
    if shutil.which("valgrind"):
        return "valgrind", with_valgrind
    raise SystemExit("neither perf (with counters) nor valgrind is here")


def per_request(
    count: Callable[[list[str], dict[str, str]], int],
    python: str,
    module: str,
    workloads: list[Workload],
    requests: int,
) -> dict[str, float]:
    """Instructions per request by workload; all of the workloads are of one application."""
    environment = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

    def total(more: str) -> int:
        # Whoever does not get the requests makes their scopes only, so that these cancel out too.
        runs = ",".join(
            f"{entry.name}={FEW + requests}=0" if entry.name == more else f"{entry.name}={FEW}={requests}"
            for entry in workloads
        )
        return count([python, "-c", PROGRAM, module, workloads[0].kind, runs], environment)

    base = total("")
    return {entry.name: (total(entry.name) - base) / requests for entry in workloads}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workloads", default=DEFAULT_WORKLOADS)
    parser.add_argument("--only", default="fasterapi,raw")
    parser.add_argument("--requests", type=int, default=1_000)
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    name, count = choose_counter()
    chosen = dict(entry.split("=", 1) for entry in arguments.python)
    workloads = [entry for entry in WORKLOADS if entry.name in arguments.workloads.split(",")]
    modules = arguments.only.split(",")
    contestants = {entry.module: entry for entry in CONTESTANTS}
    results: dict[str, dict[str, float]] = {}
    for module in modules:
        try:
            python = find_python(contestants[module], chosen, may_install=True)
        except Absent as reason:
            raise SystemExit(f"{module} is absent: {reason}") from None
        for kind in dict.fromkeys(entry.kind for entry in workloads):
            same = [entry for entry in workloads if entry.kind == kind]
            for workload, value in per_request(count, python, module, same, arguments.requests).items():
                results.setdefault(workload, {})[module] = value
    print(f"Instructions per request, by {name}.\n")
    print(f"| workload | {' | '.join(modules)} |\n|---|{'--:|' * len(modules)}")
    for workload in workloads:
        row = " | ".join(f"{results[workload.name][module]:,.0f}" for module in modules)
        print(f"| {workload.title} | {row} |")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
