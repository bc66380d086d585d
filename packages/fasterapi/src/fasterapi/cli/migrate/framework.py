"""The FastAPI pass over one file: imports and the renamed classes.

Knows: where FastAPI's and Starlette's names live here. Does not know: models.
Aliases, comments, parentheses and the order of names stay as they were written.
"""

# ruff: noqa: N802 - libcst calls `visit_Name` and passes both nodes

from collections.abc import Sequence
from typing import Any

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.bindings import Bindings, alias_name, dotted
from fasterapi.cli.migrate.index import ProjectIndex, imports_by_name
from fasterapi.cli.migrate.quoted import QuotedAnnotations

ROOTS = frozenset({"fastapi", "starlette"})
PUBLIC = "(public names)"
"""Stands for the root package where its public names are imported; the user chooses how that is spelled."""


def rewrite_framework(tree: cst.Module, bindings: Bindings, index: ProjectIndex, package: str) -> cst.Module:
    """The module on FasterAPI's names; `package` is where public names come from."""
    return tree.visit(_FrameworkPass(bindings, index, package, _exported_strings(tree)))


def _exported_strings(tree: cst.Module) -> set[str]:
    for line in tree.body:
        item = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if isinstance(item, cst.Assign) and syntax.is_name(item.targets[0].target, "__all__"):
            value = syntax.literal(item.value)
            return set(value) if isinstance(value, list | tuple) else set()
    return set()


