"""Small reading and building blocks over libcst nodes that the passes share.

Knows: syntax. Does not know: Pydantic, FastAPI or what a rewrite is for.
"""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import libcst as cst

MARK = "# TODO(fasterapi): "

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement
AnyStatement = TypeVar("AnyStatement", bound=Statement)


def code(node: cst.CSTNode) -> str:
    """The source text of a node."""
    return cst.Module(body=[]).code_for_node(node)


def expression(text: str) -> cst.BaseExpression:
    """The node of an expression."""
    return cst.parse_expression(text)


def statement(text: str) -> Statement:
    """The node of one statement."""
    return cst.parse_statement(text)


def literal(node: cst.BaseExpression | None) -> Any:
    """The value of a literal expression, `...` for an ellipsis, None when it is no literal (or is `None`)."""
    if node is None:
        return None
    try:
        return ast.literal_eval(code(node).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError):
        return None


def is_literal(node: cst.BaseExpression | None) -> bool:
    """Whether the expression is a constant that `ast.literal_eval` reads (None included)."""
    return node is not None and (literal(node) is not None or is_name(node, "None"))


def is_name(node: cst.CSTNode | None, *names: str) -> bool:
    """Whether the node is one of these bare names."""
    return isinstance(node, cst.Name) and node.value in names


def keywords(call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The keyword arguments of a call, `**` ones left out."""
    return {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}


def positionals(call: cst.Call) -> list[cst.BaseExpression]:
    """The plain positional arguments of a call."""
    return [arg.value for arg in call.args if arg.keyword is None and not arg.star]


def has_stars(call: cst.Call) -> bool:
    """Whether the call unpacks a sequence or a mapping."""
    return any(arg.star for arg in call.args)


def slices(node: cst.Subscript) -> list[cst.BaseExpression]:
    """The expressions between the brackets of `X[a, b]`."""
    return [part.slice.value for part in node.slice if isinstance(part.slice, cst.Index)]


def subscript(head: str, parts: Iterable[str]) -> str:
    """The text `head[a, b]`."""
    return f"{head}[{', '.join(parts)}]"


def call_text(function: str, arguments: Mapping[str, str]) -> str:
    """The text `function(a=1, b=2)`."""
    return f"{function}({', '.join(f'{key}={value}' for key, value in arguments.items())})"


def string_text(node: cst.BaseExpression) -> str | None:
    """The value of a string literal."""
    value = literal(node)
    return value if isinstance(value, str) else None


def mark(line: AnyStatement, reasons: Sequence[str]) -> AnyStatement:
    """The statement with one `# TODO(fasterapi): reason` line above it for each reason not yet there."""
    above: Sequence[cst.EmptyLine] = line.leading_lines
    present = {item.comment.value for item in above if item.comment is not None}
    wanted = [MARK + reason for reason in dict.fromkeys(reasons) if MARK + reason not in present]
    if not wanted:
        return line
    added = [cst.EmptyLine(comment=cst.Comment(text)) for text in wanted]
    return cast("AnyStatement", line.with_changes(leading_lines=[*above, *added]))


def union_members(node: cst.BaseExpression) -> list[cst.BaseExpression] | None:
    """The members of `A | B`, `Union[A, B]` or `Optional[A]` (which gives a `None` member); None if it is no union.

    The names `Union` and `Optional` are taken at their word; nobody binds them to anything else.
    """
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.BitOr):
        left = union_members(node.left) or [node.left]
        return [*left, *(union_members(node.right) or [node.right])]
    if not isinstance(node, cst.Subscript):
        return None
    head = code(node.value).rpartition(".")[2]
    if head == "Optional":
        return [*slices(node), cst.Name("None")]
    return slices(node) if head == "Union" else None


def without_blank_start(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """The lines above a statement from the first comment on."""
    found = list(lines)
    while found and found[0].comment is None:
        found.pop(0)
    return found
