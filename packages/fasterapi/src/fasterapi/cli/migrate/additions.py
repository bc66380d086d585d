"""Imports that a rewrite needs, and imports that it leaves without a user.

Knows: where an import statement belongs in a file and which local name is free. Does not know: why it is needed.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

import re
from collections.abc import Iterable
from typing import Any

import libcst as cst

from fasterapi.cli.migrate import syntax
from fasterapi.cli.migrate.bindings import Bindings, alias_name, dotted

MAX_LINE = 88


class Additions:
    """Collects the imports that new code asks for; `free` names are bound now but will not be any more."""

    def __init__(self, bindings: Bindings, free: Iterable[str] = ()) -> None:
        self._bindings = bindings
        self._taken = (set(bindings.names) | bindings.local) - set(free)
        self._wanted: dict[tuple[str, str | None], str] = {}

    @property
    def claimed(self) -> set[str]:
        """The local names that the wanted imports bind."""
        return set(self._wanted.values())

    def module(self, name: str) -> str:
        """The local name of the module `name`, imported whole."""
        return self._local(name, None, name)

    def name(self, module: str, name: str) -> str:
        """The local name of `name` imported from `module`."""
        return self._local(module, name, name)

    def _local(self, module: str, name: str | None, wish: str) -> str:
        key = (module, name)
        if key not in self._wanted:
            qualified = module if name is None else f"{module}.{name}"
            present = [local for local, target in self._bindings.names.items() if target == qualified]
            if name == "Annotated" and not present:
                present = [k for k, v in self._bindings.names.items() if v == "typing_extensions.Annotated"]
            if present:
                return present[0]
            while wish in self._taken:
                wish += "_"
            self._taken.add(wish)
            self._wanted[key] = wish
        return self._wanted[key]

    def insert_into(self, tree: cst.Module) -> cst.Module:
        """The module with the wanted imports: joined to a line that has the module already, else as new lines
        before the first import of a web framework or of Pydantic (or after the docstring).
        """
        body = list(tree.body)
        names: dict[str, list[tuple[str, str]]] = {}
        lines: list[str] = []
        for (module, name), local in self._wanted.items():
            if name is None:
                lines.append(f"import {module}" if local == module else f"import {module} as {local}")
            else:
                names.setdefault(module, []).append((name, local))
        for module, pairs in names.items():
            if not _extend_present(body, module, sorted(pairs)):
                lines.append(_from_line(module, [n if n == k else f"{n} as {k}" for n, k in sorted(pairs)]))
        if lines:
            _insert(body, [syntax.statement(line) for line in sorted(lines, key=_sorting)])
        return tree.with_changes(body=body)


def _from_line(module: str, parts: list[str]) -> str:
    line = f"from {module} import {', '.join(parts)}"
    if len(line) <= MAX_LINE:
        return line
    return f"from {module} import (\n" + "".join(f"    {part},\n" for part in parts) + ")"


def _sorting(line: str) -> tuple[bool, bool, str]:
    is_standard = line.startswith(("from typing", "from datetime", "from dataclasses"))
    return not is_standard, not line.startswith("import"), line


def _insert(body: list[Any], new: list[Any]) -> None:
    """Insert the lines; the first takes over the blank lines and comments of the line that it comes before."""
    position = _position(body)
    if position < len(body) and isinstance(body[position], cst.SimpleStatementLine):
        new[0] = new[0].with_changes(leading_lines=body[position].leading_lines)
        body[position] = body[position].with_changes(leading_lines=())
    body[position:position] = new


def _extend_present(body: list[Any], module: str, pairs: list[tuple[str, str]]) -> bool:
    for index, line in enumerate(body):
        node = _single_import_from(line)
        if node is None or node.relative or node.module is None or dotted(node.module) != module:
            continue
        body[index] = line.with_changes(body=[_with_names(node, pairs)])
        return True
    return False


def _single_import_from(line: cst.CSTNode) -> cst.ImportFrom | None:
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        node = line.body[0]
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            return node
    return None


def _with_names(node: cst.ImportFrom, pairs: list[tuple[str, str]]) -> cst.ImportFrom:
    names = list(node.names) if not isinstance(node.names, cst.ImportStar) else []
    last = names[-1]
    separator = names[0].comma if len(names) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    trailing = last.comma
    names[-1] = last.with_changes(comma=separator)
    for name, local in pairs:
        asname = None if name == local else cst.AsName(name=cst.Name(local))
        names.append(cst.ImportAlias(name=cst.Name(name), asname=asname, comma=separator))
    names[-1] = names[-1].with_changes(comma=trailing)
    return node.with_changes(names=names)


def _position(body: list[Any]) -> int:
    """Before the first import that is not of `__future__` or the standard library as far as one can tell."""
    after = 0
    for index, line in enumerate(body):
        if not isinstance(line, cst.SimpleStatementLine):
            continue
        node = line.body[0]
        if index == 0 and isinstance(node, cst.Expr) and isinstance(node.value, cst.SimpleString):
            after = 1
        if isinstance(node, cst.ImportFrom) and node.module is not None and not node.relative:
            module = dotted(node.module)
            if module == "__future__":
                after = index + 1
            elif module.partition(".")[0] in _THIRD_PARTY:
                return index
        if isinstance(node, cst.Import) and dotted(node.names[0].name).partition(".")[0] in _THIRD_PARTY:
            return index
    return after


_THIRD_PARTY = frozenset({"fastapi", "pydantic", "starlette", "fasterapi", "FasterAPI", "msgspec"})


class _Usage(cst.CSTVisitor):
    """Counts the names that code mentions: bare names, and words of string annotations and of `__all__`."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def visit_Name(self, node: cst.Name) -> None:
        self.names.add(node.value)

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        node.value.visit(self)
        return False

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        if len(node.value) < 200:
            self.names.update(re.findall(r"[A-Za-z_]\w*", node.value))


