"""Annotations in quotes are code too.

Knows: where a string is an annotation. Does not know: what is to be changed in it; that is the subclass' business.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

import libcst as cst

from fasterapi.cli.migrate import syntax


class QuotedAnnotations(cst.CSTTransformer):
    """A transformer that also works inside string annotations, but not on the values of `Literal[...]`."""

    def __init__(self) -> None:
        super().__init__()
        self._annotations = 0
        self._literals = 0

    def visit_Annotation(self, node: cst.Annotation) -> None:
        self._annotations += 1

    def leave_Annotation(self, original_node: cst.Annotation, updated_node: cst.Annotation) -> cst.Annotation:
        self._annotations -= 1
        return updated_node

    def visit_Subscript(self, node: cst.Subscript) -> None:
        self._literals += _is_literal(node)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        self._literals -= _is_literal(original_node)
        return updated_node

    def visit_Call(self, node: cst.Call) -> None:
        # `Annotated[str, Query(description="...")]`: the arguments of a call are values, not annotations.
        self._literals += 1

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        self._literals -= 1
        return updated_node

    def leave_SimpleString(
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.BaseExpression:
        text = syntax.string_text(original_node)
        if not self._annotations or self._literals or not text:
            return updated_node
        try:
            parsed = cst.parse_expression(text)
        except cst.ParserSyntaxError:
            return updated_node
        changed = parsed.visit(self)
        if not isinstance(changed, cst.BaseExpression) or changed.deep_equals(parsed):
            return updated_node
        quote = original_node.quote
        return updated_node.with_changes(value=f"{quote}{syntax.code(changed)}{quote}")


def _is_literal(node: cst.Subscript) -> bool:
    return syntax.code(node.value).rpartition(".")[2] == "Literal"
