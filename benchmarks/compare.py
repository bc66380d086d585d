"""This project, hand-written raw ASGI and other frameworks side by side, in one interleaved run.

    python benchmarks/compare.py --direct                       ASGI calls without a server
    python benchmarks/compare.py                                over HTTP, through uvicorn and granian

Each contestant has its own process (`contestants/`, `harness/environments.py`). Answers are compared before
anything is timed. Figures are CPU time.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))

from harness.chart import draw_chart
from harness.comparison import Comparison, compare_direct
from harness.environments import CONTESTANTS, Absent, Contestant, find_python
from harness.http import compare_http
from harness.load import choose_client
from harness.machine import describe_machine
from harness.process import Worker
from harness.report import as_json, as_markdown
from harness.workloads import WORKLOADS, Workload

T = TypeVar("T")


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--direct", action="store_true", help="call the ASGI applications, without a server")
    parser.add_argument(
        "--requests", type=int, default=100_000, help="per workload and contestant, all rounds"
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", help="contestants, separated by commas")
    parser.add_argument("--workloads", help="workloads, separated by commas")
    parser.add_argument("--python", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--no-install", action="store_true", help="make no environments")
    parser.add_argument("--concurrency", type=int, default=32, help="connections over HTTP")
    parser.add_argument("--server", choices=("uvicorn", "granian", "both"), default="both")
    parser.add_argument("--client", choices=("auto", "wrk", "oha", "asyncio"), default="auto")
    parser.add_argument(
        "--allocations", type=int, default=0, metavar="N", help="count memory over N requests"
    )
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--markdown", type=Path, metavar="FILE")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg")
    return parser.parse_args()


def choose(entries: tuple[T, ...], names: str | None, attribute: str) -> list[T]:
    """The named entries, or all of them. Raises SystemExit for an unknown name."""
    known = {getattr(entry, attribute): entry for entry in entries}
    chosen = names.split(",") if names else list(known)
    unknown = sorted(set(chosen) - set(known))
    if unknown:
        raise SystemExit(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    return [known[name] for name in chosen]


def start_workers(
    contestants: list[Contestant], arguments: argparse.Namespace
) -> tuple[list[Worker], dict[str, str]]:
    chosen = dict(entry.split("=", 1) for entry in arguments.python)
    workers, absent = [], {}
    for contestant in contestants:
        try:
            python = find_python(contestant, chosen, may_install=not arguments.no_install)
            workers.append(Worker(contestant, python))
        except Absent as reason:
            absent[contestant.title] = str(reason)
    # Raw ASGI first: its answers are the ones that are expected.
    workers.sort(key=lambda worker: worker.contestant.module != "raw")
    return workers, absent


def run_direct(arguments: argparse.Namespace, workloads: list[Workload]) -> Comparison:
    contestants = [entry for entry in choose(CONTESTANTS, arguments.only, "module") if not entry.is_http_only]
    workers, absent = start_workers(contestants, arguments)
    if not workers:
        raise SystemExit("\n".join(f"{name} is absent: {reason}" for name, reason in absent.items()))
    try:
        comparison = compare_direct(
            workers,
            workloads,
            requests=arguments.requests,
            rounds=arguments.rounds,
            allocations=arguments.allocations,
        )
    finally:
        peaks = {worker.contestant.module: worker.quit() for worker in workers}
    comparison.peak_bytes = peaks
    comparison.absent = absent
    return comparison


def run_http(arguments: argparse.Namespace, workloads: list[Workload]) -> list[Comparison]:
    chosen = dict(entry.split("=", 1) for entry in arguments.python)
    pythons, absent = [], {}
    for contestant in choose(CONTESTANTS, arguments.only, "module"):
        try:
            python = find_python(contestant, chosen, may_install=not arguments.no_install)
            pythons.append((contestant, python))
        except Absent as reason:
            absent[contestant.title] = str(reason)
    pythons.sort(key=lambda pair: pair[0].module != "raw")
    comparisons = []
    for server in ("uvicorn", "granian") if arguments.server == "both" else (arguments.server,):
        comparison = compare_http(
            pythons,
            workloads,
            server=server,
            client=choose_client(arguments.client),
            requests=arguments.requests,
            rounds=arguments.rounds,
            concurrency=arguments.concurrency,
        )
        comparison.absent |= absent
        comparisons.append(comparison)
    return comparisons


def draw(comparison: Comparison) -> str:
    groups = {
        title: {name: figures.median / 1e3 for name, figures in comparison.figures[workload].items()}
        for workload, title in comparison.workloads.items()
    }
    return draw_chart("CPU time per request", groups, comparison.titles, "microseconds, less is better")


def main() -> None:
    arguments = read_arguments()
    if arguments.direct:
        comparisons = [run_direct(arguments, choose(WORKLOADS, arguments.workloads, "name"))]
    else:
        comparisons = run_http(arguments, choose(WORKLOADS, arguments.workloads, "name"))
    machine = describe_machine()
    if arguments.json:
        values = [as_json(comparison, machine) for comparison in comparisons]
        value = values[0] if arguments.direct else values
        arguments.json.write_text(json.dumps(value, indent=1), encoding="utf-8")
    text = "\n".join(as_markdown(comparison, machine) for comparison in comparisons)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")
    if arguments.chart:
        for comparison in comparisons:
            server = comparison.settings.get("server", "")
            name = f"{arguments.chart.stem}-{server}.svg" if server else arguments.chart.name
            arguments.chart.with_name(name).write_text(draw(comparison), encoding="utf-8")


if __name__ == "__main__":
    main()
