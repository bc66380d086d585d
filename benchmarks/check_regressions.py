"""Compare the figures of `compare.py --direct --json FILE` with the floors of `floors.json`.

    python benchmarks/check_regressions.py FILE [--floors floors.json] [--markdown comment.md]

Floors are ratios of two contestants of one run, so they hold on any machine: how many times as fast this project
is as the other. Exits with 1 when a ratio lies below its floor by more than `tolerance` (a share of the floor).
The comment marks ratios clearly above the floor with a green circle, those around it with a white one, and those
below with a red one.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

FLOORS = Path(__file__).parent / "floors.json"
ABOVE, AROUND, BELOW, MISSING = "\U0001f7e2", "⚪", "\U0001f534", "❔"


def judge(ratio: float | None, floor: float, tolerance: float) -> str:
    """The mark of one ratio.

    >>> [judge(ratio, 2.0, 0.1) == mark for ratio, mark in ((2.5, ABOVE), (1.9, AROUND), (1.7, BELOW))]
    [True, True, True]
    """
    if ratio is None:
        return MISSING
    if ratio < floor * (1 - tolerance):
        return BELOW
    return AROUND if ratio <= floor * (1 + tolerance) else ABOVE


def compare(
    figures: dict[str, Any], floors: dict[str, Any]
) -> list[tuple[str, str, str, float, float | None]]:
    """(mark, workload, contestant, floor, ratio) for every floor whose workload was measured."""
    rows = []
    for other, by_workload in floors["ratios"].items():
        for workload, floor in by_workload.items():
            if workload not in figures["ours_to_others"]:
                continue
            ratio = figures["ours_to_others"][workload].get(other)
            rows.append((judge(ratio, floor, floors["tolerance"]), workload, other, floor, ratio))
    return rows


def as_markdown(rows: list[tuple[str, str, str, float, float | None]]) -> str:
    below = sum(mark == BELOW for mark, *_ in rows)
    verdict = (
        f"{below} of {len(rows)} ratios are below their floor" if below else "No ratio is below its floor"
    )
    lines = [f"### Speed: {verdict}", "", "| | workload | against | floor | now |", "|---|---|---|--:|--:|"]
    for mark, workload, other, floor, ratio in rows:
        now = "not measured" if ratio is None else f"{ratio:.2f}"
        lines.append(f"| {mark} | {workload} | {other} | {floor:.2f} | {now} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figures", type=Path)
    parser.add_argument("--floors", type=Path, default=FLOORS)
    parser.add_argument("--markdown", type=Path)
    arguments = parser.parse_args()
    figures = json.loads(arguments.figures.read_text(encoding="utf-8"))
    rows = compare(figures, json.loads(arguments.floors.read_text(encoding="utf-8")))
    text = as_markdown(rows)
    print(text)
    if arguments.markdown:
        arguments.markdown.write_text(text, encoding="utf-8")
    return int(not rows or any(mark in {BELOW, MISSING} for mark, *_ in rows))


if __name__ == "__main__":
    sys.exit(main())