class _FrameworkPass(QuotedAnnotations):
    def __init__(self, bindings: Bindings, index: ProjectIndex, package: str, exported: set[str]) -> None:
        super().__init__()
        self.bindings = bindings
        self.index = index
        self.package = package
        self.renamed: dict[str, str] = {}
        for local, qualified in bindings.names.items():
            new = names.FRAMEWORK_RENAMES.get(qualified)
            if new is None or local != qualified.rpartition(".")[2]:
                continue
            is_free = new not in bindings.names and new not in bindings.local
            keeps = bindings.is_rebound(local) or local in exported or imports_by_name(index, bindings, local)
            if is_free and not keeps:
                self.renamed[local] = new

    # imports

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> Any:
        reasons: list[str] = []
        parts: list[cst.BaseSmallStatement] = []
        for item in original_node.body:
            if isinstance(item, cst.ImportFrom):
                parts += self._import_from(item, reasons)
            elif isinstance(item, cst.Import):
                parts.append(self._import(item, reasons))
        if not parts:
            return updated_node
        if len(original_node.body) > 1 or len(parts) == 1:
            others = iter(parts)
            body = [
                next(others) if isinstance(i, cst.ImportFrom | cst.Import) else i for i in updated_node.body
            ]
            return syntax.mark(updated_node.with_changes(body=[*body, *others]), reasons)
        first, *rest = (updated_node.with_changes(body=[part]) for part in parts)
        lines = [first, *(line.with_changes(leading_lines=()) for line in rest)]
        lines[0] = syntax.mark(lines[0], reasons)
        for line in range(len(lines) - 1):
            lines[line] = lines[line].with_changes(trailing_whitespace=cst.TrailingWhitespace())
        return cst.FlattenSentinel(lines)

    def _import_from(self, node: cst.ImportFrom, reasons: list[str]) -> list[cst.ImportFrom]:
        module = self.bindings.absolute(node)
        if node.relative or module.partition(".")[0] not in ROOTS:
            reasons += [] if node.relative or self.index.has_module(module) else _foreign(module)
            return [node]
        if isinstance(node.names, cst.ImportStar):
            if module not in names.MODULES:
                reasons.append(f"`{module}` has no counterpart in FasterAPI")
                return [node]
            if module in {"fastapi", "fastapi.applications", "fastapi.routing"}:
                reasons.append("`FastAPI` is `Faster` and `APIRouter` is `FasterRouter`: import by name")
            whole = PUBLIC if module == "fastapi" else names.MODULES[module]
            return [node.with_changes(module=self._module_node(whole))]
        groups: dict[str | None, list[cst.ImportAlias]] = {}
        for alias in node.names:
            groups.setdefault(self._target(module, dotted(alias.name)), []).append(alias)
        result = []
        for target, aliases in groups.items():
            if target is None:
                listed = ", ".join(f"`{module}.{dotted(a.name)}`" for a in aliases)
                reasons.append(f"{listed}: no counterpart in FasterAPI")
            result.append(self._regrouped(node, target, aliases, whole=len(groups) == 1))
        return result

    def _target(self, module: str, name: str) -> str | None:
        """The module here that has the name of that module; None if there is none."""
        if f"{module}.{name}" in names.MOVED_NAMES or (module in ROOTS and name == "status"):
            return PUBLIC
        if module in ROOTS and f"{module}.{name}" in names.MODULES:
            return names.PACKAGE
        if module == "fastapi":
            return None if name.islower() else PUBLIC
        return names.MODULES.get(module)

    def _regrouped(
        self, node: cst.ImportFrom, target: str | None, aliases: Sequence[cst.ImportAlias], *, whole: bool
    ) -> cst.ImportFrom:
        renamed = [a if target is None else self._alias(node, a) for a in aliases]
        if not whole:
            renamed[-1] = renamed[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        module = node.module if target is None else self._module_node(target)
        return node.with_changes(module=module, names=renamed)

    def _alias(self, node: cst.ImportFrom, alias: cst.ImportAlias) -> cst.ImportAlias:
        name = dotted(alias.name)
        new = names.FRAMEWORK_RENAMES.get(f"{self.bindings.absolute(node)}.{name}")
        if new is None:
            return alias
        changed = alias.with_changes(name=cst.Name(new))
        if alias_name(alias) is None and name not in self.renamed:
            return changed.with_changes(asname=cst.AsName(name=cst.Name(name)))
        return changed

    def _import(self, node: cst.Import, reasons: list[str]) -> cst.Import:
        for module in map(dotted, (alias.name for alias in node.names)):
            if module.partition(".")[0] in ROOTS and module not in names.MODULES:
                reasons.append(f"`{module}` has no counterpart in FasterAPI")
            elif not self.index.has_module(module):
                reasons += _foreign(module)
        return node.with_changes(names=[self._moved(alias) for alias in node.names])

    def _moved(self, alias: cst.ImportAlias) -> cst.ImportAlias:
        target = names.MODULES.get(dotted(alias.name))
        return alias if target is None else alias.with_changes(name=self._module_node(target))

    def _module_node(self, module: str) -> cst.BaseExpression:
        return syntax.expression(self.package if module == PUBLIC else module)

    # names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        name = original_node.value
        if name in self.renamed:
            return updated_node.with_changes(value=self.renamed[name])
        if (
            name == "fastapi"
            and self.bindings.names.get(name) == "fastapi"
            and not self.bindings.is_rebound(name)
        ):
            return updated_node.with_changes(value=names.PACKAGE)
        return updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        resolved = self.bindings.resolve(original_node)
        updated_node = updated_node.with_changes(attr=original_node.attr)
        if resolved is None:
            return updated_node
        new = names.FRAMEWORK_RENAMES.get(resolved)
        if new is not None:
            return updated_node.with_changes(attr=cst.Name(new))
        if (
            resolved in names.MODULES
            and resolved.startswith("starlette.")
            and _root(original_node) == "starlette"
        ):
            return self._module_node(names.MODULES[resolved])
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def _root(node: cst.BaseExpression) -> str:
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def _foreign(module: str) -> list[str]:
    root = module.partition(".")[0]
    if root in names.BUILT_ON_FASTAPI or (root.startswith("fastapi_") and root != "fastapi_cli"):
        return [f"`{root}` is built on FastAPI's own classes and cannot serve a FasterAPI application"]
    return []
