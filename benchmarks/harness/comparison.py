"""One interleaved run: answers checked, then rounds of every contestant in turn.

Knows: workers, workloads, the order of rounds. Does not know: printing.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.process import ContestantError, Worker
from harness.statistics import Figures, ratio_of
from harness.workloads import Workload

__all__ = ["Comparison", "compare_direct", "differs"]


@dataclass
class Comparison:
    """Figures by workload and contestant; `absent` and `left_out` say who is missing and why."""

    titles: dict[str, str] = field(default_factory=dict)
    workloads: dict[str, str] = field(default_factory=dict)
    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    allocations: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def ratio(self, workload: str, contestant: str, base: str) -> float | None:
        """How many times as fast as `base`; None where one of them did not take part."""
        measured = self.figures[workload]
        if base not in measured or contestant not in measured:
            return None
        return ratio_of(measured[base], measured[contestant])


def differs(
    workload: Workload, answer: dict[str, Any], expected: dict[str, Any], *, is_error_known: bool
) -> str:
    """Why an answer may not be timed; "" when it is the expected one."""
    if answer["status"] not in workload.statuses:
        return f"status {answer['status']}, not {sorted(workload.statuses)}"
    if workload.answer == "error" and not is_error_known:
        return ""
    if workload.answer != "error" and answer["status"] != expected["status"]:
        return f"status {answer['status']}, not {expected['status']}"
    if answer["json"] != expected["json"]:
        return f"body {str(answer['json'])[:200]!r}, not {str(expected['json'])[:200]!r}"
    if workload.kind == "middleware":
        wanted = ("x-inner", "x-outer", "access-control-allow-origin")
        absent = [name for name in wanted if name not in answer["headers"]]
        return f"without header {absent}" if absent else ""
    return ""


def compare_direct(
    workers: Sequence[Worker], workloads: Sequence[Workload], *, requests: int, rounds: int, allocations: int
) -> Comparison:
    """Measure. The first worker is raw ASGI or whoever else the answers are compared with."""
    comparison = Comparison(settings={"requests": requests, "rounds": rounds})
    comparison.titles = {worker.contestant.module: worker.title for worker in workers}
    for workload in workloads:
        comparison.workloads[workload.name] = workload.title
        comparison.left_out[workload.name] = {}
        able = _check(workers, workload, comparison)
        comparison.figures[workload.name] = _measure(able, workload, requests=requests, rounds=rounds)
        if allocations:
            comparison.allocations[workload.name] = {
                worker.contestant.module: worker.ask("allocations", workload, allocations) for worker in able
            }
    return comparison


def _check(workers: Sequence[Worker], workload: Workload, comparison: Comparison) -> list[Worker]:
    able, expected = [], None
    for worker in workers:
        reason = worker.unsupported.get(workload.name, "")
        if not reason:
            try:
                answer = worker.ask("check", workload)
            except ContestantError as error:
                reason = str(error).strip().splitlines()[-1]
            else:
                expected = expected or answer
                reason = differs(workload, answer, expected, is_error_known=worker.has_fastapi_errors)
        if reason:
            comparison.left_out[workload.name][worker.contestant.module] = reason
        else:
            able.append(worker)
    return able


def _measure(workers: list[Worker], workload: Workload, *, requests: int, rounds: int) -> dict[str, Figures]:
    count = max(1, requests // workload.divisor // rounds)
    print(f"{workload.title}: {rounds} x {count} requests", end=" ", file=sys.stderr, flush=True)
    measured: dict[str, list[float]] = {worker.contestant.module: [] for worker in workers}
    for worker in workers:
        worker.ask("run", workload, max(1, min(count, 200)))  # warm: caches, specialised bytecode
    for number in range(rounds):
        # Another one begins each round, so that nobody always follows the same neighbour.
        start = number % max(1, len(workers))
        for worker in workers[start:] + workers[:start]:
            spent = worker.ask("run", workload, count)
            measured[worker.contestant.module].append(spent["cpu"] / count)
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {name: Figures(tuple(values)) for name, values in measured.items()}
