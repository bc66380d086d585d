"""A comparison → a bar chart as SVG text.

Knows: bars on a logarithmic scale. Does not know: how figures were measured.
"""

import math
from collections.abc import Mapping
from xml.sax.saxutils import escape

__all__ = ["draw_chart"]

_COLOURS = ("#1b7f5c", "#5b6770", "#3d7dca", "#7a4fb5", "#c2702b", "#b5445a", "#8a8d2f", "#2f8a8d", "#99582a")
_BAR, _GAP, _LEFT, _WIDTH, _RIGHT = 11, 16, 250, 640, 120


def draw_chart(
    title: str, groups: Mapping[str, Mapping[str, float]], names: Mapping[str, str], unit: str
) -> str:
    """One group of bars for each key of `groups`; the values are positive, in `unit`; longer is more.

    >>> draw_chart("t", {"w": {"a": 1.0, "b": 10.0}}, {"a": "A", "b": "B"}, "us").count("<rect")
    5
    """
    values = [value for bars in groups.values() for value in bars.values() if value > 0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    colours = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(names)}
    parts, top = _legend(names, colours)
    for group, bars in groups.items():
        middle = top + len(bars) * _BAR / 2 + 4
        parts.append(f'<text x="{_LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(group)}</text>')
        for name, value in bars.items():
            width = max(1.0, (math.log10(value) - low) / (high - low) * _WIDTH) if value > 0 else 1.0
            parts.append(
                f'<rect x="{_LEFT}" y="{top}" width="{width:.1f}" height="{_BAR - 1}" fill="{colours[name]}"/>'
                f'<text x="{_LEFT + width + 4:.1f}" y="{top + _BAR - 2}" class="value">{value:,.2f}</text>'
            )
            top += _BAR
        top += _GAP
    return _document(title, unit, parts, top)


def _legend(names: Mapping[str, str], colours: Mapping[str, str]) -> tuple[list[str], int]:
    parts = []
    for index, (name, label) in enumerate(names.items()):
        x, y = 20 + index % 5 * 195, 44 + index // 5 * 18
        parts.append(
            f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colours[name]}"/>'
            f'<text x="{x + 16}" y="{y + 10}">{escape(label)}</text>'
        )
    return parts, 44 + (len(names) + 4) // 5 * 18 + 14


def _document(title: str, unit: str, parts: list[str], height: int) -> str:
    width = _LEFT + _WIDTH + _RIGHT
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="12">\n'
        "<style>.value { font-size: 9px; fill: #555 }</style>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="20" y="26" font-size="16">{escape(title)} ({escape(unit)}, logarithmic)</text>\n'
        f"{body}\n</svg>\n"
    )
