"""What the whole project declares: which classes are models to rewrite, their fields, and who refers to whom.

Knows: classes, bases, fields and unions over all files. Does not know: how anything is rewritten.
A model that a left-alone class (settings, SQLModel, RootModel) uses as a field stays with Pydantic as well.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.bindings import Bindings, read_bindings
from fasterapi.cli.migrate.fields import Declaration, read_declaration

MAX_REEXPORTS = 10
"""How many modules may hand a name on before the search is given up."""


@dataclass
class Model:
    """A class that descends from `pydantic.BaseModel`; names are qualified, `hooks` says that it checks itself."""

    name: str
    bases: tuple[str, ...]
    fields: dict[str, Declaration] = field(default_factory=dict)
    bindings: Bindings = field(default_factory=lambda: Bindings(""))
    mentions: frozenset[str] = frozenset()
    hooks: bool = False
    has_methods: bool = False


@dataclass
class Source:
    """A parsed file."""

    path: PurePosixPath
    tree: cst.Module
    bindings: Bindings


def module_name(path: PurePosixPath) -> str:
    """`app/models/item.py` → `app.models.item`, `app/__init__.py` → `app`.

    >>> module_name(PurePosixPath("app/models/__init__.py"))
    'app.models'
    """
    parts = [*path.parent.parts, path.stem]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def parse(path: PurePosixPath, content: bytes) -> Source:
    """Parse one file; raises `libcst.ParserSyntaxError` or `UnicodeDecodeError`."""
    tree = cst.parse_module(content)
    return Source(path, tree, read_bindings(tree, module_name(path), is_package=path.name == "__init__.py"))


class ProjectIndex:
    """Every class of the project by qualified name, found through imports and re-exports."""

    def __init__(self, sources: Mapping[PurePosixPath, Source]) -> None:
        self._classes: dict[str, Model] = {}
        self._modules: dict[str, Bindings] = {}
        self.imported: set[tuple[str, str]] = set()
        self.tags: dict[str, tuple[str, str]] = {}
        unions: list[list[str]] = []
        for source in sources.values():
            self._modules[source.bindings.module] = source.bindings
            source.bindings.follow = self.canonical
        for source in sources.values():
            collector = _ClassCollector(source.bindings)
            source.tree.visit(collector)
            self._classes |= collector.classes
            unions += collector.unions
            self.imported |= {
                (target.rpartition(".")[0], target.rpartition(".")[2])
                for target in source.bindings.names.values()
            }
        self._by_last_name: dict[str, list[str]] = {}
        for name in self._classes:
            self._by_last_name.setdefault(name.rpartition(".")[2], []).append(name)
        self._left = self._left_alone()
        self._tag_unions(unions)

    def canonical(self, qualified: str) -> str:
        """The name behind a name: through modules of the project that import it from elsewhere."""
        for _ in range(MAX_REEXPORTS):
            module, _, last = qualified.rpartition(".")
            bindings = self._module(module)
            if bindings is None or last not in bindings.names:
                break
            qualified = bindings.names[last]
        return qualified

    def find(self, qualified: str | None) -> Model | None:
        """The class of that name, however it was imported; None when the project has none."""
        if qualified is None:
            return None
        module, _, last = self.canonical(qualified).rpartition(".")
        for name in self._by_last_name.get(last, ()):
            if _same_module(name.rpartition(".")[0], module):
                return self._classes[name]
        return None

    def has_module(self, name: str) -> bool:
        """Whether the project holds the module."""
        return self._module(name) is not None

    def _module(self, name: str) -> Bindings | None:
        if name in self._modules:
            return self._modules[name]
        return next((b for known, b in self._modules.items() if name and _same_module(known, name)), None)

    def model(self, qualified: str | None) -> Model | None:
        """The model of that name that the codemod rewrites; None for every other class."""
        found = self.find(qualified)
        if found is None or found.name in self._left or not self._descends(found, names.MODEL_BASES):
            return None
        return found

    def is_left_alone(self, qualified: str | None) -> bool:
        """Whether the class keeps Pydantic: settings, SQLModel, `pydantic.v1` and what their fields use."""
        found = self.find(qualified)
        if found is None:
            return qualified is not None and qualified.startswith(names.LEFT_ALONE_BASES)
        return found.name in self._left

    def ancestors(self, model: Model) -> Iterator[Model]:
        """The models that `model` inherits from, nearest first."""
        seen: set[str] = {model.name}
        queue = list(model.bases)
        while queue:
            found = self.find(queue.pop(0))
            if found is not None and found.name not in seen:
                seen.add(found.name)
                queue += found.bases
                yield found

    def all_fields(self, model: Model) -> dict[str, Declaration]:
        """The fields of a model in Pydantic's order, inherited ones first."""
        fields: dict[str, Declaration] = {}
        for ancestor in reversed([model, *self.ancestors(model)]):
            fields |= ancestor.fields
        return {k: f for k, f in fields.items() if not f.is_private and not f.is_class_variable}

    def _descends(self, model: Model, roots: frozenset[str]) -> bool:
        bases = {base for item in [model, *self.ancestors(model)] for base in item.bases}
        return not bases.isdisjoint(roots)

    def _left_alone(self) -> set[str]:
        left = {
            name
            for name, item in self._classes.items()
            if any(
                b.startswith(names.LEFT_ALONE_BASES) for a in [item, *self.ancestors(item)] for b in a.bases
            )
        }
        left = self._with_used_models(left)
        while True:  # a model keeps Pydantic when its base or a field's owner does
            kin = {n for n, m in self._classes.items() if any(a.name in left for a in self.ancestors(m))}
            grown = self._with_used_models(left | kin)
            if grown == left:
                return left
            left = grown

    def _with_used_models(self, left: set[str]) -> set[str]:
        grown, queue = set(left), list(left)
        while queue:
            item = self._classes[queue.pop()]
            for mention in [*item.mentions, *item.bases]:
                found = self.find(mention)
                if found is not None and found.name not in grown and self._descends(found, names.MODEL_BASES):
                    grown.add(found.name)
                    queue.append(found.name)
        return grown

    def _tag_unions(self, unions: list[list[str]]) -> None:
        parents = {a.name for item in self._classes.values() for a in self.ancestors(item)}
        for members in unions:
            models = [self.model(member) for member in members]
            found = [item for item in models if item is not None]
            if len(found) != len(models) or any(item.name in parents for item in found):
                continue
            tag = _common_literal(found)
            if tag is not None and all(self.tags.get(m.name, (tag,))[0] == tag for m in found):
                for item in found:
                    self.tags[item.name] = (tag, item.fields[tag].single_literal or "")


