"""A comparison → Markdown, JSON, text. Knows: words and columns. Does not know: how figures were measured."""

from typing import Any

from harness.comparison import Comparison

__all__ = ["as_json", "as_markdown"]

OURS = "fasterapi"
RAW = "raw"
ABSENT = "-"


def _time(nanoseconds: float) -> str:
    if nanoseconds >= 1e6:
        return f"{nanoseconds / 1e6:,.2f} ms"
    return f"{nanoseconds / 1e3:,.2f} us"


def _machine_lines(comparison: Comparison, machine: dict[str, str]) -> list[str]:
    settings = ", ".join(f"{name} {value}" for name, value in comparison.settings.items())
    return [
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load']}.",
        f"{machine['system']}, {machine['python']}.",
        f"{settings[:1].upper()}{settings[1:]}.",
        "",
        "Contestants: " + "; ".join(comparison.titles.values()) + ".",
    ]


def as_markdown(comparison: Comparison, machine: dict[str, str]) -> str:
    """Three tables: CPU time per request, ratios to raw ASGI, and this project against every other one."""
    parts = ["\n".join(_machine_lines(comparison, machine))]
    parts.append("CPU time per request: median of the rounds ± half the distance of the quartiles.\n")
    parts[-1] += "\n" + _table(comparison, _median_cell)
    if RAW in comparison.titles:
        parts.append(
            "Speed as a multiple of hand-written raw ASGI's (1.00 = as fast), median of paired rounds.\n\n"
            + _table(comparison, lambda name, who: _ratio_cell(comparison.ratio(name, who, RAW)), skip=RAW)
        )
    if OURS in comparison.titles:
        parts.append(
            "How many times as fast this project is.\n\n"
            + _table(comparison, lambda name, who: _ratio_cell(comparison.ratio(name, OURS, who)), skip=OURS)
        )
    if comparison.allocations:
        parts.append(
            "Memory blocks that one request holds when it sends, and bytes at its peak.\n\n"
            + _table(comparison, lambda name, who: _allocation_cell(comparison, name, who))
        )
    parts.extend(_remarks(comparison))
    return "\n\n".join(parts) + "\n"


def _table(comparison: Comparison, cell: Any, skip: str = "") -> str:
    names = [name for name in comparison.titles if name != skip]
    lines = [
        "| workload | " + " | ".join(_short(comparison.titles[name]) for name in names) + " |",
        "|---|" + "--:|" * len(names),
    ]
    for workload, title in comparison.workloads.items():
        cells = [
            cell(comparison.figures[workload][name], None)
            if cell is _median_cell and name in comparison.figures[workload]
            else ABSENT
            if name not in comparison.figures[workload]
            else cell(workload, name)
            for name in names
        ]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _short(title: str) -> str:
    return title.split(" (", maxsplit=1)[0] if "(" in title else title.rsplit(" ", 1)[0] or title


def _median_cell(figures: Any, _: Any) -> str:
    return f"{_time(figures.median)} ±{figures.spread:.0%}"


def _ratio_cell(ratio: float | None) -> str:
    if ratio is None:
        return ABSENT
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}"


def _allocation_cell(comparison: Comparison, workload: str, name: str) -> str:
    counted = comparison.allocations.get(workload, {}).get(name)
    return ABSENT if not counted else f"{counted['blocks']:.0f} / {counted['bytes']:,.0f} B"


def _remarks(comparison: Comparison) -> list[str]:
    lines = [f"- {name} is absent: {reason}" for name, reason in comparison.absent.items()]
    lines += [
        f"- {comparison.titles[name]} does not take part in “{comparison.workloads[workload]}”: {reason}"
        for workload, reasons in comparison.left_out.items()
        for name, reason in reasons.items()
    ]
    return ["\n".join(lines)] if lines else []


def as_json(comparison: Comparison, machine: dict[str, str]) -> dict[str, Any]:
    """Everything, for other programs: nanoseconds of CPU per request and round."""
    return {
        "machine": machine,
        "settings": comparison.settings,
        "contestants": comparison.titles,
        "workloads": comparison.workloads,
        "rounds": {
            workload: {name: list(figures.rounds) for name, figures in measured.items()}
            for workload, measured in comparison.figures.items()
        },
        "ratios_to_raw": _ratios(comparison, lambda workload, name: comparison.ratio(workload, name, RAW)),
        "ours_to_others": _ratios(comparison, lambda workload, name: comparison.ratio(workload, OURS, name)),
        "allocations": comparison.allocations,
        "peak_bytes": comparison.peak_bytes,
        "absent": comparison.absent,
        "left_out": comparison.left_out,
    }


def _ratios(comparison: Comparison, ratio: Any) -> dict[str, dict[str, float]]:
    return {
        workload: {name: round(value, 4) for name in measured if (value := ratio(workload, name)) is not None}
        for workload, measured in comparison.figures.items()
    }
