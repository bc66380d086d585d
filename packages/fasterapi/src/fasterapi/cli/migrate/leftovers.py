"""What of Pydantic stays in a file: names that left-alone classes need, names that are handed on, the rest marked.

Knows: import statements of Pydantic. Does not know: how a model is rewritten.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

from typing import Any

import libcst as cst

from fasterapi.cli.migrate import syntax
from fasterapi.cli.migrate.additions import used_names
from fasterapi.cli.migrate.bindings import Bindings, alias_name, dotted
from fasterapi.cli.migrate.index import ProjectIndex, Source


def names_of_left_alone_classes(source: Source, index: ProjectIndex) -> set[str]:
    """Names that left-alone classes of the file mention; their imports stay."""
    finder = _LeftAloneFinder(index, source.bindings)
    source.tree.visit(finder)
    return finder.names


class _LeftAloneFinder(cst.CSTVisitor):
    def __init__(self, index: ProjectIndex, bindings: Bindings) -> None:
        self.index = index
        self.bindings = bindings
        self.names: set[str] = set()

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        if self.index.is_left_alone(f"{self.bindings.module}.{node.name.value}"):
            self.names |= used_names(node)
            return False
        return True


class _Redirect(cst.CSTTransformer):
    """Lets a name that is handed on keep its name and mean what it means here."""

    def __init__(self, bindings: Bindings, exported: set[str]) -> None:
        super().__init__()
        self.bindings = bindings
        self.exported = exported

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        node = updated_node.body[0]
        if not isinstance(node, cst.ImportFrom) or isinstance(node.names, cst.ImportStar):
            return updated_node
        moved = {}
        for alias in node.names:
            local = alias_name(alias) or dotted(alias.name)
            target = _REEXPORTS.get(self.bindings.names.get(local, ""))
            if local in self.exported and target is not None:
                moved[local] = target
        if not moved:
            return updated_node
        lines = [
            syntax.statement(f"from {module} import {name} as {k}") for k, (module, name) in moved.items()
        ]
        left = [a for a in node.names if (alias_name(a) or dotted(a.name)) not in moved]
        lines[0] = lines[0].with_changes(leading_lines=updated_node.leading_lines)
        if left:
            left[-1] = left[-1].with_changes(comma=node.names[-1].comma)
            lines.append(updated_node.with_changes(body=[node.with_changes(names=left)], leading_lines=()))
        return cst.FlattenSentinel(lines)


_REEXPORTS = {
    "pydantic.BaseModel": ("msgspec", "Struct"),
    "pydantic.ValidationError": ("fasterapi.compat", "ValidationError"),
}


def redirect_reexports(tree: cst.Module, bindings: Bindings, exported: set[str]) -> cst.Module:
    return tree.visit(_Redirect(bindings, exported)) if exported else tree


def mark_remaining(tree: cst.Module, bindings: Bindings, kept: set[str]) -> cst.Module:
    """Mark the imports of Pydantic whose names code outside left-alone classes still uses."""
    return tree.visit(_RemainingMarker(bindings, kept))


class _RemainingMarker(cst.CSTTransformer):
    def __init__(self, bindings: Bindings, kept: set[str]) -> None:
        self.bindings = bindings
        self.kept = kept

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine:
        reasons = []
        for item in original_node.body:
            left = self._left(item) if isinstance(item, cst.ImportFrom) else ""
            if left:
                reasons.append(f"{left} of Pydantic: no counterpart, still Pydantic's")
        return syntax.mark(updated_node, reasons)

    def _left(self, node: cst.ImportFrom) -> str:
        module = self.bindings.absolute(node)
        if module.partition(".")[0] != "pydantic" or "v1" in module or isinstance(node.names, cst.ImportStar):
            return ""
        found = [dotted(a.name) for a in node.names if (alias_name(a) or dotted(a.name)) not in self.kept]
        return ", ".join(f"`{name}`" for name in found if name not in _HARMLESS)


_HARMLESS = frozenset(
    {"BaseSettings", "v1", "field_validator", "model_validator", "validator", "root_validator", "field_serializer",
     "model_serializer"}
)  # fmt: skip
"""Names that need no mark at the import: their uses are marked one by one."""