def used_names(tree: cst.CSTNode) -> set[str]:
    """Every name that the code mentions outside its import statements."""
    usage = _Usage()
    tree.visit(usage)
    return usage.names


class _Remover(cst.CSTTransformer):
    def __init__(self, bindings: Bindings, gone: set[str]) -> None:
        self.bindings = bindings
        self.gone = gone

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        if not self.bindings.absolute(original_node).startswith("pydantic"):
            return updated_node
        kept = [a for a in updated_node.names if (alias_name(a) or dotted(a.name)) not in self.gone]
        if not kept:
            return cst.RemoveFromParent()
        if len(kept) < len(updated_node.names):
            kept[-1] = kept[-1].with_changes(comma=updated_node.names[-1].comma)
        return updated_node.with_changes(names=kept)

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        kept = [a for a in updated_node.names if not self._is_gone(a)]
        if not kept:
            return cst.RemoveFromParent()
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated_node.with_changes(names=kept)

    def _is_gone(self, alias: cst.ImportAlias) -> bool:
        name = dotted(alias.name)
        local = alias_name(alias) or name.partition(".")[0]
        return name.partition(".")[0] == "pydantic" and local in self.gone

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        return updated_node if updated_node.body else cst.RemoveFromParent()

    def leave_IndentedBlock(
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        if len(original_node.body) == len(updated_node.body):
            return updated_node
        first, *rest = updated_node.body or (syntax.statement("pass"),)
        leading = syntax.without_blank_start(getattr(first, "leading_lines", ()))
        return updated_node.with_changes(body=[first.with_changes(leading_lines=leading), *rest])


def remove_imports(tree: cst.Module, bindings: Bindings, gone: set[str]) -> cst.Module:
    """Take the Pydantic imports of these local names out, whole statements where nothing is left.

    Comments above a removed statement move to the next one.
    """
    if not gone:
        return tree
    body: list[Any] = []
    carried: list[cst.EmptyLine] = []
    for line in tree.body:
        new: Any = line.visit(_Remover(bindings, gone))
        if isinstance(new, cst.RemovalSentinel):
            carried += [item for item in line.leading_lines if item.comment is not None]
            continue
        if carried:
            new = new.with_changes(leading_lines=[*carried, *new.leading_lines])
            carried = []
        body.append(new)
    return tree.with_changes(body=body)