def _same_module(known: str, asked: str) -> bool:
    """Whether two dotted names may mean one module: equal, or one is the other seen from a parent folder."""
    return known == asked or known.endswith("." + asked) or (bool(known) and asked.endswith("." + known))


def _common_literal(models: list[Model]) -> str | None:
    """A required field that every model declares as `Literal` of one value, all values different."""
    for name in models[0].fields:
        declarations = [item.fields.get(name) for item in models]
        values = [d.single_literal for d in declarations if d is not None and d.is_required]
        if len(values) == len(models) == len(set(values)) and None not in values:
            return name
    return None


class _ClassCollector(cst.CSTVisitor):
    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings
        self.classes: dict[str, Model] = {}
        self.unions: list[list[str]] = []
        self._stack: list[str] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._stack.append(node.name.value)
        name = ".".join([self.bindings.module, *self._stack])
        bases = [_base(arg.value) for arg in node.bases if not arg.star]
        model = Model(name, tuple(filter(None, map(self.bindings.resolve, bases))), bindings=self.bindings)
        mentions: set[str] = set()
        for line in node.body.body:
            self._read_member(line, model, mentions)
        model.mentions = frozenset(mentions)
        self.classes[name] = model

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._stack.pop()

    def _read_member(self, line: cst.CSTNode, model: Model, mentions: set[str]) -> None:
        if isinstance(line, cst.SimpleStatementLine):
            for item in line.body:
                if isinstance(item, cst.AnnAssign):
                    declaration = read_declaration(item, self.bindings)
                    if declaration is not None:
                        model.fields[declaration.name] = declaration
                        mentions |= set(mentioned(item.annotation, self.bindings))
        elif isinstance(line, cst.FunctionDef):
            model.has_methods = True
            model.hooks = model.hooks or is_hook(line, self.bindings)

    def visit_Annotation(self, node: cst.Annotation) -> None:
        finder = _UnionFinder(self.bindings)
        node.annotation.visit(finder)
        self.unions += finder.unions

    def visit_Assign(self, node: cst.Assign) -> None:
        if isinstance(node.value, cst.Subscript | cst.BinaryOperation):
            finder = _UnionFinder(self.bindings)
            node.value.visit(finder)
            self.unions += finder.unions


class _UnionFinder(cst.CSTVisitor):
    def __init__(self, bindings: Bindings) -> None:
        self.bindings = bindings
        self.unions: list[list[str]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Subscript | cst.BinaryOperation):
            members = syntax.union_members(node) or []
            resolved = [self.bindings.resolve(m) or "" for m in members if not syntax.is_name(m, "None")]
            if len(resolved) > 1:
                self.unions.append(resolved)
                return False
        return True


HOOKS = frozenset(
    {"pydantic.field_validator", "pydantic.model_validator", "pydantic.validator", "pydantic.root_validator",
     "pydantic.computed_field"}
)  # fmt: skip


def decorator_name(decorator: cst.Decorator, bindings: Bindings) -> str | None:
    """The qualified name of a decorator, called or not."""
    node = decorator.decorator
    return bindings.resolve(node.func if isinstance(node, cst.Call) else node)


def is_hook(node: cst.FunctionDef, bindings: Bindings) -> bool:
    """Whether the method is run by Pydantic when a model is made."""
    if node.name.value in {"model_post_init", "__post_init__"}:
        return True
    return any(decorator_name(item, bindings) in HOOKS for item in node.decorators)


def _base(node: cst.BaseExpression) -> cst.BaseExpression:
    return node.value if isinstance(node, cst.Subscript) else node


def mentioned(node: cst.CSTNode, bindings: Bindings) -> Iterator[str]:
    """The qualified names inside an annotation, quoted ones included."""
    if isinstance(node, cst.SimpleString):
        text = syntax.string_text(node)
        try:
            node = cst.parse_expression(text or "None")
        except cst.ParserSyntaxError:
            return
    if isinstance(node, cst.Name | cst.Attribute):
        resolved = bindings.resolve(node)
        if resolved is not None:
            yield resolved
        return
    for child in node.children:
        yield from mentioned(child, bindings)


def imports_by_name(index: ProjectIndex, bindings: Bindings, name: str) -> bool:
    """Whether another file imports `name` from this module, so that the name must survive here."""
    return any(
        last == name and _same_module(bindings.module, module) for module, last in index.imported if module
    )
