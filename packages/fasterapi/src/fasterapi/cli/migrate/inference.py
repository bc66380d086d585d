"""Which variables hold instances of models: read off annotations, constructor calls and loops.

Knows: one function scope at a time. Does not know: control flow; a variable that is bound to two different
things in one function counts as unknown.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

from dataclasses import dataclass, field

import libcst as cst

from fasterapi.cli.migrate import syntax
from fasterapi.cli.migrate.bindings import Bindings
from fasterapi.cli.migrate.index import Model, ProjectIndex

SEQUENCES = frozenset({"list", "List", "Sequence", "set", "Set", "tuple", "Iterable", "frozenset"})


@dataclass
class Scope:
    """The variables of one function (or module): name → model; `many` those that hold sequences of a model."""

    one: dict[str, Model | None] = field(default_factory=dict)
    many: dict[str, Model] = field(default_factory=dict)

    def bind(self, name: str, model: Model | None) -> None:
        """Note what a name is bound to; a second, different meaning makes it unknown."""
        if name in self.one and self.one[name] is not model:
            model = None
        self.one[name] = model


class Inference:
    """A stack of scopes over one file."""

    def __init__(self, index: ProjectIndex, bindings: Bindings) -> None:
        self.index = index
        self.bindings = bindings
        self.scopes: list[Scope] = [Scope()]

    def enter(self, node: cst.FunctionDef, owner: Model | None) -> None:
        """Begin a function; `owner` is the model whose method it is."""
        scope = Scope()
        parameters = node.params
        every = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
        for parameter in every:
            if parameter.annotation is not None:
                self._bind(scope, parameter.name.value, parameter.annotation.annotation)
            else:
                scope.bind(parameter.name.value, None)
        is_static = any(syntax.code(d.decorator) in {"classmethod", "staticmethod"} for d in node.decorators)
        if owner is not None and every and not is_static and every[0].name.value == "self":
            scope.one["self"] = owner
        self.scopes.append(scope)
        node.body.visit(_Assignments(self, scope))

    def enter_module(self, tree: cst.Module) -> None:
        """Read the module's own variables."""
        tree.visit(_Assignments(self, self.scopes[0]))

    def leave(self) -> None:
        """End a function."""
        self.scopes.pop()

    def _bind(self, scope: Scope, name: str, annotation: cst.BaseExpression) -> None:
        model, is_many = self.annotated(annotation)
        if is_many and model is not None:
            scope.many[name] = model
        else:
            scope.bind(name, model)

    def annotated(self, annotation: cst.BaseExpression) -> tuple[Model | None, bool]:
        """The model that an annotation means, and whether it means many of them."""
        members = syntax.union_members(annotation)
        if members is not None:
            members = [m for m in members if not syntax.is_name(m, "None")]
            return self.annotated(members[0]) if len(members) == 1 else (None, False)
        if isinstance(annotation, cst.SimpleString):
            text = syntax.string_text(annotation) or "None"
            return (
                (self.index.model(self.bindings.resolve(cst.Name(text))), False)
                if text.isidentifier()
                else (None, False)
            )
        if isinstance(annotation, cst.Subscript):
            head = syntax.code(annotation.value).rpartition(".")[2]
            inner = syntax.slices(annotation)
            if head == "Annotated" and inner:
                return self.annotated(inner[0])
            if head in SEQUENCES and inner:
                return self.annotated(inner[0])[0], True
            annotation = annotation.value
        return self.index.model(self.bindings.resolve(annotation)), False

    def instance(self, node: cst.BaseExpression) -> Model | None:
        """The model that an expression is an instance of, if that is certain."""
        if isinstance(node, cst.Name):
            for scope in reversed(self.scopes):
                if node.value in scope.one:
                    return scope.one[node.value]
            return None
        if isinstance(node, cst.Await):
            return None
        if isinstance(node, cst.Call):
            return self.constructed(node)
        if isinstance(node, cst.Attribute):
            owner = self.instance(node.value)
            declaration = None if owner is None else self.index.all_fields(owner).get(node.attr.value)
            if owner is not None and declaration is not None:
                return Inference(self.index, owner.bindings).annotated(declaration.annotation)[0]
        return None

    def constructed(self, call: cst.Call) -> Model | None:
        """The model that a call makes: `Item(...)`, `Item[int](...)`, `Item.model_validate(...)`."""
        function = call.func
        if isinstance(function, cst.Attribute) and function.attr.value in MAKERS:
            function = function.value
        if isinstance(function, cst.Subscript):
            function = function.value
        return self.index.model(self.bindings.resolve(function))

    def items(self, node: cst.BaseExpression) -> Model | None:
        """The model of the items of a sequence."""
        if isinstance(node, cst.Name):
            for scope in reversed(self.scopes):
                if node.value in scope.many:
                    return scope.many[node.value]
        if isinstance(node, cst.Attribute):
            owner = self.instance(node.value)
            declaration = None if owner is None else self.index.all_fields(owner).get(node.attr.value)
            if owner is not None and declaration is not None:
                model, is_many = Inference(self.index, owner.bindings).annotated(declaration.annotation)
                return model if is_many else None
        return None


MAKERS = frozenset(
    {"model_validate", "parse_obj", "model_validate_json", "parse_raw", "from_orm", "model_construct"}
)


class _Assignments(cst.CSTVisitor):
    """Reads the bindings of one scope; nested functions have their own."""

    def __init__(self, inference: Inference, scope: Scope) -> None:
        self.inference = inference
        self.scope = scope

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def visit_Assign(self, node: cst.Assign) -> None:
        for target in node.targets:
            if isinstance(target.target, cst.Name):
                self.scope.bind(target.target.value, self.inference.instance(node.value))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        if isinstance(node.target, cst.Name):
            self.inference._bind(self.scope, node.target.value, node.annotation.annotation)

    def visit_For(self, node: cst.For) -> None:
        if isinstance(node.target, cst.Name):
            self.scope.bind(node.target.value, self.inference.items(node.iter))

    def visit_CompFor(self, node: cst.CompFor) -> None:
        if isinstance(node.target, cst.Name):
            self.scope.bind(node.target.value, self.inference.items(node.iter))
