"""The Pydantic pass over one file: models become Structs, their users follow.

Knows: which parts of a file mean Pydantic. Does not know: FastAPI's names (`framework` renames those), other files
except through the index.
"""

# ruff: noqa: N802, ARG002 - libcst calls `visit_Name` and passes both nodes

import libcst as cst

from fasterapi.cli.migrate import names, syntax
from fasterapi.cli.migrate.additions import Additions, remove_imports, used_names
from fasterapi.cli.migrate.bindings import Bindings
from fasterapi.cli.migrate.calls import CallRewriter
from fasterapi.cli.migrate.classes import ClassRewriter
from fasterapi.cli.migrate.fields import Limits, constrain, read_annotated, write_field
from fasterapi.cli.migrate.index import ProjectIndex, Source, imports_by_name, mentioned
from fasterapi.cli.migrate.inference import Inference
from fasterapi.cli.migrate.leftovers import mark_remaining, names_of_left_alone_classes, redirect_reexports
from fasterapi.cli.migrate.quoted import QuotedAnnotations

PYDANTIC_HOOKS = frozenset({"__get_pydantic_core_schema__", "__get_validators__"})
ROUTE_METHODS = frozenset({"get", "post", "put", "patch", "delete", "api_route", "websocket"})
VALIDATION_ERRORS = frozenset({"pydantic.ValidationError", "pydantic_core.ValidationError"})


def rewrite_models(source: Source, index: ProjectIndex) -> cst.Module:
    """The module with every model that may be rewritten as a Struct."""
    bindings = source.bindings
    pydantic = {n: q for n, q in bindings.names.items() if q.partition(".")[0] == "pydantic"}
    kept = names_of_left_alone_classes(source, index)
    additions = Additions(bindings, free=[n for n in pydantic if n not in kept])
    before = used_names(source.tree)
    tree = source.tree.visit(_ModelPass(index, bindings, additions, kept))
    after = used_names(tree)
    gone = {n for n in pydantic if (n in before and n not in after) or n in additions.claimed}
    reexported = {n for n in pydantic if imports_by_name(index, bindings, n)}
    tree = remove_imports(additions.insert_into(tree), bindings, gone - reexported)
    return mark_remaining(redirect_reexports(tree, bindings, reexported - kept), bindings, kept)


