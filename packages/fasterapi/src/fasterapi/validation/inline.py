"""A scalar's node → a Python expression that converts a text, for generated code.

Knows: the fastest expression that is right for each scalar. Does not know: where the text comes from, nor the code
around it; `{raw}` in a template must be replaced by a local variable's name, since it may be used several times.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fasterapi.validation import text
from fasterapi.validation.choices import EnumNode, LiteralNode
from fasterapi.validation.scalars import BuiltinNode, ScalarNode
from fasterapi.validation.unions import OptionalNode
from fasterapi.validation.walk import Node


class Inline(NamedTuple):
    """An expression template with `{raw}`, and what its other names stand for."""

    template: str
    namespace: dict[str, Any]


_TEMPLATES: Final[dict[str, Inline]] = {
    "str": Inline("{raw}", {}),
    # The digits of other scripts are decimal, too, but no FastAPI application takes them.
    "int": Inline(
        "(int({raw}) if {raw}.isdecimal() and {raw}.isascii() else parse_int({raw}))",
        {"parse_int": text.parse_int},
    ),
    "float": Inline(
        "(float({raw}) if {raw}.isascii() and {raw}.isprintable() and ' ' not in {raw} else parse_float({raw}))",
        {"parse_float": text.parse_float},
    ),
    "bool": Inline("BOOLEANS[{raw}]", {"BOOLEANS": text.FLAGS}),
}
_COMPARISONS: Final = (("gt", "{limit} < "), ("ge", "{limit} <= "))
_UPPER: Final = (("lt", " < {limit}"), ("le", " <= {limit}"))


def inline(node: Node) -> Inline | None:
    """The expression for a scalar (or an optional one, since a text is never None); None for anything else.

    >>> from fasterapi.validation.build import build
    >>> inline(build(str))
    Inline(template='{raw}', namespace={})
    """
    if isinstance(node, OptionalNode):
        node = node.inner
    if not isinstance(node, ScalarNode):
        return None
    if isinstance(node, BuiltinNode):
        template = _TEMPLATES.get(node.kind.name)
        if template is not None and not node.checks:
            return template
        if template is not None and node.kind.name == "int":
            bounded = _bounded(node, template)
            if bounded is not None:
                return bounded
    if isinstance(node, EnumNode | LiteralNode) and not node.checks:
        return _table(node)
    return Inline("convert({raw})", {"convert": converter(node)})


def _table(node: EnumNode | LiteralNode) -> Inline:
    known = node.class_ if isinstance(node, EnumNode) else node.values
    table = _Table(node.parse)
    for value in known:
        given = getattr(value, "value", value)
        if isinstance(given, str):
            table[given] = value
    return Inline("CHOICES[{raw}]", {"CHOICES": table})


class _Table(dict[str, Any]):
    """The values by their texts; any other text goes through the parser, which may raise Refused."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        super().__init__()
        self.parse = parse

    def __missing__(self, raw: str) -> Any:
        return self.parse(raw)


def _bounded(node: BuiltinNode, template: Inline) -> Inline | None:
    """`1 <= int(raw) <= 100` as one chained comparison."""
    given = node.constraints.without("strict").given()
    limits = {name: value for name, value in given.items() if name in {"gt", "ge", "lt", "le"}}
    if limits != given or not all(type(limit) is int for limit in limits.values()):
        return None
    if {"gt", "ge"} <= set(limits) or {"lt", "le"} <= set(limits):
        return None
    lower = "".join(form.format(limit=limits[name]) for name, form in _COMPARISONS if name in limits)
    upper = "".join(form.format(limit=limits[name]) for name, form in _UPPER if name in limits)
    condition = f"{lower}(number := {template.template}){upper}"
    return Inline(
        f"(number if {condition} else refuse(number))", {**template.namespace, "refuse": node.check}
    )


def converter(node: ScalarNode) -> Callable[[str], Any]:
    """`node.parse` with the constraints, as one function; raises Refused."""
    parse = node.kind.parse if isinstance(node, BuiltinNode) else node.parse
    if not node.checks:
        return parse
    check = node.check

    def convert(raw: str) -> Any:
        return check(parse(raw))

    return convert
