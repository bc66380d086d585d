"""The oracle: a list of regular expressions, sorted once, searched from the top. Slow and obviously right.

It shares no code with the package: it reads templates, orders them and matches them in its own few lines.
"""

import re

PATTERNS = {
    "str": "[^/]+",
    "path": "(?s:.*)",
    "int": "[0-9]+",
    "float": r"[0-9]+(?:\.[0-9]+)?",
    "uuid": "-?".join(["[0-9a-fA-F]{%d}" % n for n in (8, 4, 4, 4, 12)]),
}
RANKS = {"uuid": 10, "int": 20, "float": 30}


def tokens(text):
    """'{a}.{b:int}' → [('a', 'str'), '.', ('b', 'int')]; doubled braces are literal."""
    found = []
    for double, field, literal in re.findall(r"(\{\{|\}\})|\{(.*?)\}|([^{}]+)", text):
        if field:
            name, _, kind = field.partition(":")
            found.append((name, kind or "str"))
        elif found and isinstance(found[-1], str):
            found[-1] += literal or double[0]
        else:
            found.append(literal or double[0])
    return found


def specificity(template):
    """Segment by segment: static, mixed (longer literal start first), converter, bare, catch-all and all behind it."""
    keys, segments = [], template.split("/")
    for index, segment in enumerate(segments):
        parts = tokens(segment)
        fields = [part for part in parts if isinstance(part, tuple)]
        is_tail = any(kind == "path" for _, kind in fields)
        parts = tokens("/".join(segments[index:])) if is_tail else parts
        fields = [part for part in parts if isinstance(part, tuple)]
        literals = sum(len(part) for part in parts if isinstance(part, str))
        shape = str([part if isinstance(part, str) else PATTERNS[part[1]] for part in parts])
        rest = (is_tail, -literals, -sum(kind != "str" for _, kind in fields), shape)
        if not fields:
            keys.append((0, segment))
        elif isinstance(parts[0], str):
            keys.append((1, [*map(ord, parts[0]), 0x110000], *rest))
        elif is_tail:
            keys.append((4, [], *rest))
        elif len(parts) > 1:
            keys.append((1, [0x110000], *rest))
        else:
            keys.append((3,) if parts[0][1] == "str" else (2, RANKS[parts[0][1]], parts[0][1]))
        if is_tail:
            break
    return keys


class Reference:
    def __init__(self, routes):
        """`routes`: (method, template, handler) in any order."""
        self.rows = []
        for method, template, handler in sorted(routes, key=lambda route: specificity(route[1])):
            parts = tokens(template)
            pattern = "".join(re.escape(p) if isinstance(p, str) else f"({PATTERNS[p[1]]})" for p in parts)
            names = [part[0] for part in parts if isinstance(part, tuple)]
            self.rows.append((method, re.compile(pattern), names, handler))

    def resolve(self, method, path):
        for wanted, pattern, names, handler in self.rows:
            if wanted == method and (match := pattern.fullmatch(path)):
                return handler, dict(zip(names, match.groups(), strict=True))
        return None

    def allowed_methods(self, path):
        return tuple(sorted({row[0] for row in self.rows if row[1].fullmatch(path)}))