class _ModelPass(QuotedAnnotations):
    def __init__(self, index: ProjectIndex, bindings: Bindings, additions: Additions, kept: set[str]) -> None:
        super().__init__()
        self.index = index
        self.bindings = bindings
        self.additions = additions
        self.kept = kept
        self.inference = Inference(index, bindings)
        self.calls = CallRewriter(index, bindings, additions, self.inference)
        self.classes: list[str] = []
        self.pending: list[list[str]] = [[]]

    # scopes

    def visit_Module(self, node: cst.Module) -> None:
        self.inference.enter_module(node)

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        qualified = ".".join([self.bindings.module, *self.classes, node.name.value])
        if self.index.is_left_alone(qualified):
            return False
        self.classes.append(node.name.value)
        self.calls.inside_models += self.index.model(qualified) is not None
        return True

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        qualified = ".".join([self.bindings.module, *self.classes, original_node.name.value])
        if self.index.is_left_alone(qualified):
            return original_node
        qualified = ".".join([self.bindings.module, *self.classes])
        self.classes.pop()
        model = self.index.model(qualified)
        if model is None:
            return updated_node
        self.calls.inside_models -= 1
        return ClassRewriter(model, self.index, self.additions, self).rewrite(original_node, updated_node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.pending.append([])
        owner = self.index.model(".".join([self.bindings.module, *self.classes])) if self.classes else None
        self.inference.enter(node, owner)

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef:
        self.inference.leave()
        reasons = self.pending.pop()
        if original_node.name.value in PYDANTIC_HOOKS:
            reasons.append("Pydantic's hook is not run: use `fasterapi.validation.register_type`")
        return syntax.mark(updated_node, [*reasons, *self._left_alone_in_route(original_node)])

    def _left_alone_in_route(self, node: cst.FunctionDef) -> list[str]:
        """A route whose parameters or answer are models of another library, which the framework cannot read."""
        calls = [d.decorator for d in node.decorators if isinstance(d.decorator, cst.Call)]
        routes = [
            c for c in calls if isinstance(c.func, cst.Attribute) and c.func.attr.value in ROUTE_METHODS
        ]
        if not routes:
            return []
        every = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
        annotations: list[cst.CSTNode] = [
            p.annotation for p in every if p.annotation is not None and not _is_injected(p)
        ]
        annotations += [node.returns] if node.returns is not None else []
        annotations += [m for c in routes if (m := syntax.keywords(c).get("response_model")) is not None]
        found = {
            name
            for annotation in annotations
            for name in mentioned(annotation, self.bindings)
            if self.index.is_left_alone(name) and self.index.find(name) is not None
        }
        return [
            f"`{name.rpartition('.')[2]}` is no Struct: a route cannot read or write it"
            for name in sorted(found)
        ]

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        self.pending.append([])

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        reasons = self.pending.pop()
        return syntax.mark(updated_node, reasons) if updated_node.body else cst.RemoveFromParent()

    # what must not be touched

    def visit_Import(self, node: cst.Import) -> bool:
        return False

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    # expressions

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        if self.bindings.is_rebound(original_node.value):
            return updated_node
        return self._translated(self.bindings.names.get(original_node.value)) or updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        translated = self._translated(self.bindings.resolve(original_node))
        if translated is not None:
            return translated
        attribute = original_node.attr.value
        if attribute in {"model_fields_set", "__fields_set__"}:
            return self._fields_set(updated_node)
        if attribute in {"model_fields", "__fields__"} and self._is_model_or_class(original_node.value):
            self.pending[-1].append(
                f"`{attribute}`: see `msgspec.structs.fields(...)` for what a Struct knows"
            )
        return updated_node.with_changes(attr=original_node.attr)

    def _is_model_or_class(self, node: cst.BaseExpression) -> bool:
        known = self.index.model(self.bindings.resolve(node)) or self.inference.instance(node)
        return known is not None

    def _fields_set(self, node: cst.Attribute) -> cst.BaseExpression:
        function = self.additions.name(f"{names.PACKAGE}.compat", "fields_set")
        return cst.Call(cst.Name(function), [cst.Arg(node.value)])

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(name=original_node.name)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        super().leave_Subscript(original_node, updated_node)
        declaration = read_annotated(updated_node, self.bindings)
        if declaration is None:
            return updated_node
        return write_field(declaration, self.additions).annotation

    def _translated(self, qualified: str | None) -> cst.BaseExpression | None:
        """The expression that stands for a name of Pydantic; None where it means nothing to this pass."""
        if qualified is None or not qualified.startswith("pydantic"):
            return None
        if qualified in names.MODEL_BASES:
            return syntax.expression(f"{self.additions.module('msgspec')}.Struct")
        if qualified in VALIDATION_ERRORS:
            return cst.Name(self.additions.name(f"{names.PACKAGE}.compat", "ValidationError"))
        if qualified in names.CONSTRAINED_TYPES:
            base, limits = names.CONSTRAINED_TYPES[qualified]
            return constrain(cst.Name(base), Limits(native=dict(limits)), self.additions)
        if qualified in names.AWARENESS:
            return self._aware(names.AWARENESS[qualified])
        if qualified in names.PLAIN_TYPES:
            return syntax.expression(names.PLAIN_TYPES[qualified])
        if qualified == "pydantic.dataclasses.dataclass":
            return cst.Name(self.additions.name("dataclasses", "dataclass"))
        last = qualified.rpartition(".")[2]
        if last in names.COMPAT_TYPES:
            return cst.Name(self.additions.name(f"{names.PACKAGE}.compat", last))
        return None

    def _aware(self, flag: str) -> cst.BaseExpression:
        annotated = self.additions.name("typing", "Annotated")
        datetime = self.additions.name("datetime", "datetime")
        return syntax.expression(
            f"{annotated}[{datetime}, {self.additions.module('msgspec')}.Meta(tz={flag})]"
        )

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        super().leave_Call(original_node, updated_node)
        resolved = self.bindings.resolve(original_node.func)
        if resolved in names.CONSTRAINED_CALLS:
            return self._constrained_call(updated_node, names.CONSTRAINED_CALLS[resolved or ""])
        new = self.calls.rewrite(original_node, updated_node)
        self.pending[-1] += self.calls.todos
        self.calls.todos.clear()
        return new

    def _constrained_call(self, call: cst.Call, base: str) -> cst.BaseExpression:
        annotation: cst.BaseExpression = cst.Name(base)
        if base in {"list", "set", "frozenset"}:
            items = syntax.positionals(call) or [syntax.keywords(call).get("item_type", cst.Name("object"))]
            annotation = syntax.expression(f"{base}[{syntax.code(items[0])}]")
        limits = Limits()
        for name, value in syntax.keywords(call).items():
            if name in names.META_CONSTRAINTS and not syntax.is_name(value, "None"):
                limits.native[names.META_CONSTRAINTS[name]] = syntax.code(value)
            elif name not in {"strict", "item_type"}:
                self.pending[-1].append(
                    f"`{name}={syntax.code(value)}` of a constrained type has no counterpart"
                )
        return constrain(annotation, limits, self.additions)

    def leave_Expr(self, original_node: cst.Expr, updated_node: cst.Expr) -> cst.Expr | cst.RemovalSentinel:
        is_gone = isinstance(original_node.value, cst.Call) and syntax.is_name(updated_node.value, "None")
        return cst.RemoveFromParent() if is_gone else updated_node

    # places that wait for a validation error

    def visit_With(self, node: cst.With) -> None:
        self.calls.expects_validation += self._expects(node)

    def leave_With(self, original_node: cst.With, updated_node: cst.With) -> cst.With:
        self.calls.expects_validation -= self._expects(original_node)
        return updated_node

    def visit_Try_body(self, node: cst.Try) -> None:
        self.calls.expects_validation += self._catches(node)

    def leave_Try_body(self, node: cst.Try) -> None:
        self.calls.expects_validation -= self._catches(node)

    def _expects(self, node: cst.With) -> bool:
        return any(self._mentions_error(item.item) for item in node.items)

    def _catches(self, node: cst.Try) -> bool:
        return any(
            handler.type is not None and self._mentions_error(handler.type) for handler in node.handlers
        )

    def _mentions_error(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Name | cst.Attribute):
            return self.bindings.resolve(node) in VALIDATION_ERRORS | {"ValueError"}
        return any(self._mentions_error(child) for child in node.children)


def _is_injected(parameter: cst.Param) -> bool:
    """Whether the value comes from `Depends`: a settings object, not something read from the request."""
    parts = [parameter.default, None if parameter.annotation is None else parameter.annotation.annotation]
    texts = [syntax.code(part) for part in parts if part is not None]
    return any("Depends(" in text or "Security(" in text for text in texts)
