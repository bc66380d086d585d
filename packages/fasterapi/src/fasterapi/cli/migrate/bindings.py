"""What a name in a module means: local name → qualified name, from the import statements alone.

Knows: imports, relative ones included, and which names are also bound by something else. Does not know: scopes;
a name that means two things in one file is reported as `rebound`, and callers then keep it.
"""

# ruff: noqa: N802 - libcst calls `visit_Name` and passes both nodes

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import libcst as cst


@dataclass
class Bindings:
    """The imported names of one module. `module` is its own dotted name, `is_package` true for `__init__.py`."""

    module: str
    is_package: bool = False
    names: dict[str, str] = field(default_factory=dict)
    local: set[str] = field(default_factory=set)
    stars: set[str] = field(default_factory=set)
    follow: Callable[[str], str] = str

    def resolve(self, node: cst.CSTNode | None) -> str | None:
        """The qualified name of a `Name` or dotted `Attribute`; None for anything else.

        Builtins resolve to themselves, classes of the module to `module.Name`; `follow` goes through the modules
        of the project that only hand a name on.
        """
        if isinstance(node, cst.Name):
            if node.value in self.names:
                return self.follow(self.names[node.value])
            return f"{self.module}.{node.value}" if node.value in self.local else node.value
        if isinstance(node, cst.Attribute):
            owner = self.resolve(node.value)
            return None if owner is None else self.follow(f"{owner}.{node.attr.value}")
        return None

    def is_rebound(self, name: str) -> bool:
        """Whether `name` is imported and also assigned, defined or used as a parameter somewhere in the file."""
        return name in self.local and name in self.names

    def absolute(self, node: cst.ImportFrom) -> str:
        """The module that an import statement names, relative ones resolved against this module."""
        named = dotted(node.module) if node.module is not None else ""
        level = len(node.relative)
        if not level:
            return named
        parts = self.module.split(".")
        parts = parts[: len(parts) - level + (1 if self.is_package else 0)]
        return ".".join([*parts, named] if named else parts)


def dotted(node: cst.BaseExpression) -> str:
    """The text of a dotted name."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def alias_name(alias: cst.ImportAlias) -> str | None:
    """The name after `as`, if there is one."""
    if alias.asname is None or not isinstance(alias.asname.name, cst.Name):
        return None
    return alias.asname.name.value


class _Collector(cst.CSTVisitor):
    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings

    def visit_Import(self, node: cst.Import) -> bool:
        for alias in node.names:
            name = dotted(alias.name)
            local = alias_name(alias)
            if local is not None:
                self.bindings.names[local] = name
            else:
                root = name.partition(".")[0]
                self.bindings.names[root] = root
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        module = self.bindings.absolute(node)
        if isinstance(node.names, cst.ImportStar):
            self.bindings.stars.add(module)
            return False
        for alias in node.names:
            name = dotted(alias.name)
            self.bindings.names[alias_name(alias) or name] = f"{module}.{name}"
        return False

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self.bindings.local.update(_target_names(node.target))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self.bindings.local.update(_target_names(node.target))

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self.bindings.local.update(_target_names(node.target))

    def visit_For(self, node: cst.For) -> None:
        self.bindings.local.update(_target_names(node.target))

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self.bindings.local.update(_target_names(node.target))

    def visit_AsName(self, node: cst.AsName) -> None:
        self.bindings.local.update(_target_names(node.name))

    def visit_Param(self, node: cst.Param) -> None:
        self.bindings.local.add(node.name.value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.bindings.local.add(node.name.value)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.bindings.local.add(node.name.value)


def _target_names(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Tuple | cst.List):
        for element in node.elements:
            yield from _target_names(element.value)


def read_bindings(tree: cst.Module, module: str, *, is_package: bool = False) -> Bindings:
    r"""Collect the bindings of a whole file.

    >>> tree = cst.parse_module("from fastapi import FastAPI as F\nimport starlette.status")
    >>> read_bindings(tree, "main").names
    {'F': 'fastapi.FastAPI', 'starlette': 'starlette'}
    """
    bindings = Bindings(module, is_package)
    tree.visit(_Collector(bindings))
    return bindings
